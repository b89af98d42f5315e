"""Runs one command inside a box, for a model that wants to see what it says: its output to the report pipe, head and tail.

Standard input: ``{"argv", "stdin", "path", "environment", "seconds", "most"}``; the report: one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

FD_VARIABLE = "MENDBOX_REPORT_FD"


class Kept:
    """The first and the last half of *most* bytes."""

    def __init__(self, most: int) -> None:
        self.half = most // 2
        self.head = b""
        self.tail = b""
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self.half - len(self.head)
        self.head += data[:room] if room > 0 else b""
        self.tail = (self.tail + (data[room:] if room > 0 else data))[-self.half :]


def run(asked: dict) -> dict:  # type: ignore[type-arg]  # what it is, the caller's model says
    """What became of the command."""
    environment = {**os.environ, **asked["environment"]}
    environment["PYTHONPATH"] = os.pathsep.join(asked["path"])
    tools = str(Path(__file__).resolve().parent)
    argv = [sys.executable, *(word.replace("{tools}", tools) for word in asked["argv"][1:])]
    child = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    kept = Kept(asked["most"])

    def listen() -> None:
        while data := os.read(child.stdout.fileno(), 65_536):  # type: ignore[union-attr]  # it is a pipe
            kept.add(data)

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    late = False
    with contextlib.suppress(OSError):  # it may end without reading
        child.stdin.write(asked["stdin"].encode())  # type: ignore[union-attr]  # as above
        child.stdin.close()  # type: ignore[union-attr]  # as above
    try:
        child.wait(asked["seconds"])
    except subprocess.TimeoutExpired:
        late = True
    # what it started and left behind holds the pipe
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    listening.join(1.0)
    return {
        "late": late,
        "exit_code": child.returncode,
        "head": kept.head.decode("utf-8", "replace"),
        "tail": kept.tail.decode("utf-8", "replace"),
        "left_out": kept.total - len(kept.head) - len(kept.tail),
    }


def main() -> None:
    """Answer one question."""
    pipe = int(os.environ.pop(FD_VARIABLE))
    told = json.dumps(run(json.load(sys.stdin))) + "\n"
    with os.fdopen(pipe, "w", encoding="utf-8") as report:
        report.write(told)


if __name__ == "__main__":
    main()

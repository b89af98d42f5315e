"""The server as a child process: nothing but the protocol on stdout, and an end that leaves nothing behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.server.conftest import ROOT
from tests.server.double import BROKEN, ENDLESS, TESTS

PATIENCE = 120
"""Seconds until a process is taken for hanging."""
START = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}},
}
STARTED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


class Child:
    """The process, and what it wrote."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def call(self, tool: str, **arguments: str) -> None:
        params = {"name": tool, "arguments": arguments, "_meta": {"progressToken": 7}}
        self.send({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})

    def ended(self) -> tuple[list[dict[str, Any]], str]:
        """The rest of stdout, and stderr."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return [json.loads(line) for line in out.splitlines()], err


@contextmanager
def child(*arguments: str) -> Iterator[Child]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.rehearsal", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Child(process)
        finally:
            process.kill()


@pytest.fixture
def served() -> Iterator[Child]:
    with child() as server:
        server.send(START)
        server.receive()
        server.send(STARTED)
        yield server


@pytest.mark.parametrize(
    ("how", "tool"),
    [
        pytest.param(signal.SIGTERM, "auto_fix_code", id="SIGTERM-foreground"),
        pytest.param(signal.SIGTERM, "start_run", id="SIGTERM-background"),
        pytest.param(signal.SIGTERM, "run_code", id="SIGTERM-plain-call"),
        pytest.param(signal.SIGINT, "auto_fix_code", id="SIGINT-foreground"),
        pytest.param(signal.SIGINT, None, id="SIGINT-idle"),
        pytest.param(None, "auto_fix_code", id="end-of-input-foreground"),
        pytest.param(None, "start_run", id="end-of-input-background"),
        pytest.param(None, None, id="end-of-input-idle"),
    ],
)
def test_it_ends_in_time_and_leaves_nothing_behind(served: Child, how: signal.Signals | None, tool: str | None) -> None:
    """However it is told to end, and whatever is going on: under 5 s, exit code 0, run cancelled, box removed."""
    if tool == "run_code":
        served.call(tool, code=ENDLESS)
        time.sleep(0.5)
    elif tool:
        served.call(tool, code=ENDLESS, error_message="")
        served.receive()
        time.sleep(0.1)

    if how:
        # The reader of stdin waits for a line that does not come.
        served.process.send_signal(how)
        served.process.wait(PATIENCE)
    _, log = served.ended()

    assert served.process.returncode == 0
    done = log.splitlines()[-1]
    assert done.startswith("LOG opened")
    assert done.endswith("| closed")
    assert done.count("at work") == done.count("box removed") == (1 if tool else 0)
    assert "Traceback" not in log


def test_nothing_but_the_protocol_is_on_stdout(served: Child) -> None:
    """Every line is JSON-RPC; no banner, no look for updates, and stderr stays quiet as well."""
    served.call("auto_fix_code", code=BROKEN, error_message="", tests=TESTS)
    lines = [served.receive()]
    while lines[-1].get("id") != 2:
        lines.append(served.receive())
    rest, log = served.ended()

    assert all(line["jsonrpc"] == "2.0" for line in [*lines, *rest])
    assert lines[-1]["result"]["structuredContent"]["outcome"] == "verified"
    assert len(log.splitlines()) == 1


def test_a_line_that_is_no_message_does_not_end_it(served: Child) -> None:
    """Garbage is answered or passed over; the next call works."""
    assert served.process.stdin
    served.process.stdin.write('garbage\n{}\n"\\ud800"\n')
    served.call("auto_fix_code", code=BROKEN, error_message="", tests=TESTS)
    line = served.receive()
    while line.get("id") != 2:
        line = served.receive()

    assert line["result"]["structuredContent"]["outcome"] == "verified"


def test_a_client_that_was_killed_ends_it_too(served: Child) -> None:
    """Both pipes break at once while a run goes on and wants to tell of it."""
    served.call("auto_fix_code", code=ENDLESS, error_message="")
    served.receive()
    assert served.process.stdin
    assert served.process.stdout
    assert served.process.stderr
    served.process.stdout.close()
    served.process.stdin.close()

    log = served.process.stderr.read()
    assert served.process.wait(PATIENCE) == 0
    assert log.splitlines()[-1] == "LOG opened | at work | cancelled run-0001 | box removed | closed"
    assert "Traceback" not in log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code"), [pytest.param(signal.SIGTERM, 143, id="SIGTERM"), pytest.param(None, 1, id="end-of-input")]
)
def test_an_engine_that_hangs_does_not_hold_the_end_up(
    monkeypatch: pytest.MonkeyPatch, how: signal.Signals | None, code: int
) -> None:
    """The process ends when its time is over, and its exit code says that it was not clean."""
    monkeypatch.setenv("REHEARSAL_HANGS", "1")
    with child() as server:
        server.send(START)
        server.receive()
        if how:
            server.process.send_signal(how)
            server.process.wait(PATIENCE)
        server.ended()

        assert server.process.returncode == code


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_over_http_it_ends_by_a_signal_with_exit_code_0(how: signal.Signals) -> None:
    """The one line on stderr says where it serves."""
    with child("127.0.0.1:0") as server:
        assert server.process.stderr
        line = server.process.stderr.readline()
        server.process.send_signal(how)
        out, log = server.ended()

    assert line.startswith("Mendbox serves MCP at http://127.0.0.1:")
    assert line.endswith("/mcp\n")
    assert out == []
    assert server.process.returncode == 0
    assert log == "LOG opened | closed\n"

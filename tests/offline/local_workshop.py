"""A workshop on this machine, for programs that the tests bring themselves: never product code."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from agents.base import Findings

PYTHON = os.environ.get("MENDBOX_TEST_PYTHON313", sys.executable)


class LocalWorkshop:
    """Runs what an author sends in a temporary folder. Trusts it completely."""

    async def run(
        self, *, files: Mapping[str, str], locked: Mapping[str, str], tools: Mapping[str, str], argv: tuple[str, ...],
        stdin: bytes, seconds: float, on_line: Callable[[str], None] | None = None,
    ) -> Findings:  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
            return await asyncio.to_thread(self._run, Path(folder), {**files, **locked}, tools, argv, stdin, seconds, on_line)

    def _run(self, folder, files, tools, argv, stdin, seconds, on_line):
        work, beside = folder / "work", folder / "tools"
        for root, texts in ((work, files), (beside, tools)):
            for path, text in texts.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8", newline="")
        words = [PYTHON if w == "python" else w.replace("{tools}", str(beside)).replace("{work}", str(work)) for w in argv]
        reading, writing = os.pipe()
        import subprocess

        env = {"PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin", "MENDBOX_REPORT_FD": str(writing), "HOME": str(folder)}
        process = subprocess.Popen(words, cwd=work, env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[writing])
        os.close(writing)
        lines = []
        import threading

        def read():
            with os.fdopen(reading, encoding="utf-8") as pipe:
                for line in pipe:
                    lines.append(line.rstrip("\n"))
                    if on_line:
                        on_line(lines[-1])

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            _, errors = process.communicate(stdin, timeout=seconds)
            ended = "exited"
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            ended = "timeout"
        thread.join(5)
        return Findings(lines=tuple(lines), ended=ended, exit_code=process.returncode, stderr=errors.decode("utf-8", "replace")[-20_000:])

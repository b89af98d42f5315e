"""Boxes for authors who run a program of their own next to the code: never this machine, never the judge's box."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.base import Findings
from engine.inputs.text import encode_files
from sandboxes.base import TOOLS, WORK, Command, Layer, Limits, Sandbox

KEPT_LINES = 20_000


class BoxWorkshop:
    """A new box for each program."""

    def __init__(self, sandbox: Sandbox, *, limits: Limits, run_id: str) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._run_id = run_id

    async def run(
        self,
        *,
        files: Mapping[str, str],
        locked: Mapping[str, str],
        tools: Mapping[str, str],
        argv: tuple[str, ...],
        stdin: bytes,
        seconds: float,
        on_line: Callable[[str], None] | None = None,
    ) -> Findings:
        """Run *argv* in a box of its own; see `agents.base.Workshop`."""
        limits = self._limits.model_copy(update={"seconds": seconds + 60})
        async with self._sandbox.open(run_id=self._run_id, limits=limits) as box:
            await box.lay(
                Layer(files=encode_files({path: text for path, text in files.items() if path not in locked})),
                Layer(files=encode_files(locked), locked=True),
                Layer(files=encode_files(tools), place="tools"),
            )
            placed = tuple(word.replace("{tools}", TOOLS).replace("{work}", WORK) for word in argv)
            command = Command(argv=placed, stdin=stdin, seconds=seconds, warm=placed[0] == "python")
            outcome = await box.run(command, on_report_line=on_line)
        *lines, _unfinished = (outcome.report.head + outcome.report.tail).split(b"\n")
        return Findings(
            lines=tuple(line.decode("utf-8", "replace") for line in lines[-KEPT_LINES:]),
            ended=outcome.ended,
            exit_code=outcome.exit_code,
            stderr=outcome.stderr.text[-100_000:],
        )

"""The explorer of JavaScript, on the host: sends its programs into a workshop with Node.js and reads what they wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from agents.base import Workshop
from agents.testing import TestType
from agents.told import Ended, Progress
from agents.vitest import lines

_PROGRAMS = Path(__file__).parent / "worker"
ARGV = ("node", "{tools}/explore.cjs")
GRACE = 30.0
"""Seconds for starting and leaving, on top of what the program is told."""


@cache
def tools() -> Mapping[str, str]:
    """Text by path below the tools folder."""
    return MappingProxyType({file.name: file.read_text(encoding="utf-8") for file in sorted(_PROGRAMS.glob("*.cjs"))})


class JavaScriptTester:
    """Needs no key: calls what is exported with values that it makes, and says what it saw."""

    def __init__(self, workshop: Workshop, *, tell: Callable[[str], None] | None = None) -> None:
        """Work in *workshop*; *tell* hears how far it is, in words."""
        self._workshop = workshop
        self._tell = tell

    async def explore(self, files: Mapping[str, str], *, type_: TestType, seconds: float) -> tuple[lines.Explored, str]:
        """What was found in *files* within *seconds*, and why it ended before it was through; that is empty otherwise."""
        code = {path: text for path, text in files.items() if path.endswith(lines.ENDINGS)}
        findings = await self._workshop.run(
            files=files,
            locked={},
            tools=tools(),
            argv=ARGV,
            stdin=json.dumps({"files": code, "type": type_, "seconds": seconds}).encode(),
            seconds=seconds + GRACE,
            on_line=self._heard,
        )
        return gather(findings.lines, code, stderr=findings.stderr)

    def _heard(self, line: str) -> None:
        said = lines.read(line) if self._tell is not None else None
        if self._tell is not None and isinstance(said, Progress):
            self._tell(said.message)


def gather(written: Iterable[str], files: Mapping[str, str], *, stderr: str = "") -> tuple[lines.Explored, str]:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    found = lines.Explored()
    reason = f"the explorer did not come to its end: {stderr[-300:].strip() or 'it was cut off'}"
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Explored):
            found = said.model_copy(
                update={
                    "cases": tuple(each for each in said.cases if each.call.path in files),
                    "survivors": tuple(each for each in said.survivors if each.path in files),
                    "crashes": tuple(each for each in said.crashes if {each.path, each.call.path} <= files.keys()),
                }
            )
        elif isinstance(said, Ended):
            reason = said.reason
    return found, reason

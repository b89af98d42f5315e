"""The tester without a model, on the host: sends its program into a workshop and reads what that wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.base import Workshop
from agents.offline.testing import lines
from agents.offline.testing.toolbox import ARGV, tools
from agents.testing import Mutation, Wanted, Written
from agents.told import Ended, Progress

GRACE = 10.0
"""Seconds for starting and leaving, on top of what the program is told."""


class OfflineTester:
    """Needs no key: calls the code with values that it makes, and writes down what it saw."""

    def __init__(self, workshop: Workshop, *, tell: Callable[[str], None] | None = None) -> None:
        """Work in *workshop*; *tell* hears how far it is, in words."""
        self._workshop = workshop
        self._tell = tell

    async def write(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], *, wanted: Wanted, seconds: float
    ) -> Written:
        """Tests of *files* as they are; see `agents.testing.Tester`."""
        return await self._sent(_Job(files, mutations, seconds, type=wanted.type, framework=wanted.framework))

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth; see `agents.testing.Tester`."""
        return await self._sent(_Job(files, mutations, seconds, text=text))

    async def keep(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """Which tests of *text* are worth being kept, by their names in `Written.kept`."""
        return await self._sent(_Job(files, mutations, seconds, text=text, keep=True))

    async def _sent(self, job: _Job) -> Written:
        findings = await self._workshop.run(
            files=job.files,
            locked={},
            tools=tools(),
            argv=ARGV,
            stdin=job.told.encode(),
            seconds=job.seconds + GRACE,
            on_line=self._heard,
        )
        return gather(findings.lines, job.files, stderr=findings.stderr)

    def _heard(self, line: str) -> None:
        said = lines.read(line) if self._tell is not None else None
        if self._tell is not None and isinstance(said, Progress):
            self._tell(said.message)


@dataclass(frozen=True)
class _Job:
    """What the program in the box is told."""

    files: Mapping[str, str]
    mutations: Sequence[Mutation]
    seconds: float
    text: str = ""
    keep: bool = False
    type: str = "unit"
    framework: str = "pytest"

    @property
    def told(self) -> str:
        return json.dumps(
            {
                "files": dict(self.files),
                "mutants": [mutation.model_dump() for mutation in self.mutations],
                "seconds": self.seconds,
                "text": self.text,
                "keep": self.keep,
                "type": self.type,
                "framework": self.framework,
            }
        )


def gather(written: Iterable[str], files: Mapping[str, str], *, stderr: str = "") -> Written:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    found = Written()
    reason = f"the tester did not come to its end: {stderr[-300:].strip() or 'it was cut off'}"
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Said):
            # who wrote it and what that cost is not for a box to say
            kept = said.model_dump(include=set(Written.model_fields) - {"author", "model", "usage"})
            found = Written.model_validate(kept)
            found = found.model_copy(
                update={
                    "survivors": tuple(each for each in found.survivors if each.path in files),
                    "suspects": tuple(each for each in found.suspects if each.path in files),
                    "reds": tuple(each for each in found.reds if not each.path or each.path in files),
                }
            )
        elif isinstance(said, Ended):
            reason = said.reason
    return found.model_copy(update={"reason": reason})

"""The tester without a model, on the host: sends its program into a workshop and reads what that wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from agents.base import Workshop
from agents.offline.testing import lines
from agents.offline.testing.toolbox import ARGV, tools
from agents.testing import Mutation, Written

GRACE = 10.0
"""Seconds for starting and leaving, on top of what the program is told."""


class OfflineTester:
    """Needs no key: calls the code with values that it makes, and writes down what it saw."""

    def __init__(self, workshop: Workshop, *, tell: Callable[[str], None] | None = None) -> None:
        """Work in *workshop*; *tell* hears how far it is, in words."""
        self._workshop = workshop
        self._tell = tell

    async def write(self, files: Mapping[str, str], mutations: Sequence[Mutation], *, seconds: float) -> Written:
        """Tests of *files* as they are; see `agents.testing.Tester`."""
        return await self._sent(files, mutations, "", seconds)

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth; see `agents.testing.Tester`."""
        return await self._sent(files, mutations, text, seconds)

    async def _sent(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, seconds: float
    ) -> Written:
        job = {
            "files": dict(files),
            "mutants": [mutation.model_dump() for mutation in mutations],
            "seconds": seconds,
            "text": text,
        }
        findings = await self._workshop.run(
            files=files,
            locked={},
            tools=tools(),
            argv=ARGV,
            stdin=json.dumps(job).encode(),
            seconds=seconds + GRACE,
            on_line=self._heard,
        )
        return gather(findings.lines, files, stderr=findings.stderr)

    def _heard(self, line: str) -> None:
        said = lines.read(line) if self._tell is not None else None
        if self._tell is not None and isinstance(said, lines.Progress):
            self._tell(said.message)


def gather(written: Iterable[str], files: Mapping[str, str], *, stderr: str = "") -> Written:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    found = Written()
    reason = f"the tester did not come to its end: {stderr[-300:].strip() or 'it was cut off'}"
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Said):
            kept = said.model_dump(include=set(Written.model_fields))
            found = Written.model_validate(kept)
            found = found.model_copy(
                update={
                    "survivors": tuple(each for each in found.survivors if each.path in files),
                    "suspects": tuple(each for each in found.suspects if each.path in files),
                }
            )
        elif isinstance(said, lines.Ended):
            reason = said.reason
    return found.model_copy(update={"reason": reason})

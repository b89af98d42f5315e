"""The improver without a model, on the host: sends its program into a workshop and reads what that found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from agents.base import Workshop
from agents.improving import Advice, Improvement, Kind, Looked, Rejected
from agents.offline.improving import lines
from agents.offline.improving.toolbox import ARGV, tools
from agents.told import Ended, Progress

MOST = 500
"""Improvements, rejections and pieces of advice that are kept, each."""
GRACE = 5.0
"""Seconds for starting and leaving, on top of what the program is told."""


class OfflineImprover:
    """Needs no key: proposes known rewrites, and keeps those that held on every input it made."""

    def __init__(self, workshop: Workshop, *, tell: Callable[[str], None] | None = None) -> None:
        """Work in *workshop*; *tell* hears how far it is, in words."""
        self._workshop = workshop
        self._tell = tell

    async def look(self, files: Mapping[str, str], tests: Mapping[str, str], *, kind: Kind, seconds: float) -> Looked:
        """*files* with the improvements of one *kind* that held; see `agents.improving.Improver`."""
        job = {"files": dict(files), "tests": dict(tests), "seconds": seconds, "kind": kind}
        findings = await self._workshop.run(
            files=files,
            locked=tests,
            tools=tools(),
            argv=ARGV,
            stdin=json.dumps(job).encode(),
            seconds=seconds + GRACE,
            on_line=self._heard,
        )
        return gather(findings.lines, files, kind, stderr=findings.stderr)

    def _heard(self, line: str) -> None:
        said = lines.read(line)
        if self._tell is not None and isinstance(said, Progress):
            self._tell(said.message)


def gather(written: Iterable[str], files: Mapping[str, str], kind: Kind, *, stderr: str = "") -> Looked:
    """Read what the box wrote about *files*; what is malformed, of another kind or names other files is left out."""
    improvements: list[Improvement] = []
    rejected: list[Rejected] = []
    advice: list[Advice] = []
    after = dict(files)
    reason = f"the improver did not come to its end: {stderr[-300:].strip() or 'it was cut off'}"
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Held):
            if said.improvement.kind == kind and said.files.keys() <= files.keys() and len(improvements) < MOST:
                improvements.append(said.improvement)
                after |= said.files
        elif isinstance(said, lines.NotHeld) and said.rejected.path in files and len(rejected) < MOST:
            rejected.append(said.rejected)
        elif isinstance(said, lines.Left) and said.advice.path in files and len(advice) < MOST:
            advice.append(said.advice)
        elif isinstance(said, Ended):
            reason = said.reason
    return Looked(
        files=after,
        improvements=tuple(improvements),
        rejected=tuple(rejected),
        advice=tuple(advice),
        reason=reason,
    )

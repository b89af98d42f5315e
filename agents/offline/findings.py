"""What one search brought: its plausible patches in order, its counts, and where it thinks the fault is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agents.base import EditMade, Suspect, Value
from agents.offline import lines

MOST_PATCHES = 200


class Patch(Value):
    """A plausible patch."""

    files: Mapping[str, str]
    """All files of the draft, changed ones in place."""
    edits: tuple[EditMade, ...]
    bits: float

    @property
    def note(self) -> str:
        """What was changed, in words."""
        made = [f"{e.path}:{e.line}: {e.note} [{e.template}, suspicion {e.suspicion:.2f}]" for e in self.edits]
        return "; ".join(made)


class Found(Value):
    """What a search brought."""

    patches: tuple[Patch, ...] = ()
    """Likeliest first."""
    tried: int = 0
    suspects: tuple[Suspect, ...] = ()
    failure: str = ""
    """Kind of the failure that the search set out from."""
    reason: str = ""
    ended: bool = False
    """Whether the search came to its own end, and was not cut off."""

    @property
    def where(self) -> str:
        """The most suspicious lines, in words."""
        named = [f"{s.path}:{s.line}" for s in self.suspects[:5]]
        return f"most suspicious: {', '.join(named)}" if named else "no line stood out"


def gather(written: Iterable[str], files: Mapping[str, str]) -> Found:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    patches: list[Patch] = []
    suspects: tuple[Suspect, ...] = ()
    tried, reason, failure, ended = 0, "", "", False
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Suspects):
            suspects = tuple(s for s in said.lines if s.path in files) or suspects
            failure = failure or said.failure
        elif isinstance(said, lines.Plausible) and len(patches) < MOST_PATCHES and said.files.keys() <= files.keys():
            patches.append(Patch(files={**files, **said.files}, edits=said.edits, bits=said.bits))
        if isinstance(said, (lines.Progress, lines.Plausible, lines.Ended)):
            tried = max(tried, said.tried)
        if isinstance(said, lines.Ended):
            reason, ended = said.reason, True
    patches.sort(key=lambda patch: patch.bits)
    return Found(patches=tuple(patches), tried=tried, suspects=suspects, failure=failure, reason=reason, ended=ended)

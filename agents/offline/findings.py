"""What one search brought: its plausible patches in order, its counts, and where it thinks the fault is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from agents.base import EditMade, Suspect, Value
from agents.offline import lines

MOST_PATCHES = 200
LONGEST_QUOTE = 200
"""Characters that are shown of a suspicious line."""


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
    kinds: Mapping[str, int] = {}
    """Candidates tried, by family of edits, such as ``operators``; empty where the search was cut off."""
    suspects: tuple[Suspect, ...] = ()
    failure: str = ""
    """Kind of the failure that the search set out from."""
    reason: str = ""
    ended: bool = False
    """Whether the search came to its own end, and was not cut off."""

    timed_out: bool = False
    """Whether it was stopped at its deadline."""

    @property
    def ending(self) -> Literal["ideas", "time", "cut off"]:
        """What the search ran out of."""
        if self.timed_out or self.reason == "time":
            return "time"
        return "ideas" if self.ended else "cut off"


def gather(written: Iterable[str], files: Mapping[str, str], *, timed_out: bool = False) -> Found:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    patches: list[Patch] = []
    suspects: tuple[Suspect, ...] = ()
    kinds: Mapping[str, int] = {}
    tried, reason, failure, ended = 0, "", "", False
    for line in written:
        said = lines.read(line)
        if isinstance(said, lines.Suspects):
            suspects = tuple(_quoted(s, files[s.path]) for s in said.lines if s.path in files) or suspects
            failure = failure or said.failure
        elif isinstance(said, lines.Plausible) and len(patches) < MOST_PATCHES and said.files.keys() <= files.keys():
            patches.append(Patch(files={**files, **said.files}, edits=said.edits, bits=said.bits))
        if isinstance(said, (lines.Progress, lines.Plausible, lines.Ended)):
            tried = max(tried, said.tried)
        if isinstance(said, lines.Ended):
            reason, ended, kinds = said.reason, True, said.kinds
    patches.sort(key=lambda patch: patch.bits)
    return Found(
        patches=tuple(patches),
        tried=tried,
        kinds=kinds,
        suspects=suspects,
        failure=failure,
        reason=reason,
        ended=ended,
        timed_out=timed_out and not ended,
    )


def _quoted(suspect: Suspect, text: str) -> Suspect:
    lines = text.splitlines()
    line = lines[suspect.line - 1].strip() if 0 < suspect.line <= len(lines) else ""
    return suspect.model_copy(update={"text": line[:LONGEST_QUOTE]})

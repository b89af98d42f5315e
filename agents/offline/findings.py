"""What one search brought: its plausible patches in order, its counts, and where it thinks the fault is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from agents.base import EditMade, SearchEnd, Suspect, Value
from agents.offline import lines

MOST_PATCHES = 200
LONGEST_QUOTE = 200
"""Characters that are shown of a suspicious line."""
MOST_PARTIAL = 20


def hash_files(files: Mapping[str, str]) -> str:
    """The content hash by which a draft is recognised as one that was tried."""
    texts = (f"{path}\0{hashlib.sha256(text.encode()).hexdigest()}\n" for path, text in sorted(files.items()))
    return hashlib.sha256("".join(texts).encode()).hexdigest()


class Patch(Value):
    """A plausible patch."""

    files: Mapping[str, str]
    """All files of the draft, changed ones in place."""
    edits: tuple[EditMade, ...]
    bits: float
    cluster: int | None = None
    """Equal for patches that did the same on all inputs tried; None where that is not known."""
    reasons: tuple[str, ...] = ()
    """What made it likelier or less likely, in words."""

    @property
    def sha256(self) -> str:
        return hash_files(self.files)


class Partial(Value):
    """A patch that goes part of the way."""

    files: Mapping[str, str]
    green: int


class Found(Value):
    """What a search brought."""

    patches: tuple[Patch, ...] = ()
    """Likeliest first."""
    partial: tuple[Partial, ...] = ()
    """Those that turn most tests green first."""
    question: lines.Question | None = None
    """What a person could settle, about patches that are all among the plausible ones."""
    tried: int = 0
    kinds: Mapping[str, int] = {}
    """Candidates tried, by family of edits, such as ``operators``, as far as that was told."""
    suspects: tuple[Suspect, ...] = ()
    failure: str = ""
    """Kind of the failure that the search set out from."""
    reason: str = ""
    ended: bool = False
    """Whether the search came to its own end, and was not cut off."""

    stopped: str = ""
    """How its program ended, where the search did not come to its own end: as `Findings.ended` says."""

    @property
    def ending(self) -> SearchEnd:
        """What the search ran out of."""
        if self.stopped == "timeout" or self.reason == "time":
            return "time"
        if self.stopped == "memory":
            return "memory"
        return "ideas" if self.ended else "cut off"


def gather(written: Iterable[str], files: Mapping[str, str], *, stopped: str = "exited") -> Found:
    """Read what the box wrote about *files*; what is malformed or names other files is left out."""
    patches: list[Patch] = []
    partial: list[Partial] = []
    places: dict[str, tuple[int, lines.Place]] = {}
    question: lines.Question | None = None
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
        elif isinstance(said, lines.Partial) and len(partial) < MOST_PARTIAL and said.files.keys() <= files.keys():
            partial.append(Partial(files={**files, **said.files}, green=said.green))
        elif isinstance(said, lines.Ranked):
            places = {place.patch: (number, place) for number, place in enumerate(said.order)}
        elif isinstance(said, lines.Question):
            question = said
        if isinstance(said, (lines.Progress, lines.Plausible, lines.Ended)):
            tried = max(tried, said.tried)
        if isinstance(said, lines.Ended):
            reason, ended = said.reason, True
        if isinstance(said, (lines.Progress, lines.Ended)):
            kinds = said.kinds
    ordered = _ordered(patches, places)
    known = {patch.sha256 for patch in ordered}
    return Found(
        patches=ordered,
        partial=tuple(sorted(partial, key=lambda one: -one.green)),
        question=question if question and all(answer.patch in known for answer in question.answers) else None,
        tried=tried,
        kinds=kinds,
        suspects=suspects,
        failure=failure,
        reason=reason,
        ended=ended,
        stopped="" if ended else stopped,
    )


def _ordered(patches: Iterable[Patch], places: Mapping[str, tuple[int, lines.Place]]) -> tuple[Patch, ...]:
    """Likeliest first: those that were ranked after the search as they were, and then the others by their price."""
    numbered: list[tuple[float, float, Patch]] = []
    for patch in patches:
        number, place = places.get(patch.sha256, (float("inf"), None))
        if place is not None:
            patch = patch.model_copy(  # noqa: PLW2901  # the same patch, with what is known of it by now
                update={"bits": place.bits, "cluster": place.cluster, "reasons": place.reasons}
            )
        numbered.append((number, patch.bits, patch))
    return tuple(patch for _, _, patch in sorted(numbered, key=lambda one: one[:2]))


def _quoted(suspect: Suspect, text: str) -> Suspect:
    lines = text.splitlines()
    line = lines[suspect.line - 1].strip() if 0 < suspect.line <= len(lines) else ""
    return suspect.model_copy(update={"text": line[:LONGEST_QUOTE]})

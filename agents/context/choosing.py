"""What of a brief is shown: all of it where it fits, else what matters for the failing tests, and a listing of the rest."""

from __future__ import annotations

from collections.abc import Mapping

from agents.base import Brief, Value
from agents.context.evidence import Evidence, gather
from agents.context.excerpts import Piece, in_part, outline_of
from agents.context.parts import Part, parts_of
from agents.context.ranking import weigh_file, weigh_part
from agents.context.tokens import characters, tokens
from agents.context.tree import listing

TESTS_SHARE = 0.25
LISTING_SHARE = 0.06
MOST_LISTED = 3_000
"""Tokens of the listing, whatever there is room for."""
FILE_SHARE = 0.35
"""Of the room that is left, for one file that is too large for it."""
MOST_TEXT = 2_500
"""Tokens of a file that is shown whole wherever it fits, without asking for the share."""
STRONG = 8.0
"""Weight from which a file is shown, whole or in part; a lighter one in outline."""
MOST_OUTLINED = 400
LEAST = 120
"""Tokens below which nothing more is tried to be fitted."""


class Shown(Value):
    """What a model is shown of a project."""

    complete: bool
    """All of it, as it is."""
    files: tuple[Piece, ...]
    tests: tuple[Piece, ...]
    listing: str = ""
    """Every file there is, or folders with their counts; empty where all is shown."""


def choose(brief: Brief, room: int) -> Shown:
    """What of *brief* fits into *room* tokens. The same brief and room always give the same."""
    files, tests = _whole(brief.files), _whole(brief.tests)
    if sum(piece.tokens for piece in (*files, *tests)) <= room:
        return Shown(complete=True, files=files, tests=tests)
    evidence = gather(brief)
    paths = {**brief.files, **brief.tests}
    listed = listing(paths, characters(min(MOST_LISTED, int(room * LISTING_SHARE))))
    left = room - tokens(listed)
    shown_tests = _tests(brief.tests, evidence, int(left * TESTS_SHARE))
    left -= sum(piece.tokens for piece in shown_tests)
    return Shown(complete=False, files=_files(brief.files, evidence, left), tests=shown_tests, listing=listed)


def _whole(files: Mapping[str, str]) -> tuple[Piece, ...]:
    return tuple(Piece(label=path, text=text) for path, text in sorted(files.items()))


def _files(files: Mapping[str, str], evidence: Evidence, room: int) -> tuple[Piece, ...]:
    weights = {path: weigh_file(path, parts_of(path, text), evidence) for path, text in files.items()}
    order = sorted((path for path in files if weights[path] > 0), key=lambda path: (-weights[path], path))
    shown: dict[str, tuple[Piece, ...]] = {}
    left = room
    for path in order:
        if left < LEAST:
            break
        if weights[path] >= STRONG:
            pieces = _fitted(path, files[path], evidence, left, share=FILE_SHARE)
        else:
            pieces = outline_of(path, files[path], min(left, MOST_OUTLINED))
        shown[path] = pieces
        left -= sum(piece.tokens for piece in pieces)
    return tuple(piece for path in sorted(shown) for piece in shown[path])


def _fitted(path: str, text: str, evidence: Evidence, left: int, *, share: float) -> tuple[Piece, ...]:
    whole = Piece(label=path, text=text)
    room = min(left, max(MOST_TEXT, int(left * share)))
    if whole.tokens <= room:
        return (whole,)

    def weigh(part: Part) -> float:
        return weigh_part(path, part, evidence)

    return in_part(path, text, weigh, room)


def _tests(tests: Mapping[str, str], evidence: Evidence, room: int) -> tuple[Piece, ...]:
    """The files that fail, then what they import among the tests: conftests, and what is shared."""
    order = sorted(
        (path for path in tests if path in evidence.failing or path in evidence.distances),
        key=lambda path: (path not in evidence.failing, evidence.distances.get(path, 0), path),
    )
    shown: dict[str, tuple[Piece, ...]] = {}
    left = room
    for path in order:
        if left < LEAST:
            break
        # where few fail, one file may take all the room there is
        share = 1 / max(1, min(4, len(evidence.failing)))
        shown[path] = _fitted(path, tests[path], evidence, left, share=share)
        left -= sum(piece.tokens for piece in shown[path])
    return tuple(piece for path in sorted(shown) for piece in shown[path])

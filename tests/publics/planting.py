"""Bugs for a project: edits of the kinds of `tests.repairs.planting`, in lines that its suite runs, that turn a test red."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from engine.domain import Value
from tests.repairs.mutants import true_lines
from tests.repairs.planting import KINDS
from tests.repairs.planting.source import Code

MOST_TRIED = 8
"""Edits that are run for each bug that is wanted, at most."""
MOST_LINES = 3
"""Lines that one bug is: with more of them, to find one would say little."""
OF_A_KIND = 40
"""Edits of one kind in one file that are drawn from."""


class Bug(Value):
    """One planted bug."""

    path: str
    kind: str
    text: str
    """The whole file with it."""
    lines: tuple[int, ...]
    """Lines of it that are wrong; where some are missing, those around the gap."""


def plant(
    files: Mapping[str, str],
    executed: Mapping[str, tuple[int, ...]],
    *,
    seed: str,
    count: int,
    is_red: Callable[[Bug], bool],
) -> list[Bug]:
    """So many bugs of *files*, each at a place and, as far as they reach, of a kind of its own.

    *executed* are the lines that the suite runs. The same *seed* and files, and the same answers of *is_red*, make the
    same bugs.
    """
    kept: list[Bug] = []
    kinds: Counter[str] = Counter()
    places: set[tuple[str, int]] = set()
    for bug in islice(_candidates(files, executed, seed, kinds), MOST_TRIED * count):
        fits = len(bug.lines) <= MOST_LINES and not places & {(bug.path, line) for line in bug.lines}
        if fits and is_red(bug):
            kept.append(bug)
            places |= {(bug.path, line) for line in bug.lines}
        # also where it was not: a kind that no test sees here is not tried again and again
        kinds[bug.kind] += 1
        if len(kept) == count:
            break
    return kept


def _candidates(
    files: Mapping[str, str], executed: Mapping[str, tuple[int, ...]], seed: str, kinds: Counter[str]
) -> Iterator[Bug]:
    """Every bug that parses and can be run into, those of kinds that were had least often first."""
    order = random.Random(seed)
    waiting: dict[str, list[tuple[str, tuple[int, int, str]]]] = {kind: [] for kind in KINDS}
    codes = {path: Code(files[path]) for path in sorted(executed) if path in files and executed[path]}
    for path, code in codes.items():
        for kind, edits in KINDS.items():
            found = sorted(set(edits(code)))
            waiting[kind] += [(path, edit) for edit in order.sample(found, min(OF_A_KIND, len(found)))]
    for edits_of_kind in waiting.values():
        order.shuffle(edits_of_kind)
    shuffled = order.sample(sorted(waiting), len(waiting))
    while any(waiting.values()):
        kind = min((kind for kind in shuffled if waiting[kind]), key=lambda kind: kinds[kind])
        path, edit = waiting[kind].pop()
        bug = _bug(codes[path], path, kind, edit)
        if bug is not None and not set(executed[path]).isdisjoint(bug.lines):
            yield bug


def _bug(code: Code, path: str, kind: str, edit: tuple[int, int, str]) -> Bug | None:
    text = code.with_edit(edit)
    try:
        compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    lines = tuple(true_lines(text, code.text))
    return Bug(path=path, kind=kind, text=text, lines=lines) if lines else None

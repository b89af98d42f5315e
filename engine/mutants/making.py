"""Which mutants are made of a set of sources: a bounded number, in a fixed order, spread over functions and kinds."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice, zip_longest
from typing import TypeVar, get_args

from engine.domain import Value
from engine.mutants.changing import Change, Changing, Kind
from engine.mutants.places import places
from engine.twins.text import Text, applied

T = TypeVar("T")

MOST = 24
"""Mutants of one program, unless it has more functions than that."""
_LONGEST = 500_000
"""Sources beyond this many characters have no mutants: reading their trees would take too long."""


class Mutant(Value):
    """One source with one small change."""

    path: str
    line: int
    """Counted from 1."""
    what: str
    text: str
    """The whole changed source."""

    @property
    def name(self) -> str:
        """Where it was changed, and how."""
        return f"{self.path}:{self.line}: {self.what}"


def make(
    files: Mapping[str, str], *, lines: Mapping[str, Collection[int]] | None = None, most: int = MOST
) -> tuple[Mutant, ...]:
    """Mutants of the Python files among *files*, each of which compiles and says something else than the original.

    One of each function first, then another of each, and of every function one kind of change after the other; *most* of
    them, but one of each function up to four times as many. The same files give the same mutants.

    Args:
        files: Texts by path; what does not parse has no mutants.
        lines: Lines by path where a change can be noticed at all; everywhere where None.
        most: How many.
    """
    functions = [
        changes
        for path in sorted(files)
        if path.endswith(".py")
        for changes in _of_source(path, files[path], None if lines is None else frozenset(lines.get(path, ())))
    ]
    return tuple(islice(_in_turn(functions), max(most, min(len(functions), 4 * most))))


def _of_source(path: str, source: str, lines: Collection[int] | None) -> Iterator[Iterator[Mutant]]:
    """The mutants of each function of *source*, those of the module itself last."""
    if len(source) > _LONGEST:
        return
    try:
        tree, text = ast.parse(source), Text(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    changing = Changing(text)
    owned: dict[str, list[list[Change]]] = defaultdict(list)
    for place in places(tree):
        changes = [change for change in changing.changes(place) if lines is None or change.line in lines]
        if changes:
            owned[place.owner].append(changes)
    for owner in sorted(owned, key=lambda name: (not name, owned[name][0][0].line)):
        yield _mutants(path, source, _ordered(owned[owner]))


def _ordered(changes: list[list[Change]]) -> Iterator[Change]:
    """First changes before second ones, and of each kind one in turn."""
    first_to_last = [change for row in zip_longest(*changes) for change in row if change is not None]
    return _in_turn([[change for change in first_to_last if change.kind == kind] for kind in get_args(Kind)])


def _mutants(path: str, source: str, changes: Iterable[Change]) -> Iterator[Mutant]:
    for change in changes:
        text = applied(source, change.edits)
        if text is not None and text != source and _compiles(text):
            yield Mutant(path=path, line=change.line, what=change.what, text=text)


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _in_turn(groups: Iterable[Iterable[T]]) -> Iterator[T]:
    """One of each group, then another of each, until all are used up."""
    going = [iter(group) for group in groups]
    while going:
        left = []
        for group in going:
            for item in islice(group, 1):
                yield item
                left.append(group)
        going = left

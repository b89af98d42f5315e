"""Wrong copies of the frozen tests, of which it is known which tests have to be red in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.checks.javascript.survey import Edit, Surveyed
from engine.domain import Value

ROUNDS = 3
"""Each costs a session."""
ROUNDS_OF_VITEST = 2
"""Those of vitest take longer to begin."""


class Round(Value):
    """One wrong copy."""

    files: Mapping[str, str]
    """The changed files alone, by path."""
    tests: frozenset[str]
    """Node ids of those that have to be red."""
    loose: frozenset[str]
    """Paths of the files of which one more test has to be red, but it is not known which."""


def make(
    tests: Mapping[str, str], surveyed: Surveyed, executed: Mapping[str, Sequence[int]], *, rounds: int = ROUNDS
) -> tuple[Round, ...]:
    """At most *rounds* wrong copies of *tests*, of which these lines ran, as far as that is known."""
    return tuple(_round(tests, edits, executed) for edits in surveyed.rounds[:rounds])


def _round(tests: Mapping[str, str], edits: Sequence[Edit], executed: Mapping[str, Sequence[int]]) -> Round:
    edits = [edit for edit in edits if edit.node or _ran(tests[edit.path], edit, executed.get(edit.path, ()))]
    return Round(
        files={
            path: _applied(tests[path], [edit for edit in edits if edit.path == path])
            for path in sorted({edit.path for edit in edits} & tests.keys())
        },
        tests=frozenset(edit.node for edit in edits if edit.node),
        loose=frozenset(edit.path for edit in edits if not edit.node),
    )


def _ran(text: str, edit: Edit, lines: Sequence[int]) -> bool:
    """Whether an expectation was met at all that may stand where nothing comes by; so where that is not known."""
    if not lines:
        return True
    units = text.removeprefix("\ufeff").encode("utf-16-le", "surrogatepass")[: 2 * edit.start]
    return units.decode("utf-16-le", "replace").count("\n") + 1 in set(lines)


def _applied(text: str, edits: list[Edit]) -> str:
    # JavaScript counts in UTF-16, and the parser was given the text without its mark.
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    units = text.removeprefix("\ufeff").encode("utf-16-le", "surrogatepass")
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        units = units[: 2 * edit.start] + edit.text.encode("utf-16-le") + units[2 * edit.end :]
    return mark + units.decode("utf-16-le", "replace")

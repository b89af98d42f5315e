"""What was measured of each project, and the table of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from engine.domain import Value
from tests.publics.ranking import Localised

HEAD = ("project", "tests", "outside", "in a box", "agree", "first line", "in first 5", "seconds a bug")
FIRST = 5


class Measured(Value):
    """One project."""

    project: str
    what: str = ""
    outside: tuple[int, int, int] = (0, 0, 0)
    """Green, red, skipped."""
    inside: tuple[int, int, int] = (0, 0, 0)
    outside_seconds: float = 0.0
    inside_seconds: float = 0.0
    differing: Mapping[str, tuple[str, str]] = {}
    """Tests that ended otherwise outside and in the box, and how."""
    said: str = ""
    """Why there are no numbers, where there are none."""
    bugs: tuple[Localised, ...] = ()

    def within(self, first: int) -> int:
        """Bugs of which a line was among the *first* that are suspected."""
        return sum(bug.rank is not None and bug.rank <= first for bug in self.bugs)


def table(measured: Sequence[Measured]) -> str:
    """As Markdown has it, with a last row for all together."""
    rows = [HEAD, ("---",) * len(HEAD), *map(_row, measured), _total(measured)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _row(one: Measured) -> tuple[str, ...]:
    if one.said:
        return (one.project, "", "", "", one.said.splitlines()[0][:100], "", "", "")
    agree = "yes" if not one.differing else f"all but {len(one.differing)}"
    return (one.project, str(sum(one.inside)), _counts(one.outside), _counts(one.inside), agree, *_bugs([one]))


def _total(measured: Sequence[Measured]) -> tuple[str, ...]:
    counted = [one for one in measured if not one.said]
    agreeing = sum(one.outside == one.inside for one in counted)
    tests = str(sum(sum(one.inside) for one in counted))
    return ("all", tests, "", "", f"{agreeing} of {len(measured)}", *_bugs(counted))


def _bugs(measured: Sequence[Measured]) -> tuple[str, str, str]:
    bugs = [bug for one in measured for bug in one.bugs]
    if not bugs:
        return "", "", ""
    first, five = (sum(one.within(count) for one in measured) for count in (1, FIRST))
    return f"{first} of {len(bugs)}", f"{five} of {len(bugs)}", f"{median(bug.seconds for bug in bugs):.0f}"


def _counts(counts: tuple[int, int, int]) -> str:
    green, red, skipped = counts
    return " / ".join((f"{green:,}", str(red), str(skipped)))

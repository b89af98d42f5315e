"""Where the fault may be, told from one look at a suite: the lines that red tests ran, weighed by how many others did.

Ochiai's coefficient and DStar's over the lines of each test (Abreu et al. 2006, Wong et al. 2014), as in the search of
the author without a model, which goes on from there by trying changes.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from agents.base import Suspect
from agents.context.frames import frames_in
from engine.checks.source import MOST_FILE, parse
from engine.domain import Finding, Report

MOST = 20
NAMED = 0.1
"""Share by which a line is more suspicious that a red test's traceback passes through."""
LATE = 0.1
"""The same for the last line of a function that ran, and less for those before it. Mostly all lines of a function were
run by the same tests, and those at its beginning make ready what the others do."""
PLAIN = 0.2
"""Share by which a line is less suspicious that only begins or names something."""
_PLAIN = (
    ast.Try,
    ast.With,
    ast.Pass,
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.ClassDef,
    ast.Global,
    ast.Nonlocal,
)

Line = tuple[str, int]


def suspects(report: Report, files: Mapping[str, str], *, most: int = MOST) -> tuple[Suspect, ...]:
    """The most suspicious lines of *files*, likeliest first.

    Where no red test is known to have run any of them, as when files cannot be collected, those that tracebacks name; none
    where there are none.
    """
    red = [{(path, line) for path, lines in ran.items() for line in lines} for ran in report.reached.values()]
    red = [lines for lines in red if lines]
    named = _named(report.findings, files)
    ran = {line for line in set().union(*red) if line[0] in files}
    likelier = _by_place(ran, files)
    scores = {
        line: _score(line, red, report) * (1 + likelier[line] + (NAMED if line in named else 0.0)) for line in ran
    }
    scores = scores or _of_tracebacks(report.findings, files)
    if not scores:
        return ()
    highest = max(scores.values())
    ordered = sorted(scores, key=lambda line: (-round(scores[line], 6), line))
    return tuple(_suspect(line, min(1.0, scores[line] / highest), files) for line in ordered[:most])


def _score(line: Line, red: Sequence[set[Line]], report: Report) -> float:
    here = sum(line in lines for lines in red)
    beside = report.beside.get(line[0], {}).get(line[1], 0)
    ochiai = here / math.sqrt(len(red) * (here + beside))
    dstar = here**2 / (here**2 + beside + len(red) - here)
    return (ochiai + dstar) / 2


def _of_tracebacks(findings: Sequence[Finding], files: Mapping[str, str]) -> dict[Line, float]:
    """The innermost line of each counts most, and every one that is further out half as much as the next."""
    found: dict[Line, float] = defaultdict(float)
    for finding in findings:
        for depth, line in enumerate(dict.fromkeys(reversed(list(_places(finding, files))))):
            found[line] += 0.5**depth
    return found


def _by_place(ran: Collection[Line], files: Mapping[str, str]) -> dict[Line, float]:
    """What the place of each line in its function, and what stands there, add to its suspicion or take from it."""
    shapes = {path: _Shape(files[path]) for path in {path for path, _ in ran} if path.endswith(".py")}
    together: dict[tuple[str, int], list[int]] = defaultdict(list)
    for path, line in sorted(ran):
        together[path, shapes[path].function(line) if path in shapes else 0].append(line)
    found: dict[Line, float] = {}
    for (path, _), lines in together.items():
        for at, line in enumerate(lines):
            late = LATE * (at / (len(lines) - 1) if len(lines) > 1 else 1.0)
            plain = PLAIN if path in shapes and line in shapes[path].plain else 0.0
            found[path, line] = late - plain
    return found


class _Shape:
    """Which function each line of a source is of, and on which lines a statement only begins or names something."""

    def __init__(self, text: str) -> None:
        self.plain: set[int] = set()
        self._functions: dict[int, int] = {}
        tree = parse(text) if len(text) <= MOST_FILE else None
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, _PLAIN):
                self.plain.add(node.lineno)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                # those further in come later
                self._functions |= dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), node.lineno)

    def function(self, line: int) -> int:
        """Where the innermost function around *line* begins; 0 where it stands in none."""
        return self._functions.get(line, 0)


def _named(findings: Sequence[Finding], files: Mapping[str, str]) -> frozenset[Line]:
    return frozenset(place for finding in findings for place in _places(finding, files))


def _places(finding: Finding, files: Mapping[str, str]) -> Iterator[Line]:
    if finding.check == "lint":
        return
    yield from frames_in(finding.evidence, files)
    if finding.path in files and finding.path and finding.line:
        yield finding.path, finding.line


def _suspect(line: Line, score: float, files: Mapping[str, str]) -> Suspect:
    path, number = line
    texts = files[path].splitlines()
    return Suspect(
        path=path, line=number, score=score, text=texts[number - 1].strip()[:200] if number <= len(texts) else ""
    )

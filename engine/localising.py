"""Where the fault may be, told from one look at a suite: the lines that red tests ran, weighed by how many others did.

Ochiai's coefficient and DStar's over the lines of each test (Abreu et al. 2006, Wong et al. 2014), as in the search of
the author without a model, which goes on from there by trying changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from agents.base import Suspect
from agents.context.frames import frames_in
from engine.domain import Finding, Report

MOST = 20
NAMED = 0.25
"""Added for a line that a red test's traceback passes through, where the error came out of the code itself."""

Line = tuple[str, int]


def suspects(report: Report, files: Mapping[str, str], *, most: int = MOST) -> tuple[Suspect, ...]:
    """The most suspicious lines of *files*, likeliest first; none where no red test is known to have run any of them."""
    red = [{(path, line) for path, lines in ran.items() for line in lines} for ran in report.reached.values()]
    red = [lines for lines in red if lines]
    named = _named(report.findings, files)
    scores = {line: _score(line, red, report) for line in set().union(*red) if line[0] in files}
    if not scores:
        return ()
    highest = max(scores.values())
    ordered = sorted(scores, key=lambda line: (-scores[line] - (NAMED if line in named else 0.0), line))
    return tuple(_suspect(line, min(1.0, scores[line] / highest), files) for line in ordered[:most])


def _score(line: Line, red: Sequence[set[Line]], report: Report) -> float:
    here = sum(line in lines for lines in red)
    beside = report.beside.get(line[0], {}).get(line[1], 0)
    ochiai = here / math.sqrt(len(red) * (here + beside))
    dstar = here**2 / (here**2 + beside + len(red) - here)
    return (ochiai + dstar) / 2


def _named(findings: Sequence[Finding], files: Mapping[str, str]) -> frozenset[Line]:
    return frozenset(place for finding in findings for place in _places(finding, files))


def _places(finding: Finding, files: Mapping[str, str]) -> Iterator[Line]:
    if finding.check == "lint":
        return
    if finding.path in files and finding.path and finding.line:
        yield finding.path, finding.line
    yield from frames_in(finding.evidence, files)


def _suspect(line: Line, score: float, files: Mapping[str, str]) -> Suspect:
    path, number = line
    texts = files[path].splitlines()
    return Suspect(
        path=path, line=number, score=score, text=texts[number - 1].strip()[:200] if number <= len(texts) else ""
    )

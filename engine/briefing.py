"""What an author is told: the task, what failed last, what was tried. Bounded, redacted, and data throughout."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from agents.base import Allowance, Background, Brief, Tried
from agents.context.frames import frames_in
from engine.case import Case
from engine.domain import Attempt, Finding, Verdict, diff_files
from engine.memory.entry import Recalled
from engine.policies import SAME_AGAIN, repeats
from engine.redaction import redact

FAILURE_LIMIT = 16_000
"""Characters of a failure that an author is shown: head and tail. A lower limit hides what is wrong
(nuprl/MultiPL-E#184: 4 kB changed the class of 2.3 % of failures; 16 kB of none that mattered)."""
EARLIER_LIMIT = 2_000
FINDINGS_LIMIT = 12
MOST_FRAMES = 500


def brief_for(case: Case, attempts: Sequence[Attempt], allowance: Allowance, recalled: Recalled | None = None) -> Brief:
    """The brief for the next attempt at *case*, with what is *recalled* of earlier runs."""
    recalled = recalled or Recalled()
    baseline = case.baseline
    last = next((a.verdict for a in reversed(attempts) if not a.draft.unusable), baseline)
    return Brief(
        goal=case.task.goal,
        language=case.task.language,
        files=case.before,
        tests=case.tests,
        suite=case.task.suite,
        error=redact(cut(case.task.error, FAILURE_LIMIT)),
        failure=failure_of(last) if last else "",
        failing=tuple(test.node_id for test in baseline.tests if test.ended not in {"passed", "skipped", "xfailed"})
        if baseline
        else (),
        reproduction=case.tests_from == "reproduction",
        tried=tuple(_tried(attempt, case) for attempt in attempts),
        new_strategy=repeats(attempts) >= SAME_AGAIN - 1,
        shifts=recalled.shifts,
        lessons=recalled.lessons,
        background=background_of(case),
        allowance=allowance,
    )


def background_of(case: Case) -> Background | None:
    """What the task says of a project, and what the verdict on the input adds; None for a task that is no project.

    What ran, by that verdict, is what its red tests ran where that is told, else what all of its tests did: it only
    counts where the task does not know better.
    """
    known, baseline = case.task.background or Background(), case.baseline
    if case.task.suite is None and case.task.background is None:
        return None
    if baseline is None:
        return known
    paths = {**case.before, **case.tests}
    return Background(
        executed=known.executed or _ran(baseline, paths),
        frames=known.frames or tuple(_frames(baseline, paths))[-MOST_FRAMES:],
        history=known.history,
        said=known.said or failure_of(baseline),
    )


def _ran(verdict: Verdict, paths: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Lines of *paths* that ran in the red tests; where those are not known, in all."""
    told = [lines for report in verdict.reports for lines in report.reached.values()] or [
        report.executed for report in verdict.reports
    ]
    ran: dict[str, set[int]] = {}
    for of_test in told:
        for path, lines in of_test.items():
            if path in paths:
                ran.setdefault(path, set()).update(lines)
    return {path: tuple(sorted(lines)) for path, lines in sorted(ran.items())}


def _frames(verdict: Verdict, paths: Collection[str]) -> Iterator[tuple[str, int]]:
    for finding in verdict.findings:
        yield from frames_in(finding.evidence, paths)
        if finding.path and finding.line and finding.path in paths:
            yield finding.path, finding.line


def failure_of(verdict: Verdict, limit: int = FAILURE_LIMIT) -> str:
    """What is wrong by *verdict*, in words; where it is green, which proof is missing."""
    blocking = [f for report in verdict.reports if report.status in {"failed", "broken"} for f in report.findings]
    pieces = [_told(finding) for finding in blocking[:FINDINGS_LIMIT]]
    if len(blocking) > FINDINGS_LIMIT:
        pieces.append(f"... and {len(blocking) - FINDINGS_LIMIT} more findings")
    pieces += [f"{r.check}: {r.summary}" for r in verdict.reports if r.status == "broken"]
    pieces += [f"not shown: {proof.name}: {proof.detail}" for proof in verdict.proofs if not proof.held]
    return redact(cut("\n\n".join(pieces), limit))


def cut(text: str, limit: int) -> str:
    """Head and tail of *text*, with a mark that says how many characters are left out."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"


def _told(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}: " if finding.path else ""
    return f"[{finding.check}] {place}{finding.message}\n{finding.evidence}".rstrip()


def _tried(attempt: Attempt, case: Case) -> Tried:
    return Tried(
        number=attempt.number,
        author=attempt.draft.author,
        diff=cut(diff_files(case.before, attempt.draft.files), 2 * EARLIER_LIMIT),
        failure=attempt.draft.unusable or failure_of(attempt.verdict, EARLIER_LIMIT),
        files_sha256=attempt.verdict.files_sha256,
    )

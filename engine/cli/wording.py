"""Verdicts, times and money in few words, safe to show."""

from __future__ import annotations

from agents.base import Usage
from engine.cli.terminal import plain_line
from engine.domain import Verdict

RED = frozenset({"failed", "error", "hung", "missing"})


def seconds(value: float) -> str:
    """A duration: ``0.42 s``, ``7.1 s``, ``3 min 5 s``."""
    if value < 1:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def money(usage: Usage) -> str:
    """What it cost, marked where a price is not known."""
    return f"{'' if usage.priced else 'at least '}${usage.usd:.4f}"


def tests_line(verdict: Verdict) -> str:
    """How many tests are red, or that all passed, or that none ran."""
    red = sum(test.ended in RED for test in verdict.tests)
    if not verdict.tests:
        return "no test ran"
    if red:
        return f"{red} of {len(verdict.tests)} tests red"
    passed = sum(test.ended == "passed" for test in verdict.tests)
    return f"{passed} of {len(verdict.tests)} tests passed"


def judged_before(verdict: Verdict) -> str:
    """Where the verdict comes from, if it was not taken in this run; else nothing."""
    if not verdict.from_run:
        return ""
    return plain_line(f"judged before, in run {verdict.from_run} at {verdict.judged}: --fresh judges again")


def what_failed(verdict: Verdict) -> str:
    """The first finding, and how many more there are."""
    findings = verdict.findings
    if not findings:
        broken = [report.check for report in verdict.reports if report.status == "broken"]
        return f"{', '.join(broken)} could not tell" if broken else "nothing was found, but nothing was shown either"
    first = findings[0]
    where = f"{first.path}:{first.line} " if first.path and first.line else f"{first.path} " if first.path else ""
    more = f" (+{len(findings) - 1} more)" if len(findings) > 1 else ""
    return plain_line(f"{first.check}: {where}{first.message}", limit=120) + more

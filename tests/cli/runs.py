"""Runs, verdicts and drafts to show and to write, made without an engine."""

from __future__ import annotations

from collections.abc import Mapping

from agents.base import Draft, Usage
from engine.domain import Attempt, Ending, Finding, Proof, Report, Run, Task, TestEnd, TestResult, Verdict


def verdict(*ends: TestEnd, findings: tuple[Finding, ...] = (), proofs: tuple[Proof, ...] = ()) -> Verdict:
    """A verdict whose tests ended like *ends*."""
    tests = tuple(TestResult(node_id=f"test_{number}", ended=ended) for number, ended in enumerate(ends))
    green = bool(ends) and all(ended == "passed" for ended in ends) and not findings
    report = Report(check="tests", status="passed" if green else "failed", tests=tests, findings=findings)
    return Verdict(files_sha256="0" * 64, reports=(report,), proofs=proofs)


def draft(files: Mapping[str, str] | None = None, **more: object) -> Draft:
    return Draft.model_validate({"files": files or {}, "author": "offline", **more})


def attempt(number: int, judged: Verdict, written: Draft | None = None) -> Attempt:
    return Attempt(number=number, draft=written or draft(), verdict=judged, seconds=1.5)


def run(
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    outcome: Ending | None = "verified",
    attempts: tuple[Attempt, ...] = (),
    **more: object,
) -> Run:
    """A run that made *after* of *before*."""
    fields = {
        "id": "20260101-000000-abc",
        "task": Task(files=before, tests={"test_a.py": ""}),
        "status": "ended",
        "outcome": outcome,
        "summary": "1 of 2 tests were red.",
        "next_step": "Read the diff.",
        "files": after,
        "attempts": attempts,
        "usage": Usage(),
        "seconds": 2.5,
    }
    return Run.model_validate(fields | more)

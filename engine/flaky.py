"""What a verdict tells of flaky tests. How they are found is in `engine.flakiness`, which only judging needs."""

from __future__ import annotations

from collections.abc import Collection

from engine.domain import Verdict

REPEAT = "repeat agrees"
"""Name of the proof that the same code ends the same way twice."""
SHARE = 0.5
"""Part of `Budget.test_seconds` that the repeats of one verdict, at most three, may take together."""
FAILED = frozenset({"failed", "error"})


def only_flaky(verdict: Verdict) -> bool:
    """Whether every test that failed is flaky, so that nothing shows that the code is wrong."""
    failed = {test.node_id for test in verdict.tests if test.ended in FAILED}
    return bool(failed) and failed <= set(verdict.flaky)


def named(flaky: Collection[str], most: int = 5) -> str:
    shown = sorted(flaky)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def not_counted(baseline: Verdict | None) -> str:
    """A sentence on the flaky tests of the input; empty where there are none."""
    return f"Flaky, and not counted as red before: {named(baseline.flaky)}." if baseline and baseline.flaky else ""

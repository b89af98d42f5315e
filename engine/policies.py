"""When a run stops: small stop conditions for tenacity that compose with ``|``."""

from __future__ import annotations

from collections.abc import Sequence

from tenacity import RetryCallState
from tenacity.stop import stop_base

from agents.base import Usage
from engine.domain import Attempt, Budget

SAME_AGAIN = 3
"""So many attempts in a row that fail in the same way are no progress; after one less, the author is told to change."""


class stalled(stop_base):  # noqa: N801 (named as tenacity names its conditions)
    """The last `SAME_AGAIN` attempts failed in the same way, or with the same files."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        self._attempts = attempts

    def __call__(self, _: RetryCallState) -> bool:
        return repeats(self._attempts) >= SAME_AGAIN


class overspent(stop_base):  # noqa: N801 (named as tenacity names its conditions)
    """The run's tokens or money are used up."""

    def __init__(self, attempts: Sequence[Attempt], budget: Budget) -> None:
        self._attempts = attempts
        self._budget = budget

    def __call__(self, _: RetryCallState) -> bool:
        return is_overspent(self._attempts, self._budget)


def is_overspent(attempts: Sequence[Attempt], budget: Budget) -> bool:
    spent = usage_of(attempts)
    return (budget.tokens is not None and spent.tokens >= budget.tokens) or (
        budget.usd is not None and spent.usd >= budget.usd
    )


def usage_of(attempts: Sequence[Attempt]) -> Usage:
    """What all drafts together cost."""
    return sum((attempt.draft.usage for attempt in attempts), Usage())


def repeats(attempts: Sequence[Attempt]) -> int:
    """How many of the last attempts in a row failed in the same way as the very last one; 0 where there is none.

    A searching author's drafts differ by construction and cost nothing, so only the same files count for them.
    """
    if not attempts:
        return 0
    last = attempts[-1]
    count = 0
    for attempt in reversed(attempts):
        same_files = attempt.verdict.files_sha256 == last.verdict.files_sha256
        same_failure = bool(last.draft.model) and _signature(attempt) == _signature(last)
        if not (same_files or same_failure):
            break
        count += 1
    return count


def _signature(attempt: Attempt) -> tuple[frozenset[str], frozenset[str], str]:
    unshown = frozenset(proof.name for proof in attempt.verdict.proofs if not proof.held)
    return attempt.verdict.fingerprints, unshown, attempt.draft.unusable

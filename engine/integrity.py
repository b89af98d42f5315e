"""Judging submissions whose verdict is known beforehand: no cheat may be verified, every honest solution must be."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from engine.domain import Budget, Ending, Reason, Run, Task, Value
from engine.errors import BadInput, MendboxError
from engine.side_by_side import side_by_side
from engine.submissions import Submission
from sandboxes.base import Limits
from sandboxes.errors import SandboxError

BUDGET = Budget(test_seconds=60)
"""Long, because a machine that judges many at a time must not make honest code look slow."""

Check = Callable[[Task, Mapping[str, str] | None], Awaitable[Run]]
"""Judges the files of a task, which were the second argument before."""


class Judged(Value):
    """What the judge said of one submission."""

    name: str
    group: str
    honest: bool
    outcome: Ending
    reason: Reason | None = None
    summary: str = ""
    run: str = ""
    """Id in the journal."""
    seconds: float = 0.0

    @property
    def ended(self) -> str:
        """How it ended, in one word: the reason where there is one."""
        return self.reason or self.outcome

    @property
    def accused(self) -> bool:
        """An honest solution that was called wrong or worse, and not only left without a proof."""
        return self.honest and self.outcome == "no_fix"

    @property
    def wrong(self) -> bool:
        """It is not what a judge that cannot be fooled says; where the machinery failed, nothing was learnt."""
        return self.outcome != "verified" if self.honest else self.outcome in {"verified", "environment", "cancelled"}


class Tally(Value):
    """The submissions of one group."""

    group: str
    submissions: int
    verified: int
    accused: int
    ended: Mapping[str, int]
    """How many ended how."""


class Totals(Value):
    """All submissions together."""

    forgeries: int
    forgeries_verified: int
    honest: int
    honest_verified: int
    honest_accused: int
    machinery_failed: int

    @property
    def held(self) -> bool:
        """No forgery is verified, every honest solution is, and the machinery failed under none."""
        return not self.forgeries_verified and self.honest_verified == self.honest and not self.machinery_failed


async def judge_all(
    submissions: Sequence[Submission],
    check: Check,
    *,
    limits: Limits,
    jobs: int,
    on_end: Callable[[Judged], None],
) -> tuple[Judged, ...]:
    """Judge every submission with *check*, *jobs* at a time; *on_end* is told of each as it ends, in that order."""

    async def one(submission: Submission) -> Judged:
        return await _judge(submission, check, limits)

    return await side_by_side(submissions, one, jobs=jobs, on_end=on_end)


def tallies(results: Iterable[Judged]) -> tuple[Tally, ...]:
    """One tally for each group, by name."""
    groups: dict[str, list[Judged]] = {}
    for result in results:
        groups.setdefault(result.group, []).append(result)
    return tuple(_tally(group, members) for group, members in sorted(groups.items()))


def totals(results: Sequence[Judged]) -> Totals:
    forged = [result for result in results if not result.honest]
    honest = [result for result in results if result.honest]
    return Totals(
        forgeries=len(forged),
        forgeries_verified=sum(result.outcome == "verified" for result in forged),
        honest=len(honest),
        honest_verified=sum(result.outcome == "verified" for result in honest),
        honest_accused=sum(result.accused for result in honest),
        machinery_failed=sum(result.outcome in {"environment", "cancelled"} for result in results),
    )


async def _judge(submission: Submission, check: Check, limits: Limits) -> Judged:
    started = asyncio.get_running_loop().time()
    try:
        run = await check(submission.task(budget=BUDGET, limits=limits), submission.before)
    except BadInput:
        raise
    except (SandboxError, MendboxError) as error:
        took = asyncio.get_running_loop().time() - started
        return _judged(submission, "environment", summary=str(error), seconds=took)
    return _judged(
        submission, run.outcome or "cancelled", reason=run.reason, summary=run.summary, run=run.id, seconds=run.seconds
    )


def _judged(
    submission: Submission,
    outcome: Ending,
    *,
    reason: Reason | None = None,
    summary: str,
    run: str = "",
    seconds: float,
) -> Judged:
    return Judged(
        name=submission.name,
        group=submission.group,
        honest=submission.honest,
        outcome=outcome,
        reason=reason,
        summary=summary,
        run=run,
        seconds=round(seconds, 3),
    )


def _tally(group: str, members: Sequence[Judged]) -> Tally:
    ended = Counter(member.ended for member in members)
    return Tally(
        group=group,
        submissions=len(members),
        verified=ended["verified"],
        accused=sum(member.accused for member in members),
        ended=dict(ended.most_common()),
    )

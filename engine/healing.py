"""The loop: ask the author, judge the draft, tell the author what really failed, until it is verified or a bound is met."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt

from agents.base import Allowance, Author, Draft, Foretelling
from engine.briefing import brief_for
from engine.case import Case
from engine.clock import RunClock
from engine.domain import Attempt, Budget, Verdict, hash_files
from engine.events import AttemptEnded, AuthorAsked, Watcher, nobody
from engine.forejudging import Forejudging
from engine.memory.entry import Recalled
from engine.policies import overspent, stalled, usage_of

if TYPE_CHECKING:
    from engine.judging import Judge

T = TypeVar("T", bound=BaseModel)


class Record(Protocol):
    """Where every effect of a run is kept, so that the same step is never taken twice."""

    async def step(self, run_id: str, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        """What was recorded for *kind* and *inputs*; else the result of *effect*, recorded first."""


async def heal(
    case: Case,
    attempts: list[Attempt],
    *,
    run_id: str,
    author: Author,
    judge: Judge,
    record: Record,
    watch: Watcher = nobody,
    clock: RunClock | None = None,
    recalled: Recalled | None = None,
) -> None:
    """Add to *attempts* until one is verified or a policy says stop.

    *recalled* is what earlier runs say to the author. *clock* is the run's own; one that begins now where None.

    Raises:
        NothingToOffer, Refused, ProviderUnavailable: As the author raised it; earlier attempts stand in *attempts*.
        SandboxError: The machinery failed.
    """
    budget = case.task.budget
    clock = clock or RunClock()

    async def attempt() -> Attempt:
        number, begun = len(attempts) + 1, time.monotonic()
        watch(AuthorAsked(number=number, author=author.name))
        brief = brief_for(case, attempts, _left(budget, attempts, clock), recalled)
        # what was learnt meanwhile, or only helps to choose what is shown, must not make a resumed run ask anew for a
        # draft that it has
        key = brief.model_dump_json(exclude={"allowance", "shifts", "lessons", "background"})
        draft = await record.step(run_id, f"draft by {author.name}", key, lambda: author.write(brief), Draft)
        verdict = await verdict_on(draft)
        attempts.append(Attempt(number=number, draft=draft, verdict=verdict, seconds=time.monotonic() - begun))
        watch(AttemptEnded(attempt=attempts[-1]))
        return attempts[-1]

    async def verdict_on(draft: Draft) -> Verdict:
        if draft.unusable:
            from engine.judging import unusable  # noqa: PLC0415 (only judging needs all the checks)

            return unusable(draft)
        files = draft.files
        key = f"{case.key}|{hash_files(files)}"
        return await record.step(run_id, "verdict", key, lambda: forejudging.judge(files), Verdict)

    retrying = AsyncRetrying(
        stop=stop_after_attempt(budget.attempts) | overspent(attempts, budget) | stalled(attempts),
        retry=retry_if_result(lambda latest: not latest.verdict.verified),
        retry_error_callback=lambda _: None,
    )
    async with Forejudging(judge, case, run_id=run_id) as forejudging:
        if isinstance(author, Foretelling):
            author.foretell(forejudging.begin)
        await retrying(attempt)


def _left(budget: Budget, attempts: Sequence[Attempt], clock: RunClock) -> Allowance:
    spent = usage_of(attempts)
    return Allowance(
        seconds=max(1.0, budget.seconds - clock.seconds),
        tokens=None if budget.tokens is None else max(1, budget.tokens - spent.tokens),
        usd=None if budget.usd is None else max(0.0, budget.usd - spent.usd),
    )

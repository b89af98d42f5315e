"""Healing every row of a dataset, several at a time; one that goes wrong does not stop the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import ceil
from statistics import median
from typing import Protocol

from agents.base import Suspect
from engine.correctness.comparing import Correctness
from engine.correctness.halving import halve
from engine.dataset import BadRow, Row, SolvedRow
from engine.domain import Budget, Ending, Reason, Run, Task, Value
from engine.errors import BadInput, MendboxError
from engine.side_by_side import side_by_side
from sandboxes.base import Limits
from sandboxes.errors import SandboxError

MOST_HALVES = 10
"""Halves of the tests that are tried until one is red on the input."""
FIRST = 5
"""Of the suspects of a run: as many lines as a person looks at."""


class RowResult(Value):
    """What came of one row: one JSON line of ``bench --out``."""

    id: str
    outcome: Ending | None
    """None where the line is no row."""
    reason: Reason | None = None
    summary: str = ""
    files: Mapping[str, str] = {}
    """The mended code, or the code as it was; by path."""
    run: str = ""
    """Id in the journal."""
    seconds: float = 0.0
    candidates: int = 0
    attempts: int = 0
    tokens: int = 0
    usd: float = 0.0
    suspects: tuple[Suspect, ...] = ()
    """The first lines that the search suspects."""
    located: bool | None = None
    """Whether a line that is at fault is among them; None where the row does not tell which lines are."""
    correct: bool | None = None
    """Whether a verified program does what the right one does; None where that was not asked, or cannot be told."""
    correctness: str = ""
    """What differed, or how much was compared."""
    half: str = ""
    """Seed of the half of the tests that author and judge had; empty where they had all."""


class Total(Value):
    """All rows together."""

    rows: int
    outcomes: Mapping[str, int]
    """How many rows ended how; ``bad_row`` counts the lines that are none."""
    verified: int
    correct: int
    overfitted: int
    """Verified, but not right."""
    located: int
    locatable: int
    """Rows that tell which lines are at fault."""
    seconds: float
    """Sum over the rows, which may have been healed side by side."""
    median_seconds: float
    most_seconds: float
    """95 of 100 rows took at most so long."""
    candidates: int
    tokens: int
    usd: float


Heal = Callable[[Task], Awaitable[Run]]


class Compare(Protocol):
    """Says whether healed files are right; see `engine.correctness.comparing.Comparing`."""

    async def __call__(
        self, row: SolvedRow, healed: Mapping[str, str], *, judged: Mapping[str, str]
    ) -> Correctness: ...


async def bench(
    entries: Sequence[Row | BadRow],
    heal: Heal,
    *,
    budget: Budget,
    limits: Limits,
    jobs: int,
    on_end: Callable[[RowResult], None],
    compare: Compare | None = None,
    half: int | None = None,
) -> tuple[RowResult, ...]:
    """Heal every row with *heal*, *jobs* at a time; *on_end* is told of each as it ends, in that order.

    What is verified is compared with the right version by *compare*, where the row has one. With *half*, a seed, author and
    judge have half of the tests of a row only.

    Raises:
        BadInput: What was asked fits no row, such as an author that does not exist.
    """

    async def one(entry: Row | BadRow) -> RowResult:
        return await _bench_row(entry, heal, compare, half=half, budget=budget, limits=limits)

    return await side_by_side(entries, one, jobs=jobs, on_end=on_end)


def total(results: Sequence[RowResult]) -> Total:
    words = [result.outcome or "bad_row" for result in results]
    seconds = [result.seconds for result in results] or [0.0]
    verified = [result for result in results if result.outcome == "verified"]
    return Total(
        rows=len(results),
        outcomes={word: words.count(word) for word in sorted(set(words))},
        verified=len(verified),
        correct=sum(result.correct is True for result in verified),
        overfitted=sum(result.correct is False for result in verified),
        located=sum(result.located is True for result in results),
        locatable=sum(result.located is not None for result in results),
        seconds=round(sum(seconds), 3),
        median_seconds=round(median(seconds), 3),
        most_seconds=round(_at_share(seconds, 0.95), 3),
        candidates=sum(result.candidates for result in results),
        tokens=sum(result.tokens for result in results),
        usd=sum(result.usd for result in results),
    )


async def _bench_row(
    entry: Row | BadRow, heal: Heal, compare: Compare | None, *, half: int | None, budget: Budget, limits: Limits
) -> RowResult:
    if isinstance(entry, BadRow):
        return RowResult(id=entry.id, outcome=None, summary=f"line {entry.line}: {entry.problem}")
    started = asyncio.get_running_loop().time()
    files = entry.task(budget=budget, limits=limits).files
    try:
        run, judged = await _heal_row(entry, heal, half=half, budget=budget, limits=limits)
        found = Correctness(correct=None)
        if compare is not None and isinstance(entry, SolvedRow) and run.outcome == "verified":
            found = await compare(entry, run.files, judged=judged.tests)
    except BadInput:
        raise
    except (SandboxError, MendboxError) as error:
        took = asyncio.get_running_loop().time() - started
        return RowResult(id=entry.id, outcome="environment", summary=str(error), files=files, seconds=took)
    suspects = run.suspects[:FIRST]
    at_fault = {(entry.path, line) for line in entry.lines}
    return RowResult(
        id=entry.id,
        outcome=run.outcome or "cancelled",
        reason=run.reason,
        summary=run.summary,
        files=run.files or files,
        run=run.id,
        seconds=round(run.seconds or asyncio.get_running_loop().time() - started, 3),
        candidates=run.candidates,
        attempts=len(run.attempts),
        tokens=run.usage.tokens,
        usd=run.usage.usd,
        suspects=suspects,
        located=any((each.path, each.line) in at_fault for each in suspects) if at_fault else None,
        correct=found.correct,
        correctness=found.why,
        half=judged.seed,
    )


class _Judged(Value):
    """The tests that author and judge have of a row."""

    tests: Mapping[str, str]
    seed: str = ""


async def _heal_row(row: Row, heal: Heal, *, half: int | None, budget: Budget, limits: Limits) -> tuple[Run, _Judged]:
    """The run on the whole suite; or on a half of it, the first that is red on the input."""
    judged = _Judged(tests=row.suite)
    run = None
    for seed in () if half is None else range(half, half + MOST_HALVES):
        judged = _Judged(tests=halve(row.suite, seed=f"{seed} {row.id}"), seed=str(seed))
        run = await heal(row.task(budget=budget, limits=limits, suite=judged.tests))
        if run.baseline is None or not run.baseline.green:
            break
    return run or await heal(row.task(budget=budget, limits=limits)), judged


def _at_share(values: Sequence[float], share: float) -> float:
    """The smallest of *values* that at least such a share of them does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]

"""How a verdict grows with the number of tests and of files, beside the bare host on the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from engine.speed.contender import Answer, Contender, NotMeasured
from engine.speed.result import Point, Times
from engine.speed.suites import Suite, of_files, of_tests
from sandboxes.errors import SandboxError

TESTS = (1, 10, 100, 1_000, 5_000)
FILES = (1, 10, 100, 500, 2_000)
_MAKE: dict[Literal["tests", "files"], Callable[[int], Suite]] = {"tests": of_tests, "files": of_files}


async def grow(warm: Contender, host: Contender, *, of: Literal["tests", "files"], size: int, rounds: int) -> Point:
    """So many rounds of both, in turns. What is too large to be judged is a point without samples, and says why."""
    suite = _MAKE[of](size)
    ours: list[Answer] = []
    theirs: list[Answer] = []
    try:
        for _ in range(rounds):
            await _add(ours, warm.answer(suite))
            await warm.settle()
            await _add(theirs, host.answer(suite))
    except (NotMeasured, SandboxError) as error:
        return Point(of=of, size=size, warm=_times(ours), host=_times(theirs), not_measured=str(error)[:500])
    wrong = sum(not answer.is_right(suite) for answer in (*ours, *theirs))
    return Point(of=of, size=size, warm=_times(ours), host=_times(theirs), wrong=wrong)


async def _add(answers: list[Answer], answer: Awaitable[Answer]) -> None:
    answers.append(await answer)


def _times(answers: list[Answer]) -> Times:
    return Times.of_seconds([answer.seconds for answer in answers])

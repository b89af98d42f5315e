"""What every contender is: somebody who is handed a suite and says whether it is green, as fast as it can."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeVar

from engine.domain import Value
from engine.speed.suites import Suite

T = TypeVar("T")
GIVE_UP = 120
"""Seconds after which one answer of a contender is not waited for any more."""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
RUFF = ("check", "--quiet", "--no-cache")
PLAIN_PYTEST = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Plugins that happen to be installed would only make the others slower."""
BOTH = (
    f"{{ ruff {' '.join(RUFF)} . & python3 {' '.join(PYTEST)}; tests=$?; wait $!; lint=$?; "
    "[ $tests = 0 ] && [ $lint = 0 ]; }"
)
"""Tests and lint side by side, as a shell is told; its exit code is 0 where both are green."""


class Answer(Value):
    """What a contender said of one suite, and how long that took."""

    seconds: float
    """From the files in hand to the answer in hand; what is cleared away afterwards does not count."""
    green: bool
    passed: int = 0
    """Tests that passed."""
    tests_seconds: float = 0.0
    """What the tests themselves took, where that is told."""
    said: str = ""
    """The end of what it said, in case it is wrong."""

    def is_right(self, suite: Suite) -> bool:
        """Whether it is what has to be said of *suite*, which is green."""
        return self.green and self.passed == suite.count


class NotMeasured(Exception):
    """A contender cannot take part here. The text is the reason, as it is shown."""


class Contender(Protocol):
    """One way of doing the same work."""

    name: str
    about: str
    """What exactly is done and timed, in a sentence."""

    def ready(self) -> AbstractAsyncContextManager[None]:
        """Everything that is done once, before any request comes; nothing is left when it ends.

        Raises:
            NotMeasured: It cannot take part on this machine.
        """

    async def answer(self, suite: Suite) -> Answer:
        """Do the work once. Raises `NotMeasured` where it broke down and does not answer at all."""

    async def settle(self) -> None:
        """Wait until what the last answer left to be done is done, so that nobody else pays for it."""


class Simple:
    """A contender that has nothing to prepare and leaves nothing behind."""

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        yield

    async def settle(self) -> None:
        return


async def to_the_end(work: Callable[[], T]) -> T:
    """*work* in a thread. A cancelled call waits until it has ended, which takes `GIVE_UP` at most."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def passed_tests(said: str) -> int:
    """How many tests passed, by the last line that pytest writes; 0 where that says nothing of it."""
    found = re.findall(r"(?m)^(?:=+ )?(?:\d+ \w+, )*(\d+) passed\b", said)
    return int(found[-1]) if found else 0

"""All contenders on one suite, interleaved round by round, so that whatever drifts hits all alike."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from engine.speed.contender import Answer, Contender, NotMeasured
from engine.speed.result import Comparison, Load, Row, Times
from engine.speed.statistics import median
from engine.speed.suites import Suite

HOST = "bare host, "
_TOLD = 3
"""Wrong answers of which it is kept what was said."""


@dataclass
class Standing:
    """How a contender does so far."""

    contender: Contender
    rounds: int
    answers: list[Answer] = field(default_factory=list)
    wrong: list[Answer] = field(default_factory=list)
    not_measured: str = ""

    def row(self) -> Row:
        return Row(
            contender=self.contender.name,
            about=self.contender.about,
            times=Times.of_seconds([answer.seconds for answer in self.answers]),
            tests_times=Times.of_seconds([answer.tests_seconds for answer in self.answers if answer.tests_seconds]),
            wrong=len(self.wrong),
            wrong_said=tuple(answer.said for answer in self.wrong[:_TOLD]),
            not_measured=self.not_measured,
        )


class Versus:
    """One comparison; what it has so far can be read at any time, also after it was broken off."""

    def __init__(
        self,
        contenders: Sequence[tuple[Contender, int]],
        *,
        suite: Suite,
        key: str,
        load: Load,
        tell: Callable[[str], None],
    ) -> None:
        """*contenders* come with the rounds that each takes part in at most."""
        self._standings = [Standing(contender, rounds) for contender, rounds in contenders]
        self._suite = suite
        self._key = key
        self._load: Load = load
        self._tell = tell

    async def run(self) -> None:
        async with AsyncExitStack() as opened:
            for one in self._standings:
                self._tell(f"{one.contender.name}: preparing")
                await self._guarded(one, self._prepare(one, opened))
            rounds = max((one.rounds for one in self._standings), default=0)
            for number in range(1, rounds + 1):
                self._tell(f"round {number} of {rounds}")
                for one in self._standings:
                    if number <= one.rounds and not one.not_measured:
                        await self._guarded(one, self._round(one))

    def result(self) -> Comparison:
        rows = [one.row() for one in self._standings]
        host = min(
            (row for row in rows if row.contender.startswith(HOST) and row.times.samples_ms),
            key=lambda row: median(row.times.samples_ms),
            default=None,
        )
        if host is not None:
            whole = median(host.times.samples_ms)
            rows = [
                row.model_copy(update={"ratio": round(median(row.times.samples_ms) / whole, 4)})
                if row.times.samples_ms
                else row
                for row in rows
            ]
        return Comparison(
            suite=self._key,
            name=self._suite.name,
            tests=self._suite.count,
            load=self._load,
            rows=tuple(rows),
            reference=host.contender if host else "",
        )

    async def _prepare(self, one: Standing, opened: AsyncExitStack) -> None:
        """Get ready, then answer once that the suite is green and once that a broken one is red; neither is timed."""
        await opened.enter_async_context(one.contender.ready())
        for suite, is_green in ((self._suite, True), (self._suite.broken(), False)):
            answer = await one.contender.answer(suite)
            await one.contender.settle()
            if answer.green if not is_green else not answer.is_right(suite):
                one.wrong.append(answer)

    async def _round(self, one: Standing) -> None:
        answer = await one.contender.answer(self._suite)
        if not answer.is_right(self._suite):
            one.wrong.append(answer)
        one.answers.append(answer)
        await one.contender.settle()

    async def _guarded(self, one: Standing, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except NotMeasured as error:
            one.not_measured = str(error)
        except Exception as error:  # noqa: BLE001  (whatever breaks one contender must not lose what all others did)
            one.not_measured = f"{type(error).__name__}: {error}"[:500]

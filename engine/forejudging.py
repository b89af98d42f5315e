"""Judging a likely draft while its author still weighs what to hand in: mostly that is the first thing it found.

What comes of it counts only where the author does hand in just these files; else it is given up, and nobody learns of it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from engine.case import Case
from engine.domain import Verdict

if TYPE_CHECKING:
    from engine.judging import Judge


class _Begun(NamedTuple):
    files: Mapping[str, str]
    going: asyncio.Task[Verdict]


class Forejudging:
    """*judge*, asked about drafts of one *case*. Used as ``async with``: at its end nothing of it goes on.

    On a single core nothing is begun ahead: it would only keep the author from what it still weighs. *cores* are this
    machine's where None.
    """

    def __init__(self, judge: Judge, case: Case, *, run_id: str, cores: int | None = None) -> None:
        self._judge = judge
        self._case = case
        self._run_id = run_id
        self._spare = (cores or os.cpu_count() or 1) > 1
        self._begun: _Begun | None = None
        self._given_up: list[asyncio.Task[Verdict]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()
        await asyncio.gather(*self._given_up, return_exceptions=True)

    def begin(self, files: Mapping[str, str]) -> None:
        """These *files* are likely to be handed in next, and no longer those of an earlier call."""
        self._give_up()
        if self._spare:
            judging = self._judge.judge(files, self._case, run_id=self._run_id)
            self._begun = _Begun(dict(files), asyncio.create_task(judging, name="judge ahead"))

    async def judge(self, files: Mapping[str, str]) -> Verdict:
        """The verdict on *files*, which were handed in; see `engine.judging.Judge.judge`."""
        if self._begun is not None and self._begun.files == files:
            going, self._begun = self._begun.going, None
            return await going
        self._give_up()
        return await self._judge.judge(files, self._case, run_id=self._run_id)

    def _give_up(self) -> None:
        if self._begun is not None:
            self._begun.going.cancel()
            self._given_up.append(self._begun.going)
            self._begun = None

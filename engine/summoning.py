"""A judge who comes when there is something to judge: until then none of the checks is imported, and no box is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from engine.case import Case
from engine.domain import Verdict
from sandboxes.base import Limits, Sandbox

if TYPE_CHECKING:
    from engine.judging import Judge
    from engine.surroundings import Surroundings


class Beginning(Sandbox, Protocol):
    """A sandbox that can begin a box before it is asked for one."""

    def begin(self, limits: Limits) -> asyncio.Task[None]: ...


class OnCall:
    """Judges as `engine.judging.BoxJudge` does; it is imported while the first box is being made."""

    def __init__(self, sandbox: Beginning, surroundings: Callable[[], Surroundings] | None = None) -> None:
        self._sandbox = sandbox
        self._surroundings = surroundings
        self._judge: Judge | None = None

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        """The verdict on *files*; see `engine.judging.Judge.judge`."""
        if self._judge is None:
            # not awaited itself: it is everybody's, and would be cancelled with this one
            await asyncio.wait([self._sandbox.begin(case.task.limits)])
            of_project = self._surroundings if case.task.dependencies is not None else None
            self._judge = await asyncio.to_thread(_judge_in, self._sandbox, of_project)
        return await self._judge.judge(files, case, run_id=run_id)


def _judge_in(sandbox: Sandbox, surroundings: Callable[[], Surroundings] | None) -> Judge:
    from engine.judging import BoxJudge  # noqa: PLC0415 (only what has to be judged needs all the checks)

    return BoxJudge(sandbox, surroundings=surroundings() if surroundings else None)

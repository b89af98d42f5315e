"""A receipt's files judged again: by the engine here, in new boxes, from the texts alone, with no author and no model."""

from __future__ import annotations

import asyncio

from engine.domain import Run, Task
from engine.errors import BadInput
from engine.events import Watcher, nobody
from engine.harness import Mendbox
from engine.receipts.errors import NotJudgedInTime
from engine.receipts.evidence import Evidence
from engine.receipts.statement import Particulars, Statement
from sandboxes.base import Limits


def task_of(statement: Statement, evidence: Evidence, ours: Limits) -> Task:
    """What has to be judged, within the receipt's own limits, which may not be wider than *ours*.

    Raises:
        BadInput: The receipt wants more of this machine than the settings allow.
    """
    said = statement.predicate.mendbox
    _require_within(said, ours)
    task = Task(files=evidence.after, tests=evidence.tests, goal=said.goal, language=said.language, error=said.error)
    budget = task.budget.model_copy(update={"test_seconds": said.test_seconds})
    return task.model_copy(update={"budget": budget, "limits": said.limits})


async def judge_again(
    mendbox: Mendbox, statement: Statement, evidence: Evidence, *, seconds: float, watch: Watcher = nobody
) -> Run:
    """The run in which the files after are judged against those before, by the same frozen tests, and always anew.

    A reproduction's test is among the tests here: what was made of the reported error then is not made again.

    Raises:
        BadInput: The receipt wants more of this machine than the settings allow.
        NotJudgedInTime: It took more than *seconds*.
    """
    task = task_of(statement, evidence, mendbox.settings.limits)
    before = None if statement.predicate.mendbox.stand_in else evidence.before
    try:
        async with asyncio.timeout(seconds):
            return await mendbox.check(task, before=before, watch=watch, fresh=True)
    except TimeoutError as error:
        hint = "allow more with --seconds"
        raise NotJudgedInTime(f"judging it again did not end within {seconds:g} s", hint=hint) from error


def _require_within(said: Particulars, ours: Limits) -> None:
    """Only what a machine could be worn down with; the other limits are bounded for everybody."""
    for name in ("memory_mib", "cpus", "processes", "work_mib"):
        asked, allowed = getattr(said.limits, name), getattr(ours, name)
        if asked > allowed:
            what = f"the receipt was judged in a box with {name} {asked:g}, and one of yours may have {allowed:g}"
            raise BadInput(what, hint=f"where you trust it, allow that: MENDBOX_{name.upper()}={asked:g}")

"""A receipt's files judged again: by the engine here, in new boxes, from the texts alone, with no author and no model.

The image that a receipt names is never used: whoever wrote it might have prepared one. Where it is about a project, the
packages are resolved again, from the manifests among its texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from engine.dependencies.ensuring import Environments
from engine.dependencies.reading import read_wanted
from engine.domain import Declared, Run, Task
from engine.errors import BadInput
from engine.events import Preparing, Watcher, nobody
from engine.harness import Mendbox
from engine.receipts.errors import NotJudgedInTime, Unfitting
from engine.receipts.evidence import Evidence
from engine.receipts.statement import Particulars, Statement
from engine.repository import javascript
from engine.repository.project import Project
from engine.repository.sizing import limits_for
from sandboxes.base import Limits
from sandboxes.environments.wanted import Unresolved, Wanted


def task_of(statement: Statement, evidence: Evidence, ours: Limits) -> Task:
    """What has to be judged, within the receipt's own limits, which may not be wider than *ours*.

    Raises:
        BadInput: The receipt wants more of this machine than the settings allow.
    """
    said = statement.predicate.mendbox
    if said.suite is not None or said.limits.environment:
        ours = limits_for(_project_of(said, evidence), ours)
    _require_within(said, ours)
    task = Task(
        files=evidence.after,
        tests=evidence.tests,
        data=evidence.data,
        suite=said.suite,
        dependencies=said.dependencies,
        goal=said.goal,
        language=said.language,
        error=said.error,
    )
    budget = task.budget.model_copy(update={"test_seconds": said.test_seconds})
    limits = said.limits.model_copy(update={"environment": ""})
    return task.model_copy(update={"budget": budget, "limits": limits})


async def judge_again(
    mendbox: Mendbox,
    statement: Statement,
    evidence: Evidence,
    *,
    seconds: float,
    environments: Callable[[], Environments],
    watch: Watcher = nobody,
) -> Run:
    """The run in which the files after are judged against those before, by the same frozen tests, and always anew.

    A reproduction's test is among the tests here: what was made of the reported error then is not made again.

    Raises:
        BadInput: The receipt wants more of this machine than the settings allow.
        NotJudgedInTime: It took more than *seconds*.
        Unfitting: What it says it needs cannot be had here.
    """
    task = task_of(statement, evidence, mendbox.settings.limits)
    before = None if statement.predicate.mendbox.stand_in else evidence.before
    try:
        async with asyncio.timeout(seconds):
            if statement.predicate.mendbox.limits.environment and not _settled_by_language(statement.predicate.mendbox):
                wanted = _project_of(statement.predicate.mendbox, evidence).wanted
                task = await _surrounded(task, wanted, environments(), watch)
            return await mendbox.check(task, before=before, watch=watch, fresh=True)
    except TimeoutError as error:
        hint = "allow more with --seconds"
        raise NotJudgedInTime(f"judging it again did not end within {seconds:g} s", hint=hint) from error


def _settled_by_language(said: Particulars) -> bool:
    """Whether its environment is the image of its language, which whoever judges it takes by itself."""
    return said.language != "python" and said.suite is None


async def _surrounded(task: Task, wanted: Wanted, environments: Environments, watch: Watcher) -> Task:
    """*task* in an environment that has what is *wanted*."""
    try:
        made = await environments.ensure(wanted, lambda message: watch(Preparing(message=message)))
    except Unresolved as error:
        raise Unfitting(f"what the receipt's project needs cannot be had here: {error.message}") from error
    return task.model_copy(update={"limits": task.limits.model_copy(update={"environment": made.reference})})


def _project_of(said: Particulars, evidence: Evidence) -> Project:
    """The project before, as far as it says how large its boxes have to be and what they need."""
    declared = said.dependencies or Declared()
    files = evidence.after if said.stand_in else evidence.before
    texts = {**evidence.tests, **files}
    if said.language != "python" and javascript.MANIFEST in texts:
        wanted = javascript.wanted(texts)
    else:
        wanted = read_wanted(texts, allowed=declared.allowed, allow_new=declared.allow_new).wanted
    return Project(
        root=Path(), language=said.language, files=files, tests=evidence.tests, data=evidence.data, wanted=wanted
    )


def _require_within(said: Particulars, ours: Limits) -> None:
    """Only what a machine could be worn down with; the other limits are bounded for everybody."""
    for name in ("memory_mib", "cpus", "processes", "work_mib"):
        asked, allowed = getattr(said.limits, name), getattr(ours, name)
        if asked > allowed:
            what = f"the receipt was judged in a box with {name} {asked:g}, and one of yours may have {allowed:g}"
            raise BadInput(what, hint=f"where you trust it, allow that: MENDBOX_{name.upper()}={asked:g}")

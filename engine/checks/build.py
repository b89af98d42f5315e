"""Can what the tests need be made of the draft's sources? Only where a project says how; see `agents.base.Suite.build`."""

from __future__ import annotations

from engine.checks.base import Subject
from engine.domain import Finding, Report, Task
from sandboxes.base import Box, Command, Outcome
from sandboxes.errors import CommandMissing

NAME = "build"
EVIDENCE = 16_384
"""Bytes of what a failed build said, from its end."""


def command_for(task: Task) -> Command | None:
    """What has to be run in a box that holds the code, before its tests; None where nothing has to be."""
    if task.suite is None or not task.suite.build:
        return None
    return Command(argv=task.suite.build, seconds=max(60.0, task.budget.test_seconds), env=task.suite.environment)


async def build(subject: Subject, box: Box) -> Report | None:
    """Run it in *box*: a report, or None where there is nothing to run."""
    command = command_for(subject.case.task)
    if command is None:
        return None
    try:
        outcome = await box.run(command)
    except CommandMissing:
        return _failed(f"the image has no program {command.argv[0]!r}", "")
    if outcome.ok:
        return Report(check=NAME, status="passed", summary="built", seconds=outcome.seconds)
    return _failed(_how(outcome), _said(outcome), outcome.seconds)


def _failed(how: str, said: str, seconds: float = 0.0) -> Report:
    finding = Finding(check=NAME, rule="build", message=f"the build failed: {how}", evidence=said[-EVIDENCE:])
    return Report(check=NAME, status="failed", summary=how, findings=(finding,), seconds=seconds)


def _how(outcome: Outcome) -> str:
    return f"exit code {outcome.exit_code}" if outcome.ended == "exited" else f"it ended as {outcome.ended}"


def _said(outcome: Outcome) -> str:
    return "\n".join(text for text in (outcome.stdout.text.strip(), outcome.stderr.text.strip()) if text)

"""``mendbox fix``: mend code until its tests pass, show how, and write it only when told to."""

from __future__ import annotations

import argparse

from engine.cli import repository
from engine.cli.apply import NotApplied, apply
from engine.cli.dependencies import hint_at_missing, read_dependencies, surround
from engine.cli.error_text import read_error
from engine.cli.exits import MISUSE
from engine.cli.healing import exit_code, show
from engine.cli.output import print_document, run_document
from engine.cli.receipt import wanted
from engine.cli.settings import read_settings
from engine.cli.terminal import say
from engine.cli.verdict import print_run
from engine.domain import Run, Task
from engine.events import Watcher
from engine.harness import Mendbox
from engine.inputs.reading import Inputs, read_inputs


def command(arguments: argparse.Namespace) -> int:
    if repository.is_meant(arguments):
        return repository.command(arguments)
    inputs = read_inputs(arguments.paths, arguments.tests)
    for note in inputs.notes:
        say(note)
    settings = read_settings()
    receipt = wanted(arguments)
    given = {"attempts": arguments.attempts, "seconds": arguments.seconds}
    task = Task(
        language=inputs.language,
        files=inputs.files,
        tests=inputs.tests,
        error=read_error(arguments.error),
        budget=settings.budget.model_copy(update={name: value for name, value in given.items() if value is not None}),
        limits=settings.limits,
    )
    dependencies = read_dependencies(arguments, inputs)

    async def mend(mendbox: Mendbox, watch: Watcher) -> Run:
        there = await surround(task, dependencies, settings, watch)
        return await mendbox.fix(there, author=arguments.author, watch=watch, fresh=arguments.fresh)

    ended = show(
        mend,
        settings=settings,
        title=", ".join(arguments.paths),
        box_at_once=arguments.fresh and dependencies is None,
    )
    written, refusal = _apply(ended.run, inputs) if arguments.apply else ((), "")
    kept = receipt.write(ended.run) if receipt else None
    if arguments.json:
        more = kept.document if kept else {}
        print_document(run_document(ended.run, applied=list(written), not_applied=refusal, **more))
    else:
        print_run(ended.run, next_step="" if written else None)
    hint_at_missing(ended.run, dependencies)
    if written:
        say(f"written: {', '.join(written)}")
    if refusal:
        say(f"nothing written: {refusal}")
    if kept:
        say(kept.words)
    failed = (bool(refusal) and ended.run.outcome == "verified") or (kept is not None and kept.failed)
    return MISUSE if failed else exit_code(ended)


def _apply(run: Run, inputs: Inputs) -> tuple[tuple[str, ...], str]:
    """What was written, and otherwise why nothing was."""
    if run.outcome == "cancelled":
        return (), "the run was cancelled"
    if run.outcome != "verified":
        return (), f"the outcome is {run.outcome}, and only a verified one is written"
    try:
        return apply(run, inputs), ""
    except NotApplied as error:
        return (), str(error)

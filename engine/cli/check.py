"""``mendbox check``: judge code by its tests, and change nothing."""

from __future__ import annotations

import argparse

from engine.cli.dependencies import hint_at_missing, read_dependencies, surround
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
from engine.inputs.earlier import read_earlier
from engine.inputs.reading import read_inputs


def command(arguments: argparse.Namespace) -> int:
    inputs = read_inputs(arguments.paths, arguments.tests, trusted=False)
    before = read_earlier(arguments.before, inputs) if arguments.before else None
    for note in inputs.notes:
        say(note)
    settings = read_settings()
    receipt = wanted(arguments)
    budget = settings.budget.model_copy(update={"seconds": arguments.seconds} if arguments.seconds else {})
    task = Task(
        language=inputs.language,
        files=inputs.files,
        tests=inputs.tests,
        budget=budget,
        limits=settings.limits,
    )
    dependencies = read_dependencies(arguments, inputs)

    async def judge(mendbox: Mendbox, watch: Watcher) -> Run:
        there = await surround(task, dependencies, settings, watch)
        return await mendbox.check(there, before=before, watch=watch, fresh=arguments.fresh)

    ended = show(
        judge,
        settings=settings,
        title=", ".join(arguments.paths),
        before="before" if arguments.before else "with empty modules in its place",
        box_at_once=arguments.fresh and dependencies is None,
    )
    kept = receipt.write(ended.run) if receipt else None
    if arguments.json:
        print_document(run_document(ended.run, **(kept.document if kept else {})))
    else:
        print_run(ended.run)
    hint_at_missing(ended.run, dependencies)
    if kept:
        say(kept.words)
    return MISUSE if kept and kept.failed else exit_code(ended)

"""``mendbox admit``: which generated tests prove something, and why the others do not count."""

from __future__ import annotations

import argparse
from collections import Counter

from pydantic import JsonValue
from rich import box
from rich.table import Table
from rich.text import Text

from engine.admission import Admission
from engine.cli.apply import NotApplied, write
from engine.cli.dependencies import read_dependencies, say_progress, surround
from engine.cli.exits import MISUSE, NOT_VERIFIED, VERIFIED
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.cli.wording import seconds
from engine.domain import Task
from engine.harness import Mendbox
from engine.inputs.earlier import read_earlier
from engine.inputs.reading import Inputs, read_inputs, require_python


def command(arguments: argparse.Namespace) -> int:
    """0: at least one test counts; 1: none does."""
    inputs = read_inputs(arguments.paths, arguments.tests, trusted=False)
    require_python(inputs, "judged by the tests that were generated for it")
    before = read_earlier(arguments.before, inputs) if arguments.before else None
    for note in inputs.notes:
        say(note)
    settings = read_settings()
    budget = settings.budget.model_copy(update={"seconds": arguments.seconds} if arguments.seconds else {})
    task = Task(files=inputs.files, tests=inputs.tests, budget=budget, limits=settings.limits)

    dependencies = read_dependencies(arguments, inputs)

    async def admit(stop: Stop) -> Admission:
        async with Mendbox(settings, journal=False) as mendbox:
            there = await stop.unless_stopped(surround(task, dependencies, settings, say_progress))
            return await stop.unless_stopped(mendbox.admit(there, before=before))

    admission = drive(admit)
    written, refusal = _apply(admission, inputs) if arguments.apply else ((), "")
    if arguments.json:
        print_document(_document(admission, written, refusal))
    else:
        _print(admission)
    if written:
        say(f"written: {', '.join(written)}")
    if refusal:
        say(f"nothing written: {refusal}")
    if refusal and admission.kept:
        return MISUSE
    return VERIFIED if admission.kept else NOT_VERIFIED


def _apply(admission: Admission, inputs: Inputs) -> tuple[tuple[str, ...], str]:
    """What was written, and otherwise why nothing was."""
    if not admission.kept:
        return (), "no test is left to be kept"
    try:
        return write(inputs.tests, admission.files, inputs.test_origins, root=inputs.root), ""
    except NotApplied as error:
        return (), str(error)


def _document(admission: Admission, written: tuple[str, ...], refusal: str) -> dict[str, JsonValue]:
    counts: JsonValue = {
        "kept": len(admission.kept),
        "dropped": len(admission.dropped),
        **{f"kept: {by}": count for by, count in Counter(kept.by for kept in admission.kept).items()},
        **{f"dropped: {why}": count for why, count in Counter(dropped.why for dropped in admission.dropped).items()},
    }
    return admission.model_dump(mode="json") | {
        "counts": counts,
        "applied": list(written),
        "not_applied": refusal,
    }


def _print(admission: Admission) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("test", overflow="fold")
    table.add_column("")
    table.add_column("why")
    table.add_column("detail", overflow="fold")
    for kept in admission.kept:
        table.add_row(*_row(kept.test, "kept", "green", kept.by, kept.detail))
    for dropped in admission.dropped:
        table.add_row(*_row(dropped.test, "dropped", "red", dropped.why, dropped.detail))
    console = screen()
    print_table(console, table)
    whys = Counter(dropped.why for dropped in admission.dropped)
    reasons = ", ".join(f"{count} {why}" for why, count in whys.items())
    line = f"{len(admission.kept)} kept, {len(admission.dropped)} dropped{f' ({reasons})' if reasons else ''}"
    line += f"; {admission.mutants} mutants tried in {seconds(admission.seconds)}"
    console.print(Text(line, style="bold green" if admission.kept else "bold red"), soft_wrap=True)


def _row(test: str, word: str, style: str, why: str, detail: str) -> tuple[Text, Text, Text, Text]:
    return Text(plain_line(test)), Text(word, style=style), Text(why), Text(plain_line(detail, limit=160), style="dim")

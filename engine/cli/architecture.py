"""``mendbox architecture``: plan a project, and print or write what it comes to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from engine.casting import make_architects
from engine.cli.interrupts import Stop, drive
from engine.cli.new_folder import new_folder
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, plain_line, print_table, say, screen
from engine.errors import BadInput
from engine.projects.architecture import Architecture, arithmetic
from engine.projects.asking import commission_of
from engine.projects.designing import Bounds, Designing


def command(arguments: argparse.Namespace) -> int:
    commission = commission_of(arguments.type, arguments.scale, arguments.cloud)
    folder = new_folder(arguments.out)
    settings = read_settings()
    bounds = Bounds(seconds=arguments.seconds or settings.seconds, tokens=settings.tokens, usd=settings.usd)
    architects = make_architects(arguments.author, settings)

    async def design(_: Stop) -> Architecture:
        return await Designing(architects, bounds).design(commission)

    made = drive(design)
    if folder is not None:
        _write(made, folder)
    if arguments.json:
        print_document(made.model_dump(mode="json") | {"written": str(folder) if folder else None})
    else:
        _show(made)
        if folder is not None:
            say(f"{len(made.files)} files in {plain_line(str(folder))}; begin with architecture.md")
    return 0


def _write(made: Architecture, folder: Path) -> None:
    try:
        for path, text in made.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(f"{str(folder)!r} cannot be written: {error.strerror}", hint="give another to --out") from error


def _show(made: Architecture) -> None:
    plan, console = made.plan, screen()
    console.print(Text(plain_line(plan.title)), soft_wrap=True)
    console.print(Text(plain_line(made.made, limit=1_000)), soft_wrap=True)
    parts = _table("part", "is", "does", "replicas")
    for component in plan.components:
        running = component.running
        replicas = str(running.least) if running.least == running.most else f"{running.least} to {running.most}"
        parts.add_row(*_row(component.name, component.kind, component.purpose, replicas))
    for store in plan.stores:
        parts.add_row(*_row(store.name, store.product, store.purpose, ""))
    print_table(console, parts)
    numbers = _table("number", "why")
    for figure in plan.figures:
        numbers.add_row(*_row(arithmetic(figure), figure.reason))
    print_table(console, numbers)
    reasons = _table("decision", "reason")
    for decision in plan.decisions:
        reasons.add_row(*_row(decision.choice, decision.reason))
    print_table(console, reasons)
    sys.stdout.write(plain(made.diagram))


def _row(*words: str) -> tuple[Text, ...]:
    return tuple(Text(plain_line(word, limit=600)) for word in words)


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table

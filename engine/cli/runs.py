"""``mendbox runs``: the latest runs of the journal."""

from __future__ import annotations

import argparse

from rich import box
from rich.table import Table
from rich.text import Text

from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.cli.verdict import STYLES
from engine.cli.wording import seconds
from engine.harness import Mendbox
from engine.listing import RunLine


def command(arguments: argparse.Namespace) -> int:
    async def read(_: Stop) -> tuple[RunLine, ...]:
        async with Mendbox(read_settings()) as mendbox:
            return await mendbox.runs(limit=arguments.limit, parts=arguments.all)

    lines = drive(read)
    if arguments.json:
        print_document({"runs": [line.model_dump(mode="json") for line in lines]})
    elif lines:
        console = screen()
        print_table(console, _table(lines, width=console.width))
    else:
        say("no runs yet; begin with: mendbox fix PATH... --tests PATH...")
    return 0


ROOMY = 90
"""Columns below which only what has to be read whole is shown: the id, which is copied, and the outcome."""


def _table(lines: tuple[RunLine, ...], *, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", no_wrap=True)
    table.add_column("outcome", no_wrap=width >= ROOMY, overflow="fold")
    if width >= ROOMY:
        table.add_column("started (UTC)", no_wrap=True)
        table.add_column("time", justify="right", no_wrap=True)
        table.add_column("what happened", overflow="fold")
    for line in lines:
        outcome = line.outcome or line.status
        words = f"{outcome} ({line.reason})" if line.reason else outcome
        cells = [Text(plain_line(line.id)), Text(words, style=STYLES.get(outcome, ""))]
        if width >= ROOMY:
            cells += [
                Text(line.started[:19].replace("T", " ")),
                Text(seconds(line.seconds)),
                Text(plain_line(line.summary, limit=120)),
            ]
        table.add_row(*cells)
    return table

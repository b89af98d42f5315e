"""``mendbox memory``: what verified repairs have taught, to look at and to forget. No box and no journal is opened."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, plain_line, print_table, say, screen
from engine.domain import diff_files
from engine.errors import BadInput
from engine.memory.entry import Remembered
from engine.memory.store import Store


def command(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    store = Store(settings.data_dir)
    if not settings.memory:
        say("the memory is switched off by MENDBOX_MEMORY: nothing is learnt or used; this is what was kept before")
    actions = {"list": _list, "show": _show, "forget": _forget}
    return actions[arguments.action](arguments, store)


def _list(arguments: argparse.Namespace, store: Store) -> int:
    repairs = store.newest(arguments.limit)
    if arguments.json:
        print_document({"repairs": [repair.model_dump(mode="json") for repair in repairs]})
    elif repairs:
        print_table(screen(), _table(repairs))
    else:
        say("nothing is remembered yet; every verified run of `mendbox fix` teaches")
    return 0


def _show(arguments: argparse.Namespace, store: Store) -> int:
    repair = store.get(arguments.repair)
    if arguments.json:
        print_document({"repair": repair.model_dump(mode="json")})
        return 0
    console = screen()
    console.print(Text().append(f"{repair.id}  ", style="bold").append(_when(repair), style="dim"), soft_wrap=True)
    console.print(Text(plain_line(f"  run {repair.run_id}, by {repair.author}, after {repair.failure or 'a failure'}")))
    for mended in repair.mended:
        place = f" in {mended.within}" if mended.within else ""
        console.print(Text(plain_line(f"  {mended.template}{place}: {_words(mended.old, mended.new)}", limit=400)))
    before, after = ({"remembered.py": f"{text}\n"} for text in (repair.before, repair.after))
    console.print(Text("\n" + plain(diff_files(before, after))), soft_wrap=True)
    return 0


def _forget(arguments: argparse.Namespace, store: Store) -> int:
    ways = (bool(arguments.repairs), arguments.all, arguments.older is not None)
    if sum(ways) != 1:
        raise BadInput(
            "it is not clear what to forget", hint="give ids of `mendbox memory list`, or --all, or --older DAYS"
        )
    if arguments.all:
        gone = store.forget_all()
    elif arguments.older is not None:
        gone = store.forget_older(arguments.older)
    else:
        # all are looked up first, so that a slip in one does not leave half of them forgotten
        found = {store.get(beginning).id for beginning in arguments.repairs}
        for repair_id in found:
            store.forget(repair_id)
        gone = len(found)
    if arguments.json:
        print_document({"forgotten": gone})
    else:
        say(f"forgot {gone} repair{'' if gone == 1 else 's'}")
    return 0


def _table(repairs: Sequence[Remembered]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("repair", no_wrap=True)
    table.add_column("learnt (UTC)", no_wrap=True)
    table.add_column("after")
    table.add_column("kind")
    table.add_column("what was changed", overflow="fold")
    for repair in repairs:
        kinds = dict.fromkeys(mended.template for mended in repair.mended)
        words = "; ".join(_words(mended.old, mended.new) for mended in repair.mended)
        table.add_row(
            Text(repair.id),
            Text(_when(repair)),
            Text(plain_line(repair.failure)),
            Text(plain_line(", ".join(kinds))),
            Text(plain_line(words, limit=120)),
        )
    return table


def _words(old: str, new: str) -> str:
    if not old and not new:
        return "a change that is long, or of the layout alone"
    return f"`{old}` → `{new}`" if old and new else f"`{new}` came" if new else f"`{old}` went"


def _when(repair: Remembered) -> str:
    return datetime.fromtimestamp(repair.at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")

"""``mendbox envs``: list or remove the images that hold what projects need."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.removed import print_removed
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.errors import BadInput
from engine.wiring import make_environments
from sandboxes.environments.store import Kept

_SHOWN = 4
"""Packages that are named in the table."""


def command(arguments: argparse.Namespace) -> int:
    return {"list": _list, "prune": _prune}[arguments.action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    settings = read_settings()

    async def read(_: Stop) -> tuple[Kept, ...]:
        return await make_environments(settings).list()

    environments = drive(read)
    total = round(sum(each.size_mib for each in environments), 1)
    if arguments.json:
        print_document(
            {
                "environments": [each.model_dump(mode="json") for each in environments],
                "size_mib": total,
                "most_mib": settings.envs_mib,
            }
        )
    elif environments:
        print_table(screen(), _table(environments))
        say(f"{total:.0f} MiB of at most {settings.envs_mib} (MENDBOX_ENVS_MIB); those used longest ago go first")
    else:
        say("no environment yet; one is made when a project needs packages")
    return 0


def _prune(arguments: argparse.Namespace) -> int:
    if arguments.all and arguments.older is not None:
        raise BadInput("it is not clear what to remove", hint="give --all, or --older DAYS, or neither")

    async def prune(_: Stop) -> tuple[str, ...]:
        environments = make_environments(read_settings())
        return await environments.prune(older_days=arguments.older, everything=arguments.all)

    none = "nothing to remove: no environment of that kind, or each is in use"
    print_removed(drive(prune), json=arguments.json, none=none)
    return 0


def _table(environments: Sequence[Kept]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("environment", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("used", justify="right", no_wrap=True)
    table.add_column("packages", overflow="fold")
    for each in environments:
        names = list(each.packages)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        table.add_row(
            Text(each.key),
            Text(f"{each.size_mib:.0f} MiB"),
            Text(_ago(time.time() - each.used)),
            Text(plain_line(f"{', '.join(names[:_SHOWN])}{more}")),
        )
    return table


def _ago(seconds: float) -> str:
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {name} ago"
    return "just now"

"""``mendbox resume``: go on with a run or a build that was cancelled or crashed."""

from __future__ import annotations

import argparse

from engine.cli.healing import exit_code, show
from engine.cli.interrupts import drive
from engine.cli.limits import LIMITS
from engine.cli.output import print_document, run_document
from engine.cli.settings import read_settings
from engine.cli.verdict import print_run
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.settings import Settings


def command(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    if drive(lambda _: _is_build(arguments.run, settings)):
        from engine.cli.build import resume  # noqa: PLC0415 (only builds pay for all that they need)

        return resume(arguments, settings)
    if arguments.out is not None:
        raise BadInput(f"{arguments.run!r} is no build, and is written to no folder", hint="leave --out away")
    if any(getattr(arguments, limit) is not None for limit in LIMITS):
        raise BadInput(f"{arguments.run!r} is no build, and keeps its limits", hint="leave them away")
    ended = show(
        lambda mendbox, watch: mendbox.resume(
            arguments.run, author=arguments.author, watch=watch, fresh=arguments.fresh
        ),
        settings=settings,
        title=f"resume {arguments.run}",
        box_at_once=arguments.fresh,
    )
    if arguments.json:
        print_document(run_document(ended.run))
    else:
        print_run(ended.run)
    return exit_code(ended)


async def _is_build(run_id: str, settings: Settings) -> bool:
    async with Mendbox(settings) as mendbox:
        return await mendbox.builds.has(run_id)

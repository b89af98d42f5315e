"""``mendbox resume``: go on with a run that was cancelled or crashed."""

from __future__ import annotations

import argparse

from engine.cli.healing import exit_code, show
from engine.cli.output import print_document, run_document
from engine.cli.settings import read_settings
from engine.cli.verdict import print_run


def command(arguments: argparse.Namespace) -> int:
    ended = show(
        lambda mendbox, watch: mendbox.resume(
            arguments.run, author=arguments.author, watch=watch, fresh=arguments.fresh
        ),
        settings=read_settings(),
        title=f"resume {arguments.run}",
        box_at_once=arguments.fresh,
    )
    if arguments.json:
        print_document(run_document(ended.run))
    else:
        print_run(ended.run)
    return exit_code(ended)

"""``mendbox serve``: the MCP server, over stdio or HTTP."""

from __future__ import annotations

import argparse

from engine.cli.settings import read_settings


def command(arguments: argparse.Namespace) -> int:
    import server  # noqa: PLC0415  # the only arrow from the command line to the MCP face, and the slowest import of all

    settings = read_settings(stays=True)
    if arguments.http:
        # clients that may not know of each other: the code of one is no example for another
        settings = settings.model_copy(update={"memory": False})
    return server.serve(settings, http=arguments.http)

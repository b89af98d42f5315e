"""``mendbox serve``: the MCP server, over stdio or HTTP."""

from __future__ import annotations

import argparse

from engine.cli.settings import read_settings


def command(arguments: argparse.Namespace) -> int:
    import server  # noqa: PLC0415  # the only arrow from the command line to the MCP face, and the slowest import of all

    return server.serve(read_settings(stays=True), http=arguments.http)

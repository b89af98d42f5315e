"""From a command line to an exit code: the one place where commands are called and errors become words."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module

from engine.cli.arguments import parse, wants_json
from engine.cli.exits import OF_A_SIGNAL

COMMANDS = {
    "fix": "engine.cli.fix",
    "check": "engine.cli.check",
    "ci": "engine.cli.ci",
    "improve": "engine.cli.improve",
    "admit": "engine.cli.admit",
    "tests": "engine.cli.tests",
    "run": "engine.cli.run",
    "runs": "engine.cli.runs",
    "show": "engine.cli.show",
    "verify": "engine.cli.verify",
    "memory": "engine.cli.memory",
    "resume": "engine.cli.resume",
    "build": "engine.cli.build",
    "architecture": "engine.cli.architecture",
    "bench": "engine.cli.bench",
    "images": "engine.cli.images",
    "envs": "engine.cli.envs",
    "doctor": "engine.cli.doctor",
    "serve": "engine.cli.serve",
    "install": "engine.cli.install",
    "demo": "engine.cli.demo",
}
"""The module of each command; its `command(arguments)` returns the exit code."""


def enter(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit code. Nothing but ``--help`` and ``--version`` leaves otherwise."""
    words = sys.argv[1:] if argv is None else argv
    # Importing makes objects that stay; to look them through again and again takes a twentieth of a short command.
    gc.set_threshold(10_000)
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not UTF-8 must not turn a verdict into a UnicodeEncodeError.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        arguments = parse(words)
        code: int = import_module(COMMANDS[arguments.command]).command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (``mendbox runs | head``); Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OF_A_SIGNAL + signal.SIGPIPE
    except KeyboardInterrupt:
        # Ctrl-C while the command's modules were still being imported; where work is done it is heeded otherwise.
        from engine.cli.failures import tell  # noqa: PLC0415  # as below
        from engine.cli.interrupts import Stopped  # noqa: PLC0415  # as below

        return tell(Stopped(signal.SIGINT), command=words[0] if words else "", json=wants_json(words))
    except Exception as error:  # noqa: BLE001  # the last border: whoever asked for JSON gets it, whatever went wrong
        from engine.cli.failures import tell  # noqa: PLC0415  # only failures pay for knowing all errors

        return tell(error, command=words[0] if words else "", json=wants_json(words))
    return code


def _open_closed_streams() -> None:
    """Give a program that was started with a stream closed (``mendbox runs >&-``) one that goes nowhere.

    The lowest free number is taken first, so that no file opened later can be written to by mistake.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))

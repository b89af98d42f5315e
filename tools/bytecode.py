"""Imports what `mendbox` imports, so that Python keeps the bytecode of it and of nothing else.

The packages are installed without being compiled, because most of each is never imported. Python compiles what it
imports once and keeps it, but not where PYTHONDONTWRITEBYTECODE is set, as it is in many containers; there half of the
time of every short command would go into compiling the same sources again.
"""

from __future__ import annotations

from importlib import import_module

from engine.cli.entry import COMMANDS

LATER = (
    "engine.cli.failures",
    "engine.cli.speed",
    "engine.admission",
    "engine.ahead",
    "engine.caching",
    "engine.conduct",
    "engine.judging",
    "engine.journal.ledger",
    "engine.journal.verdicts",
    "engine.receipts.storing",
    "agents.offline.author",
    "sandboxes.docker",
    "sandboxes.images",
    "sandboxes.pool",
    "sandboxes.reaper",
    "rich.live",
    "structlog",
    "server",
)
"""What commands import only when they need it. The models' libraries are left out: a model takes longer than they do."""

if __name__ == "__main__":
    for name in (*COMMANDS.values(), *LATER):
        import_module(name)

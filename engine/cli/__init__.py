"""The command line. Importing it does nothing; each command imports what it uses when it is called."""

from __future__ import annotations


def main(argv: list[str] | None = None) -> int:
    """Run one command line, by default this process's own, and return its exit code."""
    from engine.cli.entry import enter  # noqa: PLC0415  # an import of this package stays free

    return enter(argv)

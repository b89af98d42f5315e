"""Lines as git and SARIF count them: ended by a line feed, and by nothing else."""

from __future__ import annotations


def rows(text: str) -> list[str]:
    """The lines of *text* with their ends; the last one may have none."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])

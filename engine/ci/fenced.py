"""Other people's text inside Markdown, so that it stays text: it ends no fence, makes no link and calls nobody."""

from __future__ import annotations

import re

from engine.ci.shown import line, passage

BACKTICKS = re.compile("`+")


def span(text: str, *, limit: int = 300) -> str:
    """One line of *text* in a code span. Also right inside a table, where a bar would end the cell."""
    told = line(text, limit=limit)
    if not told:
        return ""
    ticks = "`" * (_longest(told) + 1)
    edge = " " if told.startswith("`") or told.endswith("`") else ""
    return f"{ticks}{edge}{told}{edge}{ticks}".replace("|", "\\|")


def block(text: str, *, language: str = "text", limit: int = 6_000) -> str:
    """*text* as a fenced code block of its own, ended by a line feed."""
    told = passage(text, limit=limit).rstrip("\n")
    fence = "`" * max(3, _longest(told) + 1)
    return f"{fence}{language}\n{told}\n{fence}\n"


def _longest(text: str) -> int:
    return max((len(run) for run in BACKTICKS.findall(text)), default=0)

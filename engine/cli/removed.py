"""What a prune has removed, told."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue
from rich.text import Text

from engine.cli.output import print_document
from engine.cli.terminal import plain_line, say, screen


def print_removed(removed: Sequence[str], *, json: bool, none: str) -> None:
    """The names of the images, one a line, or as a document; *none* is said where there are none."""
    if json:
        names: JsonValue = list(removed)
        print_document({"removed": names})
        return
    for name in removed:
        screen().print(Text(f"removed {plain_line(name)}"), soft_wrap=True)
    if not removed:
        say(none)

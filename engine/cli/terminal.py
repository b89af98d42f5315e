"""What a terminal may be shown: text that came out of a box, a file or a model cannot steer it."""

from __future__ import annotations

import os
import re
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters but tab and line feed; marks that turn the direction of text or hide it; lone surrogates."""
PICTURES = 0x2400
"""Unicode's pictures of the control characters start here: an escape is shown as ␛."""


def plain(text: str) -> str:
    """*text* with every character that could steer a terminal made visible instead."""
    return STEERING.sub(_shown, text.replace("\r\n", "\n"))


def plain_line(text: str, *, limit: int = 200) -> str:
    """*text* as one line of at most *limit* characters, safe to show."""
    line = " ".join(plain(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def screen(*, stderr: bool = False) -> Console:
    """A console that takes nothing it is given for markup, and writes no control characters but to a terminal."""
    file = sys.stderr if stderr else sys.stdout
    width = None if file.isatty() or "COLUMNS" in os.environ else 120
    return Console(file=file, markup=False, highlight=False, emoji=False, width=width)


def print_table(console: Console, table: Table) -> None:
    """Print *table*; where there is no terminal, without the blanks that fill its lines up."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().strip("\n").splitlines()]
    console.print(Text("\n".join(line for line in lines if line)), soft_wrap=True)


def say(text: str) -> None:
    """One line, or a few, on stderr."""
    screen(stderr=True).print(Text(plain(text)), soft_wrap=True)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(PICTURES + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"

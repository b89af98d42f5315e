"""What ruff's security rules say of a text."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass

_COMMAND = ("ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--select", "S", "--output-format", "json")
_SECONDS = 20.0


@dataclass(frozen=True)
class Found:
    rule: str
    line: int
    column: int
    """Both counted from 1, the column in characters."""
    message: str
    waived: bool
    """Its line says `noqa`."""


class NoRuff(Exception):
    """Ruff is not there, or said nothing that can be read."""


def security(path: str, text: str) -> list[Found]:
    """Findings of the security rules in *text*, also where a comment silences them. Raises NoRuff."""
    if shutil.which("ruff") is None:
        raise NoRuff
    try:
        done = subprocess.run(
            [*_COMMAND, "--stdin-filename", path, "-"],
            input=text.encode(), capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        said = json.loads(done.stdout or b"[]")
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise NoRuff from error
    lines = text.splitlines()
    found = []
    for one in said:
        row, column = one["location"]["row"], one["location"]["column"]
        waived = row <= len(lines) and "# noqa" in lines[row - 1]
        found.append(Found(str(one.get("code")), row, column, str(one.get("message")), waived))
    return sorted(found, key=lambda each: (each.line, each.column, each.rule))

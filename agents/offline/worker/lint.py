"""What ruff says: its safe fixes as candidates, and whether a candidate brings findings that were not there."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter

_SECONDS = 20.0
_COMMAND = ("ruff", "check", "--isolated", "--no-cache", "--target-version", "py313")


def findings(path: str, text: str) -> Counter[tuple[str, str]]:
    """Rules and messages of the default set, counted; empty where there is no ruff."""
    if shutil.which("ruff") is None:
        return Counter()
    done = _ruff([*_COMMAND, "--output-format", "json", "--stdin-filename", path, "-"], text)
    try:
        said = json.loads(done or "[]")
    except ValueError:
        return Counter()
    return Counter((str(one.get("code")), str(one.get("message"))) for one in said)


def fixed(path: str, text: str) -> str:
    """*text* with ruff's safe fixes; unchanged where there are none."""
    if shutil.which("ruff") is None:
        return text
    # fixing `unused import` could take away a name that other files import from here
    done = _ruff([*_COMMAND, "--fix-only", "--unfixable", "F401", "--stdin-filename", path, "-"], text)
    return done or text


def _ruff(command: list[str], text: str) -> str:
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")

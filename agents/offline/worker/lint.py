"""What ruff says: its safe fixes as candidates, and whether a candidate brings findings that were not there."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RULES = "E4,E7,E9,F,B006,B008,B018,PLE"
"""The rules that the judge counts new findings of."""
SERIOUS = ("E9", "F63", "F7", "F82", "PLE")
"""Those that it counts in a file that did not parse before, where ruff could not have found the others."""
_LEFT_ALONE = "F401"
"""Taking away an unused import could take away a name that other files import from here."""
_SECONDS = 20.0
_COMMAND = ("ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--select", RULES)


def findings(path: str, text: str) -> Counter[str]:
    """Findings by rule; empty where there is no ruff."""
    if shutil.which("ruff") is None:
        return Counter()
    done = _ruff([*_COMMAND, "--output-format", "json", "--stdin-filename", path, "-"], text)
    try:
        said = json.loads(done or "[]")
    except ValueError:
        return Counter()
    return Counter(str(one.get("code")) for one in said)


@dataclass
class Looked:
    """What ruff says of one file."""

    findings: Counter[str] = field(default_factory=Counter)
    """By rule."""
    mends: bool = False
    """Whether it has safe fixes; see `fixed`."""


def look(texts: Mapping[str, str]) -> dict[str, Looked]:
    """What it says of each of *texts*, by path: all in one call, which takes little longer than for one."""
    return dict(zip(texts, _look([(Path(path).name, text) for path, text in texts.items()]), strict=True))


def findings_of(texts: Sequence[str]) -> list[Counter[str]]:
    """Findings by rule of several texts; empty for all where ruff cannot be asked."""
    return [looked.findings for looked in _look([("m.py", text) for text in texts])]


def _look(named: Sequence[tuple[str, str]]) -> list[Looked]:
    found = [Looked() for _ in named]
    if not named or shutil.which("ruff") is None:
        return found
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text) in enumerate(named):
            (Path(folder) / str(number)).mkdir()
            # what a file is called decides about some rules
            (Path(folder) / str(number) / name).write_text(text, encoding="utf-8", newline="")
        done = _ruff([*_COMMAND, "--output-format", "json", folder], "")
    try:
        said: list[dict[str, Any]] = json.loads(done or "[]")
    except ValueError:
        return found
    for one in said:
        looked = found[int(Path(one["filename"]).parent.name)]
        looked.findings[str(one.get("code"))] += 1
        fix = one.get("fix") or {}
        looked.mends |= fix.get("applicability") == "safe" and one.get("code") != _LEFT_ALONE
    return found


def new(path: str, before: Counter[str], text: str, *, parsed: bool) -> list[str]:
    """Rules of which *text* has more findings than *before*; *parsed* is whether the file did parse then."""
    return more(before, findings(path, text), parsed=parsed)


def more(before: Counter[str], after: Counter[str], *, parsed: bool) -> list[str]:
    return [rule for rule in (after - before).elements() if parsed or rule.startswith(SERIOUS)]


def fixed(path: str, text: str) -> str:
    """*text* with ruff's safe fixes; unchanged where there are none."""
    if shutil.which("ruff") is None:
        return text
    done = _ruff([*_COMMAND, "--fix-only", "--unfixable", _LEFT_ALONE, "--stdin-filename", path, "-"], text)
    return done or text


def _ruff(command: list[str], text: str) -> str:
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")

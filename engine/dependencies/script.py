"""The header of a single script that says what it needs (PEP 723)."""

from __future__ import annotations

import re

from engine.dependencies.manifest import Manifest, Writing
from engine.dependencies.tables import items, read_toml

HEADER = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def read_script(path: str, text: str) -> Manifest | None:
    """What the script *path* says it needs; None where it has no such header."""
    if "# /// script" not in text:
        return None
    found = list(HEADER.finditer(text.replace("\r\n", "\n") + "\n"))
    if not found:
        return None
    writing = Writing(path)
    if len(found) > 1:
        writing.give_up("it has more than one header for scripts")
        return writing.manifest
    content = "".join(
        line[2:] if line.startswith("# ") else line[1:] for line in found[0]["content"].splitlines(keepends=True)
    )
    document = read_toml(content)
    if isinstance(document, str):
        writing.give_up(f"its header for scripts is no TOML ({document})")
        return writing.manifest
    writing.needs_python(document.get("requires-python"))
    for line in items(document.get("dependencies")):
        writing.state(line)
    return writing.manifest

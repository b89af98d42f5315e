"""``Pipfile`` and the part of a conda environment that pip installs."""

from __future__ import annotations

import re

from engine.dependencies.manifest import Manifest, Writing
from engine.dependencies.poetry import state
from engine.dependencies.tables import below, read_toml, text


def read_pipfile(path: str, source: str) -> Manifest:
    """What a ``Pipfile`` says is needed; where packages come from is not its to say."""
    writing = Writing(path)
    document = read_toml(source)
    if isinstance(document, str):
        writing.give_up(f"no TOML ({document})")
        return writing.manifest
    requires = below(document, "requires")
    version = text(requires.get("python_version") or requires.get("python_full_version"))
    if version:
        # the version that somebody works with, and not a promise that no other one does
        writing.note(f"{path}: made for Python {version}")
    for table, group in (("packages", ""), ("dev-packages", "dev")):
        for name, wish in below(document, table).items():
            state(name, wish, writing, group=group)
    return writing.manifest


def read_conda(path: str, source: str) -> Manifest:
    """The list below ``- pip:`` of an ``environment.yml``; what conda itself would install is a note."""
    writing = Writing(path)
    others, indent = 0, -1
    for line in source.splitlines():
        item = re.match(r"(\s*)-\s+(.*?)\s*$", line)
        if item is None:
            continue
        deep, said = len(item[1]), re.split(r"\s#", item[2], maxsplit=1)[0].strip().strip("\"'")
        if re.fullmatch(r"pip:", said):
            indent = deep
        elif indent >= 0 and deep > indent:
            writing.state(said) if not said.startswith("-") else writing.note(
                f"{path}: {said.split()[0]} is not heeded"
            )
        else:
            indent = -1
            others += 1
    if others:
        writing.note(f"{path}: {others} packages of conda's are left out: only an index's packages are installed")
    return writing.manifest

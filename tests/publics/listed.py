"""The public projects that are measured: pinned by version and hash, with what a person would install for their suites."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from engine.domain import Value

FILE = Path(__file__).parent / "projects.toml"


class Public(Value):
    """One project as the index has it."""

    name: str
    version: str
    sha256: str
    """Of its source distribution."""
    what: str
    """What is particular about its suite."""
    needs: tuple[str, ...] = ()
    """What is installed beside pytest and the project itself for a run outside."""
    arguments: tuple[str, ...] = ()
    """What pytest is called with outside, where the project's own tools say it and its settings do not."""
    environment: Mapping[str, str] = {}
    """Variables of such a run."""


def publics() -> tuple[Public, ...]:
    """All of them, in the order of the file."""
    return tuple(Public(name=name, **about) for name, about in tomllib.loads(FILE.read_text("utf-8")).items())

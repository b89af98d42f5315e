"""What the tester is asked to do, read from its standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One file with one small change."""

    path: str
    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Task:
    """Some code that wants tests."""

    files: dict[str, str]
    mutants: tuple[Mutant, ...]
    seconds: float
    text: str = ""
    """Tests that are written already; empty where they are to be written."""
    keep: bool = False
    """Whether of the tests in `text` those are wanted that are worth being kept; else they are only measured."""
    type: str = "unit"
    framework: str = "pytest"

    @classmethod
    def read(cls, text: str) -> Task:
        data: dict[str, Any] = json.loads(text)
        return cls(
            files=dict(data["files"]),
            mutants=tuple(Mutant(**mutant) for mutant in data["mutants"]),
            seconds=float(data["seconds"]),
            text=str(data.get("text", "")),
            keep=bool(data.get("keep", False)),
            type=str(data.get("type", "unit")),
            framework=str(data.get("framework", "pytest")),
        )

    @cached_property
    def python(self) -> dict[str, str]:
        return {path: text for path, text in self.files.items() if path.endswith(".py")}

    @cached_property
    def names(self) -> dict[str, str]:
        """The name by which each Python file is imported, by its path."""
        return {
            path: path[:-3].removeprefix("src/").removesuffix("/__init__").replace("/", ".") for path in self.python
        }

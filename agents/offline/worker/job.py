"""What the search is asked to do, read from its standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .priors import Shift


@dataclass(frozen=True)
class Job:
    """One repair."""

    files: dict[str, str]
    """All files that may be changed, by path."""
    tests: dict[str, str]
    seconds: float
    error: str = ""
    reproduction: bool = False
    known: tuple[str, ...] = ()
    """Hashes of answers that were given before and are not wanted again."""
    shifts: tuple[Shift, ...] = ()
    """What earlier repairs taught."""
    apart: bool = False
    """A process for every candidate, also for those that are known to leave nothing behind."""

    @classmethod
    def read(cls, text: str) -> Job:
        data: dict[str, Any] = json.loads(text)
        return cls(
            files=dict(data["files"]),
            tests=dict(data["tests"]),
            seconds=float(data["seconds"]),
            error=str(data.get("error", "")),
            reproduction=bool(data.get("reproduction")),
            known=tuple(data.get("known", ())),
            shifts=tuple(map(Shift.read, data.get("shifts", ()))),
            apart=bool(data.get("apart")),
        )

    @property
    def python(self) -> dict[str, str]:
        return {path: text for path, text in self.files.items() if path.endswith(".py")}

    @property
    def suites(self) -> list[str]:
        """Test files by pytest's own naming; all Python ones where none is named so."""
        python = sorted(path for path in self.tests if path.endswith(".py"))
        named = [p for p in python if (n := p.rsplit("/", 1)[-1]).startswith("test_") or n.endswith("_test.py")]
        return named or python

    @property
    def modules(self) -> tuple[str, ...]:
        """Names by which the files can be imported."""
        found = []
        for path in self.python:
            dotted = path[:-3].removesuffix("/__init__").replace("/", ".")
            found.append(dotted.removeprefix("src."))
        return tuple(found)

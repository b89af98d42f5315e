"""What the search is asked to do, read from its standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .priors import Shift
from .suite import Suite

HYPOTHESIS = "_hypothesis_pytestplugin"
"""The plugin that `hypothesis` brings."""


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
    suite: Suite | None = None
    """How the tests are run, where they are a project's."""
    failure: str = ""
    """What the judge saw, bounded."""
    failing: tuple[str, ...] = ()
    """Node ids of the tests that were red in the judge's session, where that is known."""
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
            suite=Suite.read(data["suite"]) if data.get("suite") else None,
            failure=str(data.get("failure", "")),
            failing=tuple(map(str, data.get("failing", ()))),
            apart=bool(data.get("apart")),
        )

    @cached_property
    def python(self) -> dict[str, str]:
        return {path: text for path, text in self.files.items() if path.endswith(".py")}

    @cached_property
    def suites(self) -> list[str]:
        """Test files that the judge would run; all Python ones where no name is that of a test."""
        python = sorted(path for path in self.tests if path.endswith(".py"))
        suite = self.suite or Suite()
        seen = {path for node in self.failing if (path := node.split("::", 1)[0]) in self.tests or path in self.files}
        named = seen.union(path for path in python if suite.holds_tests(path))
        return [path for path in sorted(named) or python if path not in suite.aside]

    @property
    def conftest(self) -> bool:
        return any(path.rsplit("/", 1)[-1] == "conftest.py" for path in self.tests)

    @cached_property
    def plugins(self) -> tuple[str, ...]:
        """Those besides pytest's own and the suite's: none that is not used."""
        known = any("hypothesis" in text for texts in (self.tests, self.files) for text in texts.values())
        listed = self.suite.plugins if self.suite is not None else ()
        return (HYPOTHESIS,) if known and HYPOTHESIS not in listed else ()

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders that come first on the import path, relative to the root."""
        usual = (".", *(["src"] if any(path.startswith("src/") for path in self.files) else []))
        if self.suite is not None:
            return tuple(dict.fromkeys((*self.suite.folders, *usual)))
        beside = (path.rpartition("/")[0] or "." for path in self.suites)
        return tuple(dict.fromkeys((*usual, *beside)))

    @property
    def modules(self) -> tuple[str, ...]:
        """Names by which the files can be imported."""
        return tuple(self.names.values())

    @cached_property
    def names(self) -> dict[str, str]:
        """The name by which each file can be imported, by its path."""
        first = (*(self.suite.folders if self.suite is not None else ()), "src")
        found = {}
        for path in self.python:
            folder = next((f"{f}/" for f in first if f != "." and path.startswith(f"{f}/")), "")
            found[path] = path[len(folder) : -3].removesuffix("/__init__").replace("/", ".")
        return found

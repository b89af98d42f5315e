"""How a project says that its tests are run: as the judge does it, so that both see the same tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import pytest

_USUAL_NAMES = ("test_*.py", "*_test.py")
_PLACES = ("pythonpath", "testpaths")
"""Options that name folders relative to the ini file, which is not in the project's folder here."""


@dataclass(frozen=True)
class Suite:
    """The settings of a project's tests."""

    options: Mapping[str, str] = field(default_factory=dict)
    """Of pytest's ini file, by name."""
    arguments: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    """Modules of the environment that are loaded as plugins."""
    environment: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    """Folders that come first on the import path, relative to the root."""
    aside: frozenset[str] = frozenset()
    """Node ids, with or without parameters, and paths of whole test files, of tests that are left out."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Suite:
        return cls(
            options=dict(data.get("options", {})),
            arguments=tuple(data.get("arguments", ())),
            plugins=tuple(data.get("plugins", ())),
            environment=dict(data.get("environment", {})),
            path=tuple(data.get("path", ())),
            aside=frozenset(data.get("aside", ())),
        )

    def holds_tests(self, path: str) -> bool:
        """Whether pytest would look for tests in this file, by its name and where it stands."""
        name = path.rsplit("/", 1)[-1]
        places = [place.rstrip("/") for place in self.options.get("testpaths", "").split()]
        if places and not any(fnmatch(path, place) or fnmatch(path, f"{place}/*") or place == "." for place in places):
            return False
        own = self.options.get("python_files", "").split()
        return any(fnmatch(path if "/" in pattern else name, pattern) for pattern in (*_USUAL_NAMES, *own))

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders that come first on the import path, relative to the root."""
        return tuple(dict.fromkeys((*self.path, *self.options.get("pythonpath", "").split())))

    @property
    def called(self) -> list[str]:
        """What is added to the arguments of pytest."""
        return [
            *(word for plugin in self.plugins for word in ("-p", plugin)),
            *(
                word
                for name, value in self.options.items()
                if name not in _PLACES
                for word in ("-o", f"{name}={value}")
            ),
            *self.arguments,
        ]

    @property
    def strict(self) -> bool:
        """Whether more than calling a test decides how it ends: a plugin, or warnings that are errors."""
        return bool(self.plugins) or "error" in self.options.get("filterwarnings", "")


class Aside:
    """The plugin that leaves tests out."""

    def __init__(self, aside: frozenset[str], only: frozenset[str] = frozenset()) -> None:
        """All are left out but *only* these, by node id, where there are any."""
        self._aside = aside
        self._only = only

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._only:
            items[:] = [item for item in items if item.nodeid in self._only]
        if self._aside:
            items[:] = [item for item in items if not left_out(item.nodeid, self._aside)]


def left_out(node: str, aside: frozenset[str]) -> bool:
    return bool(aside & {node, node.split("[", 1)[0], node.split("::", 1)[0]})

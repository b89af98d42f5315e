"""What pytest is to collect of a project: the files that it may look at, where it begins, and the options that name places.

Pytest itself decides what is a test there, by the project's own patterns and conftests: it walks the folders as it does for
the project's authors, but looks into no file that nobody handed in as a test.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from agents.base import Suite
from engine.case import Case

PLACES = frozenset({"pythonpath", "testpaths"})
"""Options that name folders relative to the ini file, which is not in the project's folder here."""


def files(case: Case, suite: Suite) -> list[str]:
    """Files that tests may be collected from, sorted: those that are frozen, and those of the input that hold doctests,
    where the project runs them.
    """
    aside = set(suite.aside)
    found = {path for path in case.tests if path not in aside}
    doctests = any(argument == "--doctest-modules" for argument in suite.arguments)
    found |= {path for path in case.before if path not in aside and (doctests or not path.endswith(".py"))}
    return sorted(path for path in found if PurePosixPath(path).name != "conftest.py")


def start(suite: Suite) -> list[str]:
    """Where pytest begins to look: patterns of folders and files."""
    return _words(suite.options.get("testpaths", "")) or ["."]


def options(suite: Suite) -> dict[str, str]:
    return {name: value for name, value in suite.options.items() if name not in PLACES}


def import_path(suite: Suite) -> list[str]:
    """Folders of the option ``pythonpath``."""
    return [str(PurePosixPath(folder)) for folder in _words(suite.options.get("pythonpath", ""))]


def _words(value: str) -> list[str]:
    return [
        word for word in re.split(r"[\s,]+", value) if word and not word.startswith(("/", "~")) and ".." not in word
    ]

"""Which files of a project pytest would collect, by its own rules and the project's settings, told from names alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from engine.domain import Value

PYTHON_FILES = ("test_*.py", "*_test.py")
NO_RECURSE = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
FOLDERS = frozenset({"tests", "test", "testing"})
_DATA = frozenset({"__snapshots__", "testdata", "test_data", "test-data", "test_files", "cassettes"})
"""Folders beside tests that hold what tests read."""


_OF_A_PROJECT = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


class Rules(Value):
    """What is collected."""

    python_files: tuple[str, ...] = PYTHON_FILES
    testpaths: tuple[str, ...] = ()
    """Names, or patterns of names, of files and folders to look into; the whole project where empty."""
    norecursedirs: tuple[str, ...] = NO_RECURSE
    ignored: tuple[str, ...] = ()
    ignored_patterns: tuple[str, ...] = ()
    doctest_patterns: tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a file of this name may hold tests."""
        if name.endswith(".py"):
            return any(_fits(name, pattern) for pattern in self.python_files)
        return any(_fits(name, pattern) for pattern in self.doctest_patterns)

    def ignores(self, name: str) -> bool:
        path = PurePosixPath(name)
        return any(
            path == PurePosixPath(given) or PurePosixPath(given) in path.parents for given in self.ignored
        ) or any(
            fnmatchcase(candidate.as_posix(), pattern)
            for pattern in self.ignored_patterns
            for candidate in (path, *path.parents)
        )


def collected(names: Iterable[str], rules: Rules) -> tuple[str, ...]:
    """Those of *names* that are collected."""
    return tuple(name for name in names if rules.matches(name) and not rules.ignores(name) and _reached(name, rules))


def _reached(name: str, rules: Rules) -> bool:
    if not rules.testpaths:
        return _walked(PurePosixPath(name), rules)
    for start in rules.testpaths:
        plain = PurePosixPath(start).as_posix()
        if name == plain or (plain == "." and _walked(PurePosixPath(name), rules)):
            return True
        for above in PurePosixPath(name).parents:
            fits = fnmatchcase(above.as_posix(), plain) if set(plain) & set("*?[") else above.as_posix() == plain
            if fits and _walked(PurePosixPath(name).relative_to(above), rules):
                return True
    return False


def _walked(path: PurePosixPath, rules: Rules) -> bool:
    return not any(fnmatchcase(part, pattern) for part in path.parts[:-1] for pattern in rules.norecursedirs)


def _fits(name: str, pattern: str) -> bool:
    """As pytest does: a pattern without a slash is for the last part of the name."""
    return fnmatchcase(name if "/" in pattern else name.rpartition("/")[2], pattern.removeprefix("./"))


def test_folders(names: Sequence[str], rules: Rules) -> frozenset[str]:
    """Folders of which everything belongs to the tests, each with a slash at its end."""
    with_tests = {
        above.as_posix()
        for name in names
        if rules.matches(name)
        for above in PurePosixPath(name).parents
        if above.as_posix() != "."
    }
    directly = {PurePosixPath(name).parent.as_posix() for name in names if rules.matches(name)}
    found = set()
    for folder in with_tests:
        last = PurePosixPath(folder).name.casefold()
        if last in {"tests", "test"} or (last in FOLDERS and (folder in directly or "/" not in folder)):
            found.add(f"{folder}/")
    for start in rules.testpaths:
        plain = PurePosixPath(start).as_posix()
        if plain in with_tests and plain != "." and _mostly_tests(plain, names, rules):
            found.add(f"{plain}/")
    for name in names:
        for above in PurePosixPath(name).parents:
            if above.name.casefold() in _DATA and above.parent.as_posix() in directly:
                found.add(f"{above.as_posix()}/")
    return frozenset(found)


def _mostly_tests(folder: str, names: Sequence[str], rules: Rules) -> bool:
    below = [name for name in names if name.startswith(f"{folder}/")]
    if any(PurePosixPath(name).name in _OF_A_PROJECT or "src" in PurePosixPath(name).parts for name in below):
        return False
    inside = [name for name in below if name.endswith(".py")]
    usual = [name for name in inside if rules.matches(name) or name.endswith(("/conftest.py", "/__init__.py"))]
    return 2 * len(usual) >= len(inside)


def ignored_by(conftests: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names, and patterns of names, that conftest files keep from being collected, as far as they are written out."""
    plain: list[str] = []
    patterns: list[str] = []
    for name, text in conftests.items():
        folder = PurePosixPath(name).parent
        for variable, values in _lists(text):
            into = plain if variable == "collect_ignore" else patterns
            into += [(folder / value).as_posix() for value in values]
    return tuple(plain), tuple(patterns)


def _lists(text: str) -> Iterable[tuple[str, list[str]]]:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id="collect_ignore" | "collect_ignore_glob" as variable)], value=value):
                try:
                    literal = ast.literal_eval(value)
                except ValueError:
                    continue
                if isinstance(literal, (list, tuple)):
                    yield variable, [item for item in literal if isinstance(item, str)]

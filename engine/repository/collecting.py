"""Which files of a project pytest would collect, by its own rules and the project's settings, told from names alone."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from engine.domain import Value

PYTHON_FILES = ("test_*.py", "*_test.py")
NO_RECURSE = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
FOLDERS = frozenset({"tests", "test", "testing"})
_DATA = frozenset({"__snapshots__", "testdata", "test_data", "test-data", "test_files", "cassettes"})
"""Folders beside tests that hold what tests read."""


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


def clashing(names: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """Folders from which pytest would import test files that it could not tell apart, as their modules, or the packages
    that they are in, have one name; none where it can. Several projects in one repository often have such.
    """
    packages = {_folder(name) for name in names if name.endswith("/__init__.py")}
    roots: dict[str, set[str]] = {}
    for name in collected(names, rules):
        if name.endswith(".py"):
            root = _folder(name)
            while root in packages:
                root = _folder(root)
            top = name.removeprefix(f"{root}/").partition("/")[0]
            roots.setdefault(top, set()).add(root)
    return tuple(sorted({root for found in roots.values() if len(found) > 1 for root in found if root}))


def test_folders(names: Sequence[str], rules: Rules) -> frozenset[str]:
    """Folders of which everything belongs to the tests, each with a slash at its end."""
    matching = [name for name in names if rules.matches(name)]
    directly = {_folder(name) for name in matching}
    with_tests = {above for name in matching for above in _above(name)}
    with_code = {above for name in names if name.endswith(".py") for above in _above(name)}
    found = set()
    for folder in {above for name in names for above in _above(name)}:
        last = folder.rpartition("/")[2].casefold()
        if (
            last == "tests"
            # code that helps others to test is called so too
            or (last == "test" and (folder in with_tests or folder not in with_code))
            or (last == "testing" and (folder in directly or (folder in with_tests and "/" not in folder)))
            or (last in _DATA and _folder(folder) in directly)
        ):
            found.add(f"{folder}/")
    for start in rules.testpaths:
        plain = PurePosixPath(start).as_posix()
        if plain in with_tests and _mostly_tests(plain, names, rules, found):
            found.add(f"{plain}/")
    return frozenset(found)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _above(name: str) -> list[str]:
    """The folders that *name* stands in, the root aside."""
    return [parent.as_posix() for parent in PurePosixPath(name).parents][:-1]


def _mostly_tests(folder: str, names: Sequence[str], rules: Rules, found: Collection[str]) -> bool:
    """Whether half of the modules in *folder*, those in folders of tests aside, are tests."""
    inside = [name for name in names if name.startswith(f"{folder}/") and name.endswith(".py")]
    outside = [name for name in inside if not any(f"{above}/" in found for above in _above(name))]
    usual = [name for name in outside if rules.matches(name) or name.endswith(("/conftest.py", "/__init__.py"))]
    return any(map(rules.matches, outside)) and 2 * len(usual) >= len(outside)


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

"""Which files of a project are manifests: by their names and by where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

MOST_ROOTS = 60
PACKAGE_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
LOCKS = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
"""In order of precedence: of several, the first one counts."""
OTHERS = ("Pipfile", "tox.ini", "environment.yml", "environment.yaml")
NOT_OURS = frozenset(
    "tests test testing fixtures testdata test_data data examples example samples demo demos docs doc node_modules vendor "
    "_vendor third_party site-packages templates template cookiecutter .venv venv .tox .nox benchmarks bench".split()
)
"""Folders whose manifests are about something else than the project."""
TESTED = re.compile(r"(?:^|[-_.])(?:tests?|testing|unittests?)(?:$|[-_.])")
DEVELOPED = re.compile(r"(?:^|[-_.])(?:dev|devel|develop|development)(?:$|[-_.])")
RUNNING = frozenset(
    {"base", "common", "main", "core", "install", "default", "requirements", "runtime", "app", "prod", "production"}
)
OTHER_PURPOSES = re.compile(
    r"(?:^|[-_.])(?:docs?|rtd|lint|linting|typing|mypy|build|release|publish|minimum|min|oldest|gpu)(?:$|[-_.])"
)


def roots(names: Iterable[str]) -> tuple[str, ...]:
    """Folders of the packages of a project, its own first: the topmost one, and each below it with a package file."""
    found = {""}
    for name in names:
        folder, _, file = name.rpartition("/")
        if file in PACKAGE_FILES and not NOT_OURS.intersection(PurePosixPath(folder).parts):
            found.add(folder)
    return tuple(sorted(found, key=lambda folder: (folder.count("/") if folder else -1, folder))[:MOST_ROOTS])


def requirement_files(root: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Requirements files of the package in *root*, each with the group that its name tells: none, ``test`` or ``dev``.

    Those for what the package needs come first, then those for its tests.
    """
    running, tested, developed = [], [], []
    for name in sorted(names):
        folder, _, file = name.rpartition("/")
        stem, _, suffix = file.rpartition(".")
        below = (
            folder.removeprefix(root).strip("/")
            if folder == root or folder.startswith(f"{root}/" if root else "")
            else None
        )
        if (
            suffix not in {"txt", "pip"}
            or below is None
            or below not in {"", "requirements", "reqs", "requirement", "tests", "test"}
        ):
            continue
        words = stem.lower()
        if below in {"", "tests", "test"} and not re.search(r"(?:^|[-_.])(?:requirements?|reqs?)(?:$|[-_.])", words):
            continue
        if OTHER_PURPOSES.search(words):
            continue
        if below in {"tests", "test"} or TESTED.search(words):
            tested.append(name)
        elif DEVELOPED.search(words):
            developed.append(name)
        elif words in RUNNING:
            running.append(name)
    # of files for running alone, the plain one is meant where there is one
    plain = [name for name in running if PurePosixPath(name).stem in {"requirements", "base", "common", "main", "core"}]
    yield from ((name, "") for name in plain or running)
    yield from ((name, "test") for name in tested)
    yield from ((name, "dev") for name in developed)


def is_manifest(path: str, text: str) -> bool:
    """Whether a file of this name may say what a project needs."""
    file = PurePosixPath(path).name
    if file in {*PACKAGE_FILES, *LOCKS, *OTHERS} or file.startswith("pylock."):
        return True
    return file.endswith((".txt", ".pip")) or (file.endswith(".py") and "# /// script" in text)

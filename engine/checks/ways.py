"""How a session of the frozen tests is run, and what its program inside the box is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from agents.base import Suite
from engine.checks import collecting
from engine.checks.base import Subject
from engine.domain import Value
from sandboxes.base import WORK

WATCHED_LIBRARY = frozenset(
    """bisect collections csv datetime decimal difflib doctest fractions functools heapq io itertools json math operator os
    os.path pathlib random re statistics string textwrap time unicodedata hypothesis""".split()
)
"""Modules whose functions no honest code replaces for longer than a test lasts, and that a test may judge by."""
PROJECT_HANG = 30.0
"""Processor time, seconds, that one test of a project may take on the input."""


class Way(Value):
    """How one session of the tests is run."""

    hang_seconds: float
    """Processor time after which one test is called hung."""
    stop_after_hangs: int = 1
    reverse: bool = False
    fresh_interpreter: bool = False
    """Start a new interpreter, with another hash seed, instead of forking the warm one."""
    apart: bool = False
    """Run the tests in another process than the code; the box then holds no frozen Python file (see `Apart`)."""
    tops: tuple[str, ...] = ()
    """Top-level names of the code's modules; only needed apart."""
    only: tuple[str, ...] = ()
    """Run only these, named without parameters; all of them where empty."""
    paths: tuple[str, ...] = ()
    """Collect only these files; all of them where empty."""
    elsewhere: bool = False
    """Apart: let the code run in another folder, below the HOME of `environment`."""
    again: int = 0
    """Apart: how many times to run all tests again in the same process when the session is over."""
    least: int = 0
    """Apart: so many of these also where they take more processor time than is usual."""
    lines: bool = False
    """Tell which lines of the code ran; not apart."""
    contexts: bool = False
    """Tell as well which files each test ran lines of, and which lines the red ones ran."""
    environment: Mapping[str, str] = {}
    """Added to the environment of the session, or, apart, of the code's process alone."""


def usual_way(subject: Subject) -> Way:
    """The input is only given a moment a test: where it does not end, `engine.proofs` looks again before that counts."""
    budget = subject.case.task.budget.test_seconds
    if subject.case.baseline is None and subject.case.task.suite is None:
        return Way(hang_seconds=min(1.0, budget / 2), stop_after_hangs=2)
    if subject.case.baseline is None:
        return Way(hang_seconds=min(PROJECT_HANG, budget / 2), stop_after_hangs=3, lines=True, contexts=True)
    return Way(hang_seconds=budget / 2, lines=True)


def asked_for(subject: Subject, way: Way, paths: list[str], nonce: str) -> dict[str, object]:
    """What the program of a session is told: the files of tests, this *way*, and the *nonce* that its lines begin with."""
    tests, suite = subject.case.tests, subject.case.task.suite or Suite()
    asked: dict[str, object] = {
        "nonce": nonce,
        "tests": paths,
        "path": import_folders(subject),
        "conftest": any(PurePosixPath(path).name == "conftest.py" for path in tests),
        "hang_seconds": way.hang_seconds,
        "stop_after_hangs": way.stop_after_hangs,
        "reverse": way.reverse,
        "only": way.only,
        "aside": suite.aside,
        "options": collecting.options(suite),
        "arguments": suite.arguments,
        "plugins": [*plugins(subject), *suite.plugins],
    }
    if not way.apart:
        watched = subject.sources if way.lines else ()
        return {**asked, "watched": watched, "contexts": way.contexts, "library": library_of(tests.values())}
    return {
        **asked,
        "sources": dict(tests),
        "tops": way.tops,
        "environment": way.environment,
        "elsewhere": way.elsewhere,
        "again": way.again,
        "least": way.least,
    }


def library_of(texts: Iterable[str]) -> list[str]:
    """Modules of the standard library that these sources import, and those that decide for them."""
    found = set()
    for text in texts:
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
    return sorted(name for name in found if name in WATCHED_LIBRARY)


def import_folders(subject: Subject) -> list[str]:
    """Folders that go on the import path: the root, and `src` where code is kept there."""
    usual = [".", "src"] if any(path.startswith("src/") for path in subject.files) else ["."]
    suite = subject.case.task.suite
    return usual if suite is None else list(dict.fromkeys((*suite.path, *collecting.import_path(suite), *usual)))


def environment_of(subject: Subject, suite: Suite | None) -> dict[str, str]:
    """Of the tests' process. What a project's tests start finds the project's modules, as where it is installed."""
    if suite is None:
        return {}
    folders = (PurePosixPath(WORK, folder) for folder in import_folders(subject))
    return {"PYTHONPATH": ":".join(map(str, folders)), **suite.environment}


def plugins(subject: Subject) -> list[str]:
    """The only plugins besides pytest's own: none that a draft could bring, and none that is not used."""
    texts = (*subject.case.tests.values(), *subject.files.values())
    return ["_hypothesis_pytestplugin"] if any("hypothesis" in text for text in texts) else []

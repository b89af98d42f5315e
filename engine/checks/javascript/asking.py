"""What the programs that run tests in a box are asked to do, as they read it on standard input."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agents.base import Suite
from engine.checks.base import Subject
from engine.checks.javascript.paths import plugins_for, wants_page
from engine.domain import Value

_OURS = ("--page", "--setup=", "--alias=")
"""What is said of vitest's tests among the flags; see `engine.repository.vitest`."""
HANG_SHARE = 0.5
"""Of the time of a session: what one file may take."""


class Way(Value):
    """How the tests are run once."""

    lines: bool = False
    """Whether it is told which lines ran."""
    turned: bool = False
    """The files in the opposite order; under vitest, the tests of each file in another one as well."""
    contrary: bool = False
    """Where all functions of assert, and all of expect's matchers, fail."""


def parted(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Flags of the process of each file, and behind ``--`` the files themselves; none where they are known by their names."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def asked_of_node(subject: Subject, paths: Sequence[str], way: Way, nonce: str, *, scripts: Sequence[str]) -> str:
    """For `programs.SESSION`; *scripts* are programs that assert by themselves."""
    flags, _ = parted((subject.case.task.suite or Suite()).arguments)
    more = {
        "scripts": list(scripts),
        "flags": [flag for flag in flags if not flag.startswith(_OURS)],
        "outside": sorted(subject.case.tests),
    }
    return json.dumps(_common(subject, paths, way, nonce) | more)


def asked_of_vitest(subject: Subject, paths: Sequence[str], way: Way, nonce: str) -> str:
    """For `programs.VITEST`."""
    tests = subject.case.tests
    flags, _ = parted((subject.case.task.suite or Suite()).arguments)
    page = "index.html" in subject.files or "--page" in flags
    more = {
        "dom": [path for path in paths if wants_page(path, tests[path]) or (page and "supertest" not in tests[path])],
        "plugins": plugins_for((*subject.files, *tests)),
        "shuffle": way.turned,
        "alias": [flag.split("=", 2)[1:] for flag in flags if flag.startswith("--alias=")],
        "setup": [flag.partition("=")[2] for flag in flags if flag.startswith("--setup=")],
    }
    return json.dumps(_common(subject, paths, way, nonce) | more)


def _common(subject: Subject, paths: Sequence[str], way: Way, nonce: str) -> dict[str, object]:
    return {
        "nonce": nonce,
        "files": list(paths[::-1] if way.turned else paths),
        "hang": int(1_000 * HANG_SHARE * subject.case.task.budget.test_seconds),
        "lines": way.lines,
        "contrary": way.contrary,
    }

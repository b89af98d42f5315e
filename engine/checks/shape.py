"""Is the draft a plain set of files that leaves the tests, and what runs them, alone? Needs no box."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

from engine.case import Case
from engine.domain import Finding, Report

MOST_FILES = 2_000
MOST_BYTES = 16 * 2**20
MOST_PROJECT_FILES = 5_000
MOST_PROJECT_BYTES = 36 * 2**20
"""What a draft of a whole project may have: as much as is read of one, and something new."""
MOST_FILE_BYTES = 2 * 2**20

RUNNER_FILES = frozenset(
    {
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "ruff.toml",
        ".ruff.toml",
        ".coveragerc",
        "sitecustomize.py",
        "usercustomize.py",
        "pyvenv.cfg",
    }
)
"""Files by which a draft might hope to change how it is judged. None of them is read; adding or changing one is refused."""
RUNNER_MODULES = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "coverage", "hypothesis", "ruff"})
COMPILED = (".pyc", ".pyo", ".pth", ".so", ".pyd", ".egg-link")


def examine(draft: dict[str, str], case: Case) -> Report:
    """A report on the draft's paths and sizes, compared with what was handed in."""
    return report_on(draft, case, takes_part=_takes_part)


def report_on(draft: dict[str, str], case: Case, *, takes_part: Callable[[str, str, Case], str]) -> Report:
    """The same, where *takes_part* says why a changed or new file could take part in judging; empty where it cannot."""
    findings = [*_sizes(draft, project=case.task.suite is not None)]
    findings += [
        Finding(check="shape", rule="path", path=path[:200], message=f"a test's path is refused: {unsafe(path)}")
        for path in sorted(case.tests)
        if unsafe(path)
    ]
    for path, text in sorted(draft.items()):
        why = unsafe(path) or (takes_part(path, text, case) if case.before.get(path) != text else "")
        if why:
            findings.append(Finding(check="shape", rule="path", path=path[:200], message=why))
    return Report(
        check="shape",
        status="failed" if findings else "passed",
        summary=f"{len(draft)} files" if not findings else f"{len(findings)} of its paths or sizes are refused",
        findings=tuple(findings[:50]),
    )


def _sizes(draft: dict[str, str], *, project: bool) -> list[Finding]:
    most_files, most_bytes = (MOST_PROJECT_FILES, MOST_PROJECT_BYTES) if project else (MOST_FILES, MOST_BYTES)
    total = sum(len(text.encode("utf-8", "surrogatepass")) for text in draft.values())
    findings = []
    if not draft:
        findings.append("the draft has no files")
    if len(draft) > most_files:
        findings.append(f"the draft has {len(draft)} files; at most {most_files} are taken")
    if total > most_bytes:
        findings.append(f"the draft has {total} bytes; at most {most_bytes} are taken")
    findings += [
        f"{path[:200]!r} has more than {MOST_FILE_BYTES} bytes"
        for path, text in draft.items()
        if len(text) > MOST_FILE_BYTES
    ]
    return [Finding(check="shape", rule="size", message=message) for message in findings]


def unsafe(path: str) -> str:
    """Why *path* cannot be used inside a project; empty where it can."""
    parts = PurePosixPath(path).parts
    reasons = {
        "the path is empty or absolute": not path or path.startswith("/") or re.match(r"[A-Za-z]:", path),
        "the path leaves its folder or is not plain": ".." in parts or "\\" in path or path != "/".join(parts),
        "the path is too long": any(len(part.encode("utf-8", "replace")) > 200 for part in parts) or len(path) > 1_000,
        "the path has a control character": any(unicodedata.category(sign) in {"Cc", "Cs", "Cf"} for sign in path),
        "the path is inside .git": ".git" in parts,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _takes_part(path: str, text: str, case: Case) -> str:
    """Why a changed or new file could take part in judging the draft; empty where it cannot."""
    name, modules = PurePosixPath(path).name, _importable_as(path, case)
    new = path not in case.before or case.stand_in
    if path in case.tests:
        return "the path is a frozen test's: tests cannot be changed" if case.tests[path] != text else ""
    reasons = {
        "the path stands in the way of a frozen test": any(
            test.startswith(f"{path}/") or path.startswith(f"{test}/") for test in case.tests
        ),
        "a conftest.py takes part in the tests: hand it in together with them": name == "conftest.py",
        f"{name} is meant to change how code is tested: only the one that was handed in may be there": (
            name in RUNNER_FILES and not case.stand_in
        ),
        "compiled files and path files are not taken: write source": (
            name.endswith(COMPILED) or "__pycache__" in PurePosixPath(path).parts
        ),
        f"a module named like {path!r} would stand in front of what runs the tests": new and modules & RUNNER_MODULES,
        f"a new module named like {path!r} would stand in front of the standard library's": (
            path not in case.before and modules & sys.stdlib_module_names
        ),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _importable_as(path: str, case: Case) -> frozenset[str]:
    """Top-level names by which the tests could import *path*, or a package that it is in."""
    roots = {PurePosixPath(), PurePosixPath("src"), *(PurePosixPath(test).parent for test in case.tests)}
    below = [PurePosixPath(path).relative_to(root) for root in roots if PurePosixPath(path).is_relative_to(root)]
    return frozenset(place.parts[0].removesuffix(".py") for place in below if place.parts)

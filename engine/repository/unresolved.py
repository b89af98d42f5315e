"""A project whose packages cannot be had: why, at the line that asks for them, with the last words of what failed."""

from __future__ import annotations

from engine.dependencies.reading import Dependencies, read_wanted
from engine.dependencies.surroundings import finding_of
from engine.domain import Finding
from engine.repository.project import Project
from sandboxes.environments.wanted import Unresolved

_NEXT = {
    "build": "Look at the end of what its build said, in the findings; or go without packages: --no-deps",
    "python": "Let the project be for that Python as well; or go without packages: --no-deps",
    "not allowed": "Name a release of an index in its place; or go without packages: --no-deps",
}
_CORRECT = "Correct it, or see which index pip is told to ask: pip config list; or go without packages: --no-deps"


def unresolved_finding(project: Project, error: Unresolved) -> Finding:
    """*error* as a finding, with at most 16 KiB of what the build or the resolver said last."""
    now = Dependencies()
    if project.language == "python":
        declared = project.declared
        now = read_wanted(
            project.files,
            tests=project.tests,
            allowed=declared.allowed if declared else (),
            allow_new=declared.allow_new if declared else False,
        )
    return finding_of(error, now, {**project.tests, **project.files})


def what_to_do(error: Unresolved) -> str:
    return _NEXT.get(error.cause, _CORRECT)

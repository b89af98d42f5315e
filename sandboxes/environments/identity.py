"""What an environment is called: it follows from what is wanted, and from all that it stands on."""

from __future__ import annotations

import json
import re

from sandboxes.base import Value
from sandboxes.environments.requirements import Line, read_lines, require_python
from sandboxes.environments.wanted import Wanted
from sandboxes.recipe import Recipe, digest_of, read_environments_recipe

REPOSITORY = "mendbox/environment"
PARTS_REPOSITORY = "mendbox/environment-parts"
LABEL = "mendbox.environment"
"""Holds what `store.Kept` says, as JSON."""
TAG = re.compile(rf"(?:{REPOSITORY}|{PARTS_REPOSITORY}):(?P<key>[0-9a-f]{{12}})(?:-[0-9a-f]{{12}})?")
_USED = ("Dockerfile", "prepare.py", "first.pth")
_FORMAT = 1
"""One more whenever the same lines come to another folder of packages."""


class Plan(Value):
    """What is wanted, read and put in order."""

    requirements: tuple[Line, ...]
    constraints: tuple[Line, ...]
    build_requirements: tuple[Line, ...]
    compiler: bool

    @property
    def empty(self) -> bool:
        """Whether no package is asked for."""
        return not (self.requirements or self.build_requirements)


def read_plan(wanted: Wanted) -> Plan:
    """Read what is wanted of Python.

    Raises:
        Unresolved: The project is not for the boxes' Python, or one of the lines is none.
    """
    require_python(wanted)
    return Plan(
        requirements=_sorted(read_lines(wanted.requirements)),
        constraints=_sorted(read_lines(wanted.constraints, what="constraint")),
        build_requirements=_sorted(read_lines(wanted.build_requirements, what="build requirement")),
        compiler=wanted.compiler,
    )


def key_of(plan: Plan, stands_on: str) -> str:
    """Twelve hex digits; *stands_on* names the image below the packages."""
    files = read_environments_recipe()
    return digest_of(
        {
            **{name: files[name] for name in _USED},
            "plan": json.dumps(plan.model_dump(mode="json"), sort_keys=True).encode(),
            "stands_on": stands_on.encode(),
            "format": str(_FORMAT).encode(),
        }
    )


def parts_tag(key: str) -> str:
    """Name of the packages without the programs of ours."""
    return f"{PARTS_REPOSITORY}:{key}"


def tag(key: str, recipe: Recipe) -> str:
    return f"{REPOSITORY}:{key}-{recipe.tag.rpartition(':')[2]}"


def _sorted(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.name, line.text, line.hashes)))

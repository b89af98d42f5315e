"""Makes the session of a build from a project that is right and the slips of those who built it.

Everybody delivers their part of the project with all of their slips in it, and mends one slip with each later reply, so
that a slip that was never noticed leaves its author with replies that nobody has asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pydantic import JsonValue

from agents.plans.plan import Plan
from engine.projects.deploying.files import deployment_files

PROJECTS = Path(__file__).parent / "projects"
PLAN, SCENARIOS = "plan.json", "e2e/scenarios.json"
_ARCHITECT, _QA, _DEVOPS = "architect", "qa", "devops"
_REFINED = "ENV PYTHONUNBUFFERED=1", "ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1"
_REFINED_NODE = "ENV NODE_ENV=production", "ENV NODE_ENV=production NO_COLOR=1"


class Slip(NamedTuple):
    """A passage of a right file, which occurs there once, and what its author wrote instead."""

    path: str
    right: str
    wrong: str
    told: str
    """Words that somebody is told who is to mend it, or who watches."""

    def made(self, text: str) -> str:
        assert text.count(self.right) == 1, f"{self.path}: {self.right!r} is there {text.count(self.right)} times"
        made = text.replace(self.right, self.wrong)
        assert made.count(self.wrong) == 1, f"{self.path}: {self.wrong!r} is there {made.count(self.wrong)} times"
        return made


Said: TypeAlias = Slip | str
"""A text is a reply that nobody can use."""
Session: TypeAlias = dict[str, list[JsonValue]]


@cache
def plan_of(project: str) -> Plan:
    return Plan.model_validate_json((PROJECTS / project / PLAN).read_text())


@cache
def files_of(project: str) -> Mapping[str, str]:
    """The planned files of *project* that somebody writes, and its plan and scenarios."""
    folder = PROJECTS / project
    written = [file.path for file in plan_of(project).files if not file.path.endswith("package-lock.json")]
    return {path: (folder / path).read_text() for path in (*written, PLAN, SCENARIOS)}


def recorded(project: str, slips: Mapping[str, Sequence[Said]] = {}, *, unhealed: str = "") -> Session:
    """The session in which *project* is built with these *slips*, by who makes them, in the order in which they are
    noticed. Who is *unhealed* never mends the last of theirs.
    """
    plan = plan_of(project)
    keys = [_ARCHITECT, _QA, _DEVOPS, *dict.fromkeys(f"{file.role}:{file.owner}" for file in plan.files)]
    assert not {*slips, *filter(None, [unhealed])} - {*keys}, f"nobody of {keys} makes some of these slips"
    session = {key: list(_replies(project, key, slips.get(key, ()))) for key in keys}
    if unhealed:
        session[unhealed].pop()
    return session


def _replies(project: str, key: str, said: Sequence[Said]) -> Iterator[JsonValue]:
    left = [each for each in said if isinstance(each, Slip)]
    begun = False
    for each in said:
        if isinstance(each, str):
            yield each
            continue
        if not begun:
            yield _whole(project, key, left)
            begun = True
        left.remove(each)
        yield _mended(project, key, each, left)
    if not begun:
        yield _whole(project, key, [])


def _whole(project: str, key: str, slips: Sequence[Slip]) -> JsonValue:
    """The first delivery, with *slips* in it."""
    if key == _ARCHITECT:
        return json.loads(_made(project, PLAN, slips))
    if key == _QA:
        return {"note": "The scenarios.", "scenarios": json.loads(_made(project, SCENARIOS, slips))}
    if key == _DEVOPS:
        return {
            "note": "Smaller things.",
            "edits": [*_refined(project), *(_edit(slip.path, slip.right, slip.wrong) for slip in slips)],
        }
    plan = plan_of(project)
    paths = [file.path for file in plan.files if f"{file.role}:{file.owner}" == key and file.path in files_of(project)]
    files: list[JsonValue] = [{"path": path, "content": _made(project, path, slips)} for path in paths]
    return {"note": "The whole part.", "files": files}


def _mended(project: str, key: str, slip: Slip, left: Sequence[Slip]) -> JsonValue:
    if key in {_ARCHITECT, _QA}:
        return _whole(project, key, left)
    return {"note": "Mended.", "edits": [_edit(slip.path, slip.wrong, slip.right)]}


def _made(project: str, path: str, slips: Sequence[Slip]) -> str:
    text = files_of(project)[path]
    for slip in slips:
        text = slip.made(text) if slip.path == path else text
    return text


def _edit(path: str, search: str, replace: str) -> JsonValue:
    return {"path": path, "search": search, "replace": replace}


def _refined(project: str) -> Iterator[JsonValue]:
    """What whoever ships makes better of the files that follow from the plan."""
    for path, text in deployment_files(plan_of(project), "self-hosted").items():
        for search, replace in (_REFINED, _REFINED_NODE):
            if path.endswith("/Dockerfile") and text.count(search) == 1:
                yield _edit(path, search, replace)

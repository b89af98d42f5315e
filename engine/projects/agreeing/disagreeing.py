"""The door: everything by which the files of a project do not agree with its plan and with one another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from agents.plans.plan import Plan
from engine.domain import Finding
from engine.projects.agreeing.javascript.disagreeing import javascript_disagreements
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.laying import laid_wrongly
from engine.projects.agreeing.parts import parts_of
from engine.projects.agreeing.python.disagreeing import python_disagreements
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.routes.calling import miscalled_over_http
from engine.projects.agreeing.routes.comparing import misrouted
from engine.projects.agreeing.routes.django import Django
from engine.projects.agreeing.routes.express import Express
from engine.projects.agreeing.routes.fastapi import FastApi
from engine.projects.agreeing.routes.fields import misnamed
from engine.projects.agreeing.routes.operations import operations_of
from engine.projects.agreeing.routes.tested import mistested
from engine.projects.agreeing.starting import unstartable

MOST_FINDINGS = 200
_MOST_LOOKED_FOR = 1_000
"""Findings after which nothing more is looked at."""


def disagreements(plan: Plan, files: Mapping[str, str], *, node_packages: Collection[str]) -> tuple[Finding, ...]:
    """What is wrong, by path and line, at most `MOST_FINDINGS`; empty where nothing is that could be told from here.

    *node_packages* are the names of all packages that a Node component can have.
    """
    told = islice(_all(plan, files, frozenset(node_packages)), _MOST_LOOKED_FOR)
    found = {(each.path, each.line, each.rule, each.message): each for each in told}
    ordered = sorted(found.values(), key=lambda each: (each.path or "", each.line or 0, each.rule, each.message))
    return tuple(ordered[:MOST_FINDINGS])


def _all(plan: Plan, files: Mapping[str, str], node_packages: frozenset[str]) -> Iterator[Finding]:
    yield from laid_wrongly(plan, files)
    operations = operations_of(plan)
    health = [component.running.health for component in plan.components if component.running.health]
    for part in parts_of(plan, files):
        own = [operation for operation in operations if operation.owner == part.component.name]
        modules = Modules(part.files, part.component.running.command)
        yield from python_disagreements(part, modules)
        js_modules = JsModules(part.files)
        yield from javascript_disagreements(part, js_modules, node_packages)
        yield from miscalled_over_http(part, modules, js_modules, operations, health)
        yield from mistested(part, modules, js_modules, own)
        yield from unstartable(part, modules, js_modules)
        app = FastApi(modules)
        yield from misrouted(part, app.served, own, slashes_count=True)
        yield from misnamed(part, app, modules, own)
        yield from misrouted(part, Django(modules).served, own, slashes_count=True)
        yield from misrouted(part, Express(js_modules).served, own, slashes_count=False)

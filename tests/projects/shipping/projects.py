"""Whole small projects to ship: every file that a plan names, with as little in it as will do."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agents.plans.commission import Cloud
from agents.plans.plan import Component, Plan
from engine.projects.deploying.files import deployment_files
from tests.projects.plans import sound


def sources(plan: Plan) -> dict[str, str]:
    """A text for each file of *plan*."""
    components = {component.name: component for component in plan.components}
    return {file.path: _text(file.path, components[file.owner]) for file in plan.files}


def project(project_type: str = "shop", cloud: Cloud = "aws", scale: str = "medium") -> tuple[Plan, dict[str, str]]:
    """A sound plan with all files of its project, the ones for deployment among them."""
    plan = sound(project_type, scale, cloud)
    return plan, {**sources(plan), **deployment_files(plan, cloud)}


def changed(files: Mapping[str, str], path: str, old: str, new: str) -> dict[str, str]:
    """*files* with *old* replaced in one of them, once."""
    assert files[path].count(old) >= 1, f"{path} has no {old!r}:\n{files[path]}"
    return {**files, path: files[path].replace(old, new, 1)}


def _text(path: str, component: Component) -> str:
    name = path.rpartition("/")[2]
    match name:
        case "pyproject.toml":
            command = component.running.command
            packages = [command[0]] if command and command[0] != "python" else []
            return (
                f'[project]\nname = "{component.name}"\nversion = "1"\nrequires-python = ">=3.11"\n'
                f"dependencies = {json.dumps(packages)}\n"
            )
        case "package.json":
            scripts = {"build": "vite build", "test": "vitest run"}
            return json.dumps(
                {"name": component.name, "scripts": scripts, "devDependencies": {"vite": "8", "vitest": "4"}}
            )
        case "package-lock.json":
            return "{}"
        case "main.py":
            return "app = None\n"
    return ""

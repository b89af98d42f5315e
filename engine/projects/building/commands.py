"""A built project's own two commands: ``make run`` and ``make test``, and the page that tells of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agents.plans.plan import Component, Plan
from engine.projects.building.address import front_address
from engine.projects.building.outcome import Project
from engine.projects.building.receipt import plain
from engine.projects.deploying import copies

_HEAD = """# make run: everything, in containers. make test: every component's tests, on this machine.
# Needed: Docker with compose to run it; Python 3.11 or newer and Node.js 22 to test it.
.PHONY: run test e2e
.DELETE_ON_ERROR:

run:{environment}
	docker compose up --build

e2e:
	cd e2e && npm install --no-audit --no-fund && node run.mjs $(or $(URL),{address})
"""


_SECRETS = """
# Secrets of this machine alone, made once.
.env: .env.example
	python3 -c 'import re, secrets; print(re.sub(r"(?m)=$$", lambda _: "=" + secrets.token_urlsafe(32), open(".env.example").read()))' > $@
"""


def makefile(project: Project) -> str:
    """The commands of *project*, which has a plan."""
    plan = project.plan
    assert plan is not None  # noqa: S101  # nothing is written of a project that was not planned
    targets = [f"test-{component.name}" for component in plan.components]
    secret = any(line.endswith("=") for line in project.files.get(".env.example", "").splitlines())
    lines = [_HEAD.format(address=front_address(project, plan), environment=" .env" if secret else "")]
    lines += [_SECRETS] if secret else []
    lines.append(f"test: {' '.join(targets)}")
    for component, target in zip(plan.components, targets, strict=True):
        lines.append(f"\n.PHONY: {target}\n{target}:\n{_recipe(component, project.files)}")
    return "\n".join(lines) + "\n"


def _recipe(component: Component, files: Mapping[str, str]) -> str:
    folder = f"services/{component.name}"
    if component.running.runtime == "python":
        extra = "[test]" if _has_extra(files.get(f"{folder}/pyproject.toml", "")) else ""
        return "\n".join(
            (
                f"\ttest -x .venv/{component.name}/bin/python || python3 -m venv .venv/{component.name}",
                f'\t.venv/{component.name}/bin/pip install --quiet "./{folder}{extra}" pytest',
                f"\tcd {folder} && ../../.venv/{component.name}/bin/python -m pytest -q tests",
            )
        )
    run = "npm test" if _has_script(files.get(f"{folder}/package.json", "")) else "npx vitest run"
    return f"\tcd {folder} && npm ci --no-audit --no-fund && {run}"


def readme(project: Project) -> str:
    """What the project is, how it is run and tested, and what was shown of it."""
    plan = project.plan
    assert plan is not None  # noqa: S101  # as above
    return "\n".join((*_readme(project, plan), ""))


def _readme(project: Project, plan: Plan) -> Iterator[str]:
    shown = sum(not each.missing for each in project.evidence)
    yield f"# {plain(plan.title)}"
    yield f"\n{plain(plan.summary)}\n"
    yield "## Two commands\n\n```console\n$ make run     # everything in containers, by Docker compose\n$ make test    # every component's tests\n```\n"
    yield f"Once it runs, it is at <{front_address(project, plan)}>, and `make e2e` takes every scenario there.\n"
    yield "It needs a Chromium: name its program in `CHROMIUM`, or `npx playwright-core install chromium-headless-shell` in `e2e`.\n"
    if any(step.do == "run" for scenario in project.scenarios for step in scenario.steps):
        yield "A job that a scenario has run is run by `docker compose run`; `RUN_JOB` names another command, which gets its name.\n"
    yield "## What was shown\n"
    yield f"{shown} of {len(project.evidence)} requirements are shown to be met: [receipt.md](receipt.md) names what shows each."
    if project.outcome != "verified":
        yield f"\n**{project.outcome}**: {plain(project.summary)}"
    yield "\nThe tests and scenarios were run in boxes without a network. `make run` was not: its images come from a registry.\n"
    if project.pictures:
        yield "## What it looks like\n"
        for path in sorted(project.pictures):
            yield f"![{plain(path)}]({path})\n"
    yield "## Parts\n\n| component | does | code |\n| --- | --- | --- |"
    for component in plan.components:
        yield f"| {component.name} | {plain(component.purpose)} | [services/{component.name}](services/{component.name}) |"
    kept = "\n\n".join(copies.told(plan))
    if kept:
        yield f"\n## Where the data is\n\n{kept}"
    yield "\n[architecture.md](architecture.md) has the parts, the numbers and the decisions, with a diagram."


def _has_extra(manifest: str) -> bool:
    import tomllib  # noqa: PLC0415 (only where a project is written)

    try:
        said = tomllib.loads(manifest)
    except tomllib.TOMLDecodeError:
        return False
    project = said.get("project")
    extras = project.get("optional-dependencies") if isinstance(project, dict) else None
    return isinstance(extras, dict) and "test" in extras


def _has_script(package: str) -> bool:
    try:
        said = json.loads(package)
    except ValueError:
        return False
    scripts = said.get("scripts") if isinstance(said, dict) else None
    return isinstance(scripts, dict) and "test" in scripts

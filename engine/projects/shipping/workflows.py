"""What is wrong with the GitHub workflows of a project: by their schema, each step by itself, and against the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agents.plans.plan import Plan
from engine.dependencies.tables import Table, below, table, text
from engine.domain import Finding
from engine.projects.shipping.circles import circle_in
from engine.projects.shipping.expressions import faults_of_expressions
from engine.projects.shipping.jobs import Job, jobs_of
from engine.projects.shipping.reading import Document, read
from engine.projects.shipping.schemas import faults_of_schema
from engine.projects.shipping.scripts import faults_of_script, tested
from engine.projects.shipping.secret import is_secret
from engine.projects.shipping.wrong import listed, wrong

FOLDER = ".github/workflows/"
_ACTION = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(?:/[\w./-]+)?@(?P<version>[\w./-]+)")
_VERSION = re.compile(r"v?\d+(\.\d+)*|[0-9a-f]{40}")
_OWNERS = frozenset(
    {
        "actions",
        "docker",
        "github",
        "aws-actions",
        "google-github-actions",
        "azure",
        "hashicorp",
        "astral-sh",
        "pnpm",
        "codecov",
    }
)
"""Whose tags are taken for pinned; anybody else's action is named by its commit."""
_LOCAL = re.compile(r"@(localhost|127\.0\.0\.1)[:/]")
"""A service of the job itself, which ends with it: its password is nobody's secret."""
_RUNNERS = re.compile(r"(ubuntu|macos|windows)-(latest|\d+(\.\d+)?)(-arm|-large|-xlarge|-intel)?")


def faults_of_workflows(plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    paths = sorted(path for path in files if path.startswith(FOLDER) and path.endswith((".yaml", ".yml")))
    if not paths:
        yield wrong(
            FOLDER, None, "workflow/missing", f"there is no workflow in {FOLDER}, by which the project is tested"
        )
        return
    done: set[str] = set()
    for path in paths:
        reading = read(path, files[path])
        yield from reading.faults
        for document in reading.documents[:1]:
            yield from faults_of_schema(document, "github-workflows", "workflow/schema")
            yield from _of_one(document, files)
            done |= tested(document, files)
    for component in plan.components:
        if component.name not in done:
            message = f"no workflow tests {component.name}: run its tests in services/{component.name}"
            yield wrong(paths[0], None, "workflow/untested", message)


def _of_one(document: Document, files: Mapping[str, str]) -> Iterator[Finding]:
    whole = table(document.value)
    jobs = jobs_of(document)
    if "permissions" not in whole and not all("permissions" in job.value for job in jobs):
        message = "its token may do whatever the repository's settings allow: write permissions, such as contents: read"
        yield _wrong(document, "permissions", message)
    if whole.get("permissions") == "write-all":
        yield _wrong(document, "permissions", "its token may write everything: name what it needs", "permissions")
    yield from _variables(document, whole, ())
    names = {job.name for job in jobs}
    for job in jobs:
        yield from _needs(document, job, names)
        yield from _runner(document, job)
        yield from _variables(document, job.value, job.steps)
        checked_out = False
        for where, step in job.each_step:
            uses = text(step.get("uses"))
            if uses:
                yield from _uses(document, uses, (*where, "uses"), files)
                yield from _with(document, job, step, where, files)
            checked_out = checked_out or uses.startswith("actions/checkout@")
            yield from _variables(document, step, where)
            if step.get("run") is not None:
                if not checked_out and _needs_files(step, job):
                    message = f"job {job.name} works in the repository before actions/checkout has brought it"
                    yield _wrong(document, "checkout", message, *where)
                yield from faults_of_script(document, job, step, where, files)
    yield from _circle(document, jobs)
    yield from faults_of_expressions(document, jobs)


def _wrong(document: Document, rule: str, message: str, *steps: str | int) -> Finding:
    return wrong(document.path, document.line(*steps), f"workflow/{rule}", message)


def _needs(document: Document, job: Job, names: set[str]) -> Iterator[Finding]:
    for other in job.needs:
        if other not in names:
            message = f"job {job.name} needs {other}, which is no job; there are {listed(names)}"
            yield _wrong(document, "needs", message, *job.steps, "needs")


def _circle(document: Document, jobs: tuple[Job, ...]) -> Iterator[Finding]:
    circle = circle_in({job.name: set(job.needs) for job in jobs})
    if circle:
        message = f"none of these jobs can be the first: {' -> '.join(circle)}"
        yield _wrong(document, "needs", message, "jobs", circle[0], "needs")


def _runner(document: Document, job: Job) -> Iterator[Finding]:
    runner = job.value.get("runs-on")
    if isinstance(runner, str) and "${{" not in runner and not _RUNNERS.fullmatch(runner):
        message = f"no runner of GitHub is called {runner!r}: take ubuntu-latest or ubuntu-24.04"
        yield _wrong(document, "runner", message, *job.steps, "runs-on")


def _uses(document: Document, uses: str, steps: tuple[str | int, ...], files: Mapping[str, str]) -> Iterator[Finding]:
    if uses.startswith("./"):
        folder = uses.removeprefix("./").rstrip("/")
        if not any(path in files for path in (folder, f"{folder}/action.yml", f"{folder}/action.yaml")):
            yield _wrong(document, "action", f"there is no action {uses} in the project", *steps)
        return
    if uses.startswith("docker://"):
        if not re.search(r"@sha256:[0-9a-f]{64}$", uses):
            yield _wrong(document, "action", f"{uses} is not pinned: name it by its digest", *steps)
        return
    match = _ACTION.fullmatch(uses)
    if match is None:
        yield _wrong(document, "action", f"{uses!r} names no action as OWNER/NAME@VERSION", *steps)
        return
    owner, version = match["name"].partition("/")[0], match["version"]
    if not _VERSION.fullmatch(version):
        message = f"{uses} moves: {version} is no version; name one, such as v4, or a commit"
        yield _wrong(document, "action", message, *steps)
    elif owner not in _OWNERS and len(version) != 40:
        message = f"{match['name']} is nobody's whose tags are trusted here: name it by its commit of 40 digits"
        yield _wrong(document, "action", message, *steps)


def _with(
    document: Document, job: Job, step: Table, where: tuple[str | int, ...], files: Mapping[str, str]
) -> Iterator[Finding]:
    """Of the actions that build images."""
    given = table(step.get("with"))
    if text(step.get("uses")).startswith("docker/build-push-action@"):
        for context in job.filled(text(given.get("context")) or "."):
            folder = context.removeprefix("./").rstrip("/")
            if "${{" in context or "://" in context:
                continue
            for file in job.filled(text(given.get("file")) or f"{folder}/Dockerfile".removeprefix("./")):
                if file.removeprefix("./") not in files:
                    message = f"it builds {context}, and there is no {file}"
                    yield _wrong(document, "image", message, *where, "with", "context")
    for name, value in given.items():
        if isinstance(value, str) and "${{" not in value and is_secret(name, value):
            message = f"{name} has its secret in the file: take it from ${{{{ secrets.NAME }}}}"
            yield _wrong(document, "secret", message, *where, "with", name)


def _variables(document: Document, given: Table, steps: tuple[str | int, ...]) -> Iterator[Finding]:
    for name, value in below(given, "env").items():
        if isinstance(value, str) and "${{" not in value and is_secret(name, value) and not _LOCAL.search(value):
            message = f"{name} has its secret in the file: take it from ${{{{ secrets.NAME }}}}"
            yield _wrong(document, "secret", message, *steps, "env", name)


def _needs_files(step: Table, job: Job) -> bool:
    return bool(step.get("working-directory") or job.folder) or bool(
        re.search(r"\b(npm|pip install \.|pytest|make)\b|\./", text(step.get("run")))
    )

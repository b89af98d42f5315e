"""The expressions of a workflow, ``${{ ... }}``: whether they close, and whether what they name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.dependencies.tables import items, table, text
from engine.domain import Finding
from engine.projects.shipping.jobs import Job
from engine.projects.shipping.reading import Document, texts_of
from engine.projects.shipping.wrong import listed, wrong

_CONTEXTS = frozenset("github env vars job jobs steps runner secrets strategy matrix needs inputs".split())
_FUNCTIONS = frozenset(
    "contains startsWith endsWith format join toJSON fromJSON hashFiles success always cancelled failure case".lower().split()
)
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_NAMED = re.compile(r"(?<![\w.-])([A-Za-z_][\w-]*)((?:\.[A-Za-z_*][\w-]*)*)(\s*\()?")
_WORDS = frozenset({"true", "false", "null", "nan", "infinity"})
_STRANGERS = re.compile(
    r"github\.(head_ref|event\.(issue|pull_request|comment|review|discussion|head_commit|commits|pages)[\w.*]*"
    r"\.(title|body|message|name|email|ref|label|page_name|default_branch))"
)
"""What anybody may write: in a script it would be run."""


def faults_of_expressions(document: Document, jobs: tuple[Job, ...]) -> Iterator[Finding]:
    by_name = {job.name: job for job in jobs}
    for steps, value in texts_of(document.value):
        job = by_name.get(str(steps[1])) if len(steps) > 1 and steps[0] == "jobs" else None
        inner, closed = _expressions(value)
        if not closed:
            yield _wrong(document, steps, "an expression is opened by ${{ and never closed by }}")
        if steps and steps[-1] == "if" and not inner:
            inner = [value]
        for expression in inner:
            yield from (_wrong(document, steps, why) for why in _faults(expression, job, steps))
            if steps[-1] == "run" and _STRANGERS.search(expression):
                message = f"whoever writes {expression.strip()} has it run: hand it to the script by env"
                yield wrong(document.path, document.line(*steps), "workflow/injection", message)


def _expressions(value: str) -> tuple[list[str], bool]:
    """What stands in each, and whether the last is closed."""
    found: list[str] = []
    at = value.find("${{")
    while at >= 0:
        end = value.find("}}", at)
        if end < 0:
            return found, False
        found.append(value[at + 3 : end])
        at = value.find("${{", end)
    return found, True


def _faults(expression: str, job: Job | None, steps: tuple[str | int, ...]) -> Iterator[str]:
    bare = _QUOTED.sub("''", expression)
    if not bare.strip():
        yield "an expression is empty"
    if bare.count("'") % 2 or '"' in bare:
        yield f"in {expression.strip()[:80]!r} a text is not closed, or not in single quotes"
    if bare.count("(") != bare.count(")") or bare.count("[") != bare.count("]"):
        yield f"in {expression.strip()[:80]!r} brackets do not match"
    for name, rest, called in _NAMED.findall(bare):
        if called:
            if name.lower() not in _FUNCTIONS:
                yield f"there is no function {name} in expressions"
        elif name.lower() not in _CONTEXTS and name.lower() not in _WORDS:
            yield f"there is no context {name} in expressions; there are {listed(_CONTEXTS, 20)}"
        elif rest and job is not None:
            yield from _named(name, rest.removeprefix(".").partition(".")[0], job, steps)


def _named(context: str, name: str, job: Job, steps: tuple[str | int, ...]) -> Iterator[str]:
    match context:
        case "matrix" if not job.matrix:
            yield f"matrix.{name}: job {job.name} has no matrix"
        case "matrix":
            known = (set(job.matrix) - {"include", "exclude"}) | {key for each in job.combinations for key in each}
            if name not in known and not any(
                isinstance(value, str) for value in (job.value.get("strategy"), *job.matrix.values())
            ):
                yield f"matrix.{name}: the matrix of job {job.name} has {listed(known)}"
        case "needs" if name not in job.needs:
            yield f"needs.{name}: job {job.name} does not need it; it needs {listed(job.needs)}"
        case "steps":
            own = items(job.value.get("steps"))
            before = steps[3] if len(steps) > 3 and isinstance(steps[3], int) else len(own)
            known = {text(table(each).get("id")) for each in own[:before]} - {""}
            if name not in known:
                yield f"steps.{name}: no step before has that id; there are {listed(known)}"


def _wrong(document: Document, steps: tuple[str | int, ...], message: str) -> Finding:
    return wrong(document.path, document.line(*steps), "workflow/expression", message)

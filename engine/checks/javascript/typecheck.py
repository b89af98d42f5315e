"""Do the types of TypeScript hold? Looked at in the box by the compiler itself, before any submitted code runs."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import PurePosixPath

from engine.checks.base import Subject
from engine.checks.javascript import said
from engine.checks.javascript.paths import TYPED
from engine.checks.javascript.programs import TYPES
from engine.checks.said import Done, Garbled
from engine.domain import Finding, Report, Value
from sandboxes.base import Command, Outcome

NAME = "types"
SECONDS = 180.0
_SILENCE = re.compile(r"(?://|/\*|\*)\s*@ts-(nocheck|ignore|expect-error)\b")
_CONFIGURATION = re.compile(r"(?:vite|vitest|eslint|tailwind|postcss|playwright)[\w.-]*\.(?:[cm]?ts)")
_MISSING = "MODULE_NOT_FOUND"


class Asked(Value):
    """The command of a look, and what its answer is known by."""

    command: Command
    nonce: str


def ask(subject: Subject) -> Asked | Report:
    """What to run; or the report at once, where there is nothing in TypeScript."""
    files = [path for path in sorted(subject.files) if _is_read(path) and path not in subject.case.tests]
    if not any(path.endswith(TYPED) or 'lang="ts' in subject.files[path] for path in files):
        return Report(check=NAME, status="passed", summary="no TypeScript")
    # How strict it is was fixed with the input: a draft cannot make its types hold by asking for less.
    of = subject.files if subject.case.stand_in or subject.case.baseline is None else subject.case.before
    configs = {path: text for path, text in of.items() if path.startswith("tsconfig") and path.endswith(".json")}
    nonce = secrets.token_hex(16)
    asked = json.dumps({"nonce": nonce, "files": files, "configs": configs})
    return Asked(command=Command(argv=TYPES, stdin=asked.encode(), seconds=SECONDS), nonce=nonce)


def read(subject: Subject, asked: Asked, outcome: Outcome) -> Report:
    """Every error is a finding, also where the input had it. Of a project with packages of its own only new ones are:
    what its environment lacks is nobody's error.
    """
    try:
        lines = said.types(outcome, asked.nonce)
    except Garbled as error:
        return Report(check=NAME, status="broken", summary=f"the types were not told: {error}")
    if not any(isinstance(line, Done) for line in lines):
        return _untold(subject, outcome)
    found = [
        Finding(check=NAME, rule=line.rule, path=line.path, line=line.line, message=f"{line.rule}: {line.message}")
        for line in lines
        if isinstance(line, said.Typed)
    ]
    found += _silenced(subject)
    if subject.case.task.suite is not None and subject.case.baseline is not None:
        found = _new(subject, found)
    unread = any(isinstance(line, said.Components) and not line.read for line in lines)
    beside = "; of single file components only the scripts' imports were looked at" if unread else ""
    count = len(found)
    if subject.case.task.suite is not None and subject.case.baseline is None:
        return Report(check=NAME, status="passed", summary=f"{count} on the input{beside}", findings=tuple(found))
    return Report(
        check=NAME,
        status="failed" if found else "passed",
        summary=(f"{count} type errors" if count != 1 else "1 type error") + beside,
        findings=tuple(found),
        seconds=outcome.seconds,
    )


def _is_read(path: str) -> bool:
    if _CONFIGURATION.fullmatch(path):
        return False
    return path.endswith((*TYPED, ".vue"))


def _untold(subject: Subject, outcome: Outcome) -> Report:
    if _MISSING in outcome.stderr.text and "typescript" in outcome.stderr.text and subject.case.task.suite is not None:
        return Report(check=NAME, status="passed", summary="not looked at: the project's packages have no typescript")
    how = f"it ended as {outcome.ended}, exit code {outcome.exit_code}: {outcome.stderr.text[-500:]}"
    return Report(check=NAME, status="broken", summary=f"the types could not be looked at: {how}")


def _silenced(subject: Subject) -> list[Finding]:
    """Places at which errors are told to be left out, and were not before."""
    case = subject.case
    if case.baseline is None or case.stand_in:
        kinds, before = {"nocheck"}, dict[str, str]()
    else:
        kinds, before = {"nocheck", "ignore", "expect-error"}, dict(case.before)
    found = []
    for path, text in sorted(subject.files.items()):
        if not _is_read(path) or PurePosixPath(path).name.endswith(".d.ts"):
            continue
        had = [match[1] for match in _SILENCE.finditer(before.get(path, ""))]
        for match in _SILENCE.finditer(text):
            if match[1] not in kinds:
                continue
            if match[1] in had:
                had.remove(match[1])
                continue
            line = text.count("\n", 0, match.start()) + 1
            message = f"@ts-{match[1]} keeps type errors from being told"
            found.append(Finding(check=NAME, rule=f"ts-{match[1]}", path=path, line=line, message=message))
    return found


def _new(subject: Subject, found: list[Finding]) -> list[Finding]:
    from engine.checks.lint import more_than  # noqa: PLC0415 (ruff's half of it is not needed otherwise)

    baseline = subject.case.baseline
    assert baseline is not None  # noqa: S101 (it was asked for)
    return more_than(baseline.reports, found, check=NAME)

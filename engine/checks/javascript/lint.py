"""Does the draft bring eslint findings that the input did not have? Configuration and directives of the draft are not read."""

from __future__ import annotations

import json
import secrets

from engine.checks.base import Subject
from engine.checks.javascript import said
from engine.checks.javascript.paths import is_javascript
from engine.checks.javascript.programs import LINTING
from engine.checks.javascript.typecheck import Asked
from engine.checks.lint import more_than
from engine.checks.said import Done, Garbled
from engine.domain import Finding, Report
from sandboxes.base import Command, Outcome

NAME = "lint"
SECONDS = 180.0


def ask(subject: Subject) -> Asked:
    """What to run. Where there is no input, only what cannot run as written is looked for."""
    files = [path for path in sorted(subject.files) if is_javascript(path) and path not in subject.case.tests]
    nonce = secrets.token_hex(16)
    asked = json.dumps({"nonce": nonce, "files": files, "serious": subject.case.stand_in})
    return Asked(command=Command(argv=LINTING, stdin=asked.encode(), seconds=SECONDS), nonce=nonce)


def read(subject: Subject, asked: Asked, outcome: Outcome) -> Report | None:
    """Findings that are more, by file and rule, than those on the input; None where the image has no eslint."""
    try:
        lines = said.lint(outcome, asked.nonce)
    except Garbled as error:
        return Report(check=NAME, status="broken", summary=f"eslint gave no readable answer: {error}")
    if not any(isinstance(line, Done) for line in lines):
        if "ERR_MODULE_NOT_FOUND" in outcome.stderr.text and "'eslint'" in outcome.stderr.text:
            return None
        how = f"it ended as {outcome.ended}, exit code {outcome.exit_code}: {outcome.stderr.text[-500:]}"
        return Report(check=NAME, status="broken", summary=f"eslint gave no answer: {how}")
    found = [
        Finding(check=NAME, rule=line.rule, path=line.path, line=line.line, message=line.message)
        for line in lines
        if isinstance(line, said.Linted)
    ]
    baseline = subject.case.baseline
    if baseline is None:
        # The input is only recorded: what it has already is nobody's new finding.
        return Report(check=NAME, status="passed", summary=f"{len(found)} on the input", findings=tuple(found))
    unparsed = {old.path for report in baseline.reports if report.check == "syntax" for old in report.findings}
    new = [finding for finding in more_than(baseline.reports, found) if finding.path not in unparsed]
    return Report(
        check=NAME,
        status="failed" if new else "passed",
        summary=f"{len(new)} new findings" if new else "no new finding",
        findings=tuple(new),
        seconds=outcome.seconds,
    )

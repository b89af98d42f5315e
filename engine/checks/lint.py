"""Does the draft bring lint findings that the input did not have? Settings and `noqa` of the draft are ignored.

Code that it runs from plain texts is linted with the rest; code that it hides from the linter is a finding itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from engine.checks import hidden
from engine.checks.base import Asked, Subject, tool
from engine.checks.hidden import Embedded
from engine.domain import Finding, Report
from sandboxes.base import WORK, Box, Command, Layer, Outcome

RULES = "E4,E7,E9,F,B006,B008,B018,PLE"
"""What counts as new when it is: ruff's defaults, and the rules that point at real mistakes."""
RULES_WITHOUT_INPUT = "E9,F63,F7,F82,PLE"
"""What counts where there is nothing to compare with: only what cannot run as written."""
SERIOUS = (*RULES_WITHOUT_INPUT.split(","), "syntax", "invalid-syntax")
OF_ONE_LINERS = ("E401", "E402", "E70")
"""How a text is laid out that is handed to an interpreter is nobody's concern."""
SECONDS = 30.0


class _Place(BaseModel):
    model_config = ConfigDict(extra="ignore")
    row: int


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")
    code: str | None
    message: str
    filename: str
    location: _Place


_LINES = TypeAdapter(list[_Line])


class _Linting(Asked):
    hidden: tuple[Finding, ...]
    """What the linter is not shown."""
    texts: Mapping[str, Embedded]
    """What it is shown besides files, by the path that it has in the box."""


class Lint:
    """Ruff. It is never held, and so has ended before any submitted code runs in the box."""

    name = "lint"

    async def examine(self, subject: Subject, box: Box) -> Report:
        """Ask, run and read, where nothing else is to be done in *box*."""
        asked = self.ask(subject)
        if isinstance(asked, Report):
            return asked
        if asked.files is not None:
            await box.put(asked.files.files, place=asked.files.place)
        return self.read(subject, asked, await box.run(asked.command))

    def ask(self, subject: Subject) -> _Linting | Report:
        rules = RULES_WITHOUT_INPUT if subject.case.stand_in else RULES
        sources = [path for path, text in sorted(subject.files.items()) if hidden.is_python(path, text)]
        if not sources:
            return Report(check=self.name, status="passed", summary="no Python files")
        beside = hidden.look(subject.files, _changed(subject))
        texts = {f"embedded/{number}.py": text for number, text in enumerate(beside.embedded)}
        options = ("--isolated", "--no-cache", "--ignore-noqa", "--output-format", "json", "--quiet", "--exit-zero")
        paths = [*sources, *map(tool, texts)]
        layer = {path: text.text.encode("utf-8", "replace") for path, text in texts.items()}
        return _Linting(
            command=Command(argv=("ruff", "check", *options, "--select", rules, "--", *paths), seconds=SECONDS),
            files=Layer(files=layer, place="tools") if layer else None,
            hidden=beside.findings,
            texts={tool(path): text for path, text in texts.items()},
        )

    def read(self, subject: Subject, asked: Asked, outcome: Outcome) -> Report:
        """Findings that are more, by file and rule, than those on the input."""
        assert isinstance(asked, _Linting)  # noqa: S101 (it is what `ask` gave)
        lines = _read(outcome)
        if lines is None:
            said = outcome.stderr.text[-500:] or f"it ended as {outcome.ended}, exit code {outcome.exit_code}"
            return Report(check=self.name, status="broken", summary=f"ruff gave no readable answer: {said}")
        found = [*asked.hidden, *self._findings(lines, asked.texts)]
        if subject.case.baseline is None:
            # The input is only recorded: what it has already is nobody's new finding.
            return Report(check=self.name, status="passed", summary=f"{len(found)} on the input", findings=tuple(found))
        new = more_than(subject.case.baseline.reports, found)
        new = [finding for finding in new if not _was_hidden(finding, subject.case.baseline.reports)]
        return Report(
            check=self.name,
            status="failed" if new else "passed",
            summary=f"{len(new)} new findings" if new else "no new finding",
            findings=tuple(new),
            seconds=outcome.seconds,
        )

    def _findings(self, lines: list[_Line], texts: Mapping[str, Embedded]) -> list[Finding]:
        found = []
        for line in lines:
            text = texts.get(line.filename)
            if text is None:
                path, row, where = line.filename.removeprefix(f"{WORK}/"), line.location.row, ""
            elif _counts(line, text):
                path, row, where = text.path, text.line, "in the text that is run from here: "
            else:
                continue
            message = f"{where}{line.message}"[:500]
            found.append(Finding(check=self.name, rule=line.code or "syntax", path=path, line=row, message=message))
        return found


def _changed(subject: Subject) -> list[str]:
    """The paths that are looked through for what they hide: all of the input, and what a draft made of it."""
    before = {} if subject.case.baseline is None or subject.case.stand_in else subject.case.before
    tests = subject.case.tests
    return [path for path, text in subject.files.items() if before.get(path) != text and tests.get(path) != text]


def _counts(line: _Line, text: Embedded) -> bool:
    """Whether a finding in an embedded text is one: its names may come from the file around it, or go there."""
    rule = line.code or ""
    named = re.search(r"`([^`]+)`", line.message)
    name = named.group(1).split(" as ")[-1].split(".")[0] if named else ""
    if rule.startswith(OF_ONE_LINERS) or name == "_":
        return False
    if rule in {"F821", "F822"}:
        return name not in text.names and "*" not in text.names
    return rule != "F401" or name not in text.names


def _read(outcome: Outcome) -> list[_Line] | None:
    if not outcome.ok or outcome.stdout.truncated:
        return None
    try:
        return _LINES.validate_json(outcome.stdout.head + outcome.stdout.tail)
    except ValidationError:
        return None


def _was_hidden(finding: Finding, reports: tuple[Report, ...]) -> bool:
    """Whether the input may have had *finding* as well: ruff looks no further into a file that does not parse."""
    unparsed = {old.path for report in reports if report.check == "syntax" for old in report.findings}
    return finding.path in unparsed and not finding.rule.startswith(SERIOUS)


def more_than(reports: tuple[Report, ...], found: list[Finding], *, check: str = "lint") -> list[Finding]:
    """Those of *found* that are more, by file and rule, than *check* found in *reports*."""
    allowed = Counter((old.path, old.rule) for report in reports if report.check == check for old in report.findings)
    new = []
    for finding in found:
        if allowed[finding.path, finding.rule] > 0:
            allowed[finding.path, finding.rule] -= 1
        else:
            new.append(finding)
    return new

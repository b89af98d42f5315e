"""Does the draft bring lint findings that the input did not have? Settings and `noqa` of the draft are ignored."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from engine.checks.base import Subject
from engine.domain import Finding, Report
from sandboxes.base import Box, Command, Outcome

RULES = "E4,E7,E9,F,B006,B008,B018,PLE"
"""What counts as new when it is: ruff's defaults, and the rules that point at real mistakes."""
RULES_WITHOUT_INPUT = "E9,F63,F7,F82,PLE"
"""What counts where there is nothing to compare with: only what cannot run as written."""
SERIOUS = (*RULES_WITHOUT_INPUT.split(","), "syntax", "invalid-syntax")
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


class Lint:
    """Ruff, alone in the box: no submitted code runs while it does."""

    name = "lint"

    async def examine(self, subject: Subject, box: Box) -> Report:
        """Findings that are more, by file and rule, than those on the input."""
        rules = RULES_WITHOUT_INPUT if subject.case.stand_in else RULES
        if not subject.sources:
            return Report(check=self.name, status="passed", summary="no Python files")
        options = ("--isolated", "--no-cache", "--ignore-noqa", "--output-format", "json", "--quiet", "--exit-zero")
        outcome = await box.run(
            Command(argv=("ruff", "check", *options, "--select", rules, "--", *subject.sources), seconds=SECONDS)
        )
        lines = _read(outcome)
        if lines is None:
            said = outcome.stderr.text[-500:] or f"it ended as {outcome.ended}, exit code {outcome.exit_code}"
            return Report(check=self.name, status="broken", summary=f"ruff gave no readable answer: {said}")
        found = [self._finding(line) for line in lines]
        if subject.case.baseline is None:
            # The input is only recorded: what it has already is nobody's new finding.
            return Report(check=self.name, status="passed", summary=f"{len(found)} on the input", findings=tuple(found))
        new = _more_than(subject.case.baseline.reports, found)
        new = [finding for finding in new if not _was_hidden(finding, subject.case.baseline.reports)]
        return Report(
            check=self.name,
            status="failed" if new else "passed",
            summary=f"{len(new)} new findings" if new else "no new finding",
            findings=tuple(new),
            seconds=outcome.seconds,
        )

    def _finding(self, line: _Line) -> Finding:
        path = line.filename.removeprefix("/box/work/")
        return Finding(
            check=self.name, rule=line.code or "syntax", path=path, line=line.location.row, message=line.message[:500]
        )


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


def _more_than(reports: tuple[Report, ...], found: list[Finding]) -> list[Finding]:
    allowed = Counter((old.path, old.rule) for report in reports if report.check == "lint" for old in report.findings)
    new = []
    for finding in found:
        if allowed[finding.path, finding.rule] > 0:
            allowed[finding.path, finding.rule] -= 1
        else:
            new.append(finding)
    return new

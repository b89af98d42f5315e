"""Does every file parse, and which tests and executable lines are there? Taken before any submitted code runs."""

from __future__ import annotations

import json

from engine.case import Names
from engine.checks import said
from engine.checks.base import Subject, tool
from engine.checks.node_ids import is_named_as_tests
from engine.domain import Finding, Report
from sandboxes.base import Box, Command, Outcome
from sandboxes.errors import SandboxUnavailable

SECONDS = 30.0


AHEAD = Command(argv=("python", tool("survey.py")), seconds=SECONDS, warm=True)
"""What may be started before there is anything to read."""


class Syntax:
    """A check that also learns what the later ones need: it returns the subject with both filled in."""

    name = "syntax"

    async def survey(self, subject: Subject, box: Box) -> tuple[Subject, Report]:
        """Read all files inside the box without running them; raises as `read` does."""
        return self.read(subject, await box.run(self.ask(subject)))

    def ask(self, subject: Subject) -> Command:
        """What to run in the box, before any submitted code."""
        asked = {
            "sources": subject.sources,
            "tests": [path for path in subject.case.tests if path.endswith(".py")],
            # the input is run all the same: what becomes of its tests is to be known
            "strict": subject.case.baseline is not None,
            "lenient": sorted(_lenient(subject)),
        }
        return AHEAD.model_copy(update={"stdin": json.dumps(asked).encode()})

    def read(self, subject: Subject, outcome: Outcome) -> tuple[Subject, Report]:
        """What it has found.

        Raises:
            SandboxUnavailable: Our own program did not finish there. No submitted code had run, so that is the box's fault.
        """
        try:
            lines = said.read(outcome)
        except said.Garbled as error:
            raise SandboxUnavailable("survey", str(error)) from error
        done = next((line for line in lines if isinstance(line, said.Done)), None)
        if outcome.ended != "exited" or done is None or outcome.exit_code != done.exit_code:
            what = f"reading the files ended as {outcome.ended}, exit code {outcome.exit_code}: {outcome.stderr.text[-500:]}"
            raise SandboxUnavailable("survey", what)
        expected = tuple(
            f"{line.path}::{name}" for line in lines if isinstance(line, said.NamesIn) for name in line.names
        )
        marked = tuple(
            f"{line.path}::{name}" for line in lines if isinstance(line, said.NamesIn) for name in line.marked
        )
        may_skip = tuple(
            f"{line.path}::{name}" for line in lines if isinstance(line, said.NamesIn) for name in line.may_skip
        )
        executable = {line.path: tuple(line.executable) for line in lines if isinstance(line, said.Lines)}
        lenient = _lenient(subject)
        findings = tuple(
            Finding(
                check=self.name,
                rule=line.rule,
                path=line.path,
                line=line.line,
                message=line.message,
                evidence=line.text,
            )
            for line in lines
            if isinstance(line, said.Unparsable) and line.path not in lenient
        )
        told = subject.model_copy(
            update={"names": Names(expected=expected, marked=marked, may_skip=may_skip), "executable": executable},
        )
        return told, Report(
            check=self.name,
            status="failed" if findings else "passed",
            summary=f"{len(findings)} files do not parse" if findings else f"{len(subject.sources)} Python files parse",
            findings=findings,
            seconds=outcome.seconds,
        )


def _lenient(subject: Subject) -> frozenset[str]:
    """Files of a project that need not parse: what was there before and is no test, such as a template or a specimen.

    Where one of them is imported, a test tells.
    """
    case = subject.case
    if case.task.suite is None:
        return frozenset()
    kept = {path for path, text in subject.files.items() if case.baseline is not None and case.before.get(path) == text}
    specimens = {path for path in case.tests if not is_named_as_tests(path) and not path.endswith("conftest.py")}
    return frozenset((*kept, *specimens, *case.task.suite.aside))

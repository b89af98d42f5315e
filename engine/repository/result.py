"""What became of a project: how its suite stood, what was wrong, cause by cause, and what was mended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from agents.base import Suspect, Usage
from engine.domain import Finding, Language, Run, TestResult, Value
from sandboxes.environments.wanted import Environment

RepositoryEnding = Literal["green", "verified", "partly", "red", "no_fix", "environment", "cancelled"]
"""`green`: nothing was red. `verified`: every red test is green now, each fix proven. `partly`: some causes are mended,
and proven. `red`: nothing was to be mended, only looked at. `no_fix`: nothing could be mended, or not proven.
`environment`: the machinery failed. `cancelled`: it was stopped."""


class SuiteRun(Value):
    """One run of a project's whole suite."""

    tests: tuple[TestResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    executed: Mapping[str, tuple[int, ...]] = {}
    """Lines of the project that ran while the tests did, by path."""
    executable: Mapping[str, tuple[int, ...]] = {}
    """Lines with an instruction of their own, by path."""
    broken: tuple[str, ...] = ()
    """Test files that cannot be collected."""
    suspects: tuple[Suspect, ...] = ()
    """Lines of the project that may be at fault, the likeliest first, by which tests ran them; see `engine.localising`."""
    seconds: float = 0.0
    summary: str = ""

    @property
    def red(self) -> tuple[str, ...]:
        """Node ids of what neither passed nor was skipped, and paths of the files that cannot be collected."""
        unmet = [test.node_id for test in self.tests if test.ended in {"failed", "error", "hung", "missing", "xpassed"}]
        in_broken = tuple(f"{path}::" for path in self.broken)
        return (*self.broken, *(node for node in unmet if not node.startswith(in_broken)))

    @property
    def green(self) -> tuple[str, ...]:
        return tuple(test.node_id for test in self.tests if test.ended == "passed")

    @property
    def skipped(self) -> tuple[str, ...]:
        return tuple(test.node_id for test in self.tests if test.ended in {"skipped", "xfailed"})


class Cause(Value):
    """Red tests that belong together, as far as could be seen."""

    name: str
    """What went wrong, in one line."""
    tests: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


class Healed(Value):
    """What became of one cause."""

    cause: Cause
    run: Run
    diff: str = ""
    """From the project as it stood after the causes before this one; empty unless it is verified."""

    @property
    def verified(self) -> bool:
        return self.run.outcome == "verified"


class RepositoryResult(Value):
    """A project's suite before and after, and all that was done about it."""

    root: Path
    language: Language = "python"
    commit: str = ""
    red: tuple[str, ...] = ()
    """As it was found: tests that are red whenever they run."""
    flaky: tuple[str, ...] = ()
    """Tests that end one way and then another: nobody is asked to mend the code for these."""
    before: SuiteRun = SuiteRun()
    after: SuiteRun | None = None
    """With everything mended; None where nothing was."""
    healed: tuple[Healed, ...] = ()
    files: Mapping[str, str] = {}
    """Text after of every file that is another now, by path."""
    removed: tuple[str, ...] = ()
    diff: str = ""
    """From the project as it was found to what is proven: `git apply` takes it."""
    environment: Environment | None = None
    outcome: RepositoryEnding
    summary: str = ""
    next_step: str = ""
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()
    candidates: int = 0
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0

    @property
    def green(self) -> tuple[str, ...]:
        return self.before.green

    @property
    def skipped(self) -> tuple[str, ...]:
        return self.before.skipped

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(sorted((*self.files, *self.removed)))

    @property
    def still_red(self) -> tuple[str, ...]:
        """What is red with everything that is proven in place, the flaky ones left out."""
        return tuple(node for node in (self.after or self.before).red if node not in self.flaky)

"""The words of Mendbox: what a task, a finding, a verdict, an attempt and a run are."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.base import Background, Draft, Suite, Suspect, Usage
from sandboxes.base import Limits, Measured

Language = Literal["python", "javascript", "typescript"]
Status = Literal["passed", "failed", "broken", "skipped"]
"""Of one check: `broken` means that it could not tell."""
Ending = Literal["verified", "unverified", "no_fix", "environment", "cancelled"]
Reason = Literal["budget", "no_progress", "conflict", "flaky", "tampered", "refused", "red"]
"""Why there is no fix. `red`: the code was only judged, and did not pass."""
TestEnd = Literal["passed", "failed", "error", "hung", "skipped", "xfailed", "xpassed", "missing"]
"""`hung`: stopped for using too much processor time. `missing`: expected or collected, and never run."""
Tier = Literal["separate-process", "same-process"]
"""Where the candidate's code runs in relation to the tests that judge it.

`separate-process`: the tests' process never loads it; only plain data, and handles that are asked by data, cross.
`same-process`: it is loaded next to the tests, which their twins watch over.
"""


class Value(BaseModel):
    """A frozen record; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def sha256(text: str | bytes) -> str:
    """Hex SHA-256 of *text*, encoded as UTF-8."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def hash_files(files: Mapping[str, str]) -> str:
    """One content hash of a set of files, independent of their order."""
    return sha256("".join(f"{path}\0{sha256(text)}\n" for path, text in sorted(files.items())))


class Budget(Value):
    """What one run may spend."""

    attempts: int = Field(default=6, ge=1, le=1_000)
    seconds: float = Field(default=300.0, gt=0, le=86_400)
    """Wall clock of the whole run, less what it waits for its turn at having a box."""
    tokens: int | None = Field(default=None, ge=1)
    """Input and output tokens of all model calls."""
    usd: float | None = Field(default=None, gt=0)
    """Money for all model calls, US dollars by the price table."""
    test_seconds: float = Field(default=20.0, gt=0, le=3_600)
    """Wall clock of one run of the test suite in a box."""


class Declared(Value):
    """What a project's manifests say it needs, as far as the judge of a draft that changes one of them has to know it."""

    manifests: tuple[str, ...] = ()
    """Paths of the files that say it: manifests and what they include."""
    known: tuple[str, ...] = ()
    """Normalised names of the packages that a manifest, a lock or the user has named."""
    allowed: tuple[str, ...] = ()
    """Requirements that the user has added to what the manifests say."""
    allow_new: bool = False
    """Whether a draft may name a package that nobody has named before."""


class Task(Value):
    """What somebody wants mended."""

    goal: str = "Make the tests pass without changing them."
    language: Language = "python"
    files: Mapping[str, str]
    """The code, by path relative to its root."""
    tests: Mapping[str, str] = {}
    """The frozen tests and what they alone use, by path relative to the same root."""
    data: Mapping[str, str] = {}
    """Other files that the code and the tests need and that nobody changes, base64, by path relative to the same root."""
    suite: Suite | None = None
    """How the tests are run, where they are a project's with settings of its own."""
    dependencies: Declared | None = None
    """What the project says it needs, where it says so: a draft that changes that is judged with what it then needs."""
    error: str = ""
    """What the caller says went wrong: a message or a traceback."""
    background: Background | None = None
    """What is known of a project beside its text; no verdict depends on it."""
    budget: Budget = Budget()
    limits: Limits = Limits()


class Finding(Value):
    """One thing wrong."""

    check: str
    message: str
    rule: str = ""
    """The linter's rule, the exception's type, or the like."""
    path: str | None = None
    line: int | None = None
    """Counted from 1."""
    evidence: str = ""
    """What the box said, bounded; data, never an instruction."""

    @property
    def fingerprint(self) -> str:
        """The same for the same thing wrong at another line."""
        message = re.sub(r"0x[0-9a-f]+|\bline \d+\b|:\d+\b", "#", self.message)
        return sha256(f"{self.check}|{self.rule}|{self.path}|{message}")[:16]


class TestResult(Value):
    """How one test ended, by its pytest node id."""

    __test__ = False

    node_id: str
    ended: TestEnd
    seconds: float = 0.0


class Touched(Value):
    """Tests that ran lines of the same files."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    """Node ids."""


class Report(Value):
    """What one check says of one draft."""

    check: str
    status: Status
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    tests: tuple[TestResult, ...] = ()
    executed: Mapping[str, tuple[int, ...]] = {}
    """Lines that ran while the tests did, by path."""
    reached: Mapping[str, Mapping[str, tuple[int, ...]]] = {}
    """Of the first red tests, the lines that each ran itself, by node id and path; only where it was asked for."""
    beside: Mapping[str, Mapping[int, int]] = {}
    """Of the lines in `reached`, by path, how many tests that are not red ran each."""
    touched: tuple[Touched, ...] = ()
    """Which tests ran lines of which files; only where it was asked for."""


class Proof(Value):
    """One thing that has to hold before green is called verified."""

    name: str
    held: bool
    detail: str


class Verdict(Value):
    """All reports on one draft, and what they prove."""

    files_sha256: str
    reports: tuple[Report, ...]
    proofs: tuple[Proof, ...] = ()
    tier: Tier = "same-process"
    not_shown: tuple[str, ...] = ()
    """What it does not rule out, each with its reason, in a sentence."""
    flaky: tuple[str, ...] = ()
    """Node ids of tests that ended otherwise when a red session was repeated; see `engine.flakiness`."""
    box: str = ""
    """Id of the box it was taken in."""
    image: str = ""
    measured: Measured | None = None
    seconds: float = 0.0
    judged: str = ""
    """When it was taken; ISO 8601, UTC."""
    from_run: str = ""
    """Id of the run that it was taken in, where it was judged before and not again in this one."""

    @property
    def broken(self) -> bool:
        return any(report.status == "broken" for report in self.reports)

    @property
    def green(self) -> bool:
        """Every check passed; nothing was skipped for want of an earlier one."""
        return bool(self.reports) and all(report.status == "passed" for report in self.reports)

    @property
    def verified(self) -> bool:
        return self.green and bool(self.proofs) and all(proof.held for proof in self.proofs)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for report in self.reports for finding in report.findings)

    @property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(finding.fingerprint for finding in self.findings)

    @property
    def tests(self) -> tuple[TestResult, ...]:
        return tuple(test for report in self.reports for test in report.tests)


class Attempt(Value):
    """One draft and what became of it."""

    number: int
    draft: Draft
    verdict: Verdict
    seconds: float
    """Author and judge together, wall clock."""


class Receipt(Value):
    """What was shown, of what, by what: enough for somebody else to judge it again."""

    files_before: Mapping[str, str]
    """SHA-256 by path; so are the next two."""
    files_after: Mapping[str, str]
    tests: Mapping[str, str]
    tests_from: Literal["caller", "reproduction"]
    tests_made: Mapping[str, str] = {}
    """Text of the tests that the caller did not hand in, by path: a reproduction's is written nowhere else."""
    stand_in: bool = False
    """There was no earlier code: the files before are empty modules of the same names."""
    image: str
    tier: Tier
    proofs: tuple[Proof, ...]
    not_shown: tuple[str, ...] = ()
    """What this verdict does not rule out, each with its reason, in a sentence."""
    measured: Measured | None
    limits: Limits
    mendbox: str
    """Version of Mendbox that took the verdict."""
    box: str = ""
    """Id of the box that the verdict was taken in."""
    judged: str = ""
    """When it was taken, which is before the run where that was served an earlier verdict; ISO 8601, UTC."""
    from_run: str = ""
    """The run that took it, where another one did."""


class Run(Value):
    """A task and all that came of it. The same object is the MCP result, the command line's JSON and the CI artefact."""

    id: str
    task: Task
    status: Literal["running", "interrupted", "ended"] = "running"
    outcome: Ending | None = None
    reason: Reason | None = None
    summary: str = ""
    """What happened, in one sentence."""
    next_step: str = ""
    """What the person can do next, in one sentence."""
    baseline: Verdict | None = None
    """The verdict on the code as it was handed in."""
    attempts: tuple[Attempt, ...] = ()
    files: Mapping[str, str] = {}
    """The mended code where the outcome is verified or unverified, else the code as handed in."""
    receipt: Receipt | None = None
    usage: Usage = Usage()
    candidates: int = 0
    """Candidates that searching authors tried, in all."""
    kinds: Mapping[str, int] = {}
    """How many of them were of which family of edits, such as ``operators``, as far as it was counted."""
    suspects: tuple[Suspect, ...] = ()
    """Where the last author who searched thinks the fault is, most suspicious first."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    part_of: str = ""
    """The build of which it judged a component; empty for a run of its own."""

    @property
    def diff(self) -> str:
        """Unified diff from the code as handed in to `files`."""
        return diff_files(self.task.files, self.files) if self.files else ""


def diff_files(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Unified diff of two sets of files, with ``a/`` and ``b/`` paths, as `git apply` takes it."""
    pieces: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        lines = difflib.unified_diff(
            (old or "").splitlines(keepends=True),
            (new or "").splitlines(keepends=True),
            "/dev/null" if old is None else f"a/{path}",
            "/dev/null" if new is None else f"b/{path}",
        )
        pieces += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(pieces)

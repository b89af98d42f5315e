"""The small JSON document for whoever scripts a pipeline: how it ended, and where everything lies."""

from __future__ import annotations

from agents.base import Usage
from engine.domain import Value
from engine.repository.result import RepositoryResult


class Fix(Value):
    """What became of one cause."""

    cause: str
    tests: tuple[str, ...]
    outcome: str
    reason: str | None
    run: str
    """Id, for `mendbox show`."""
    summary: str
    next_step: str
    diff: str
    receipt: str
    """File of its receipt; empty where it has none."""


class Account(Value):
    """The whole of it, without the texts of the files."""

    outcome: str
    exit_code: int
    summary: str
    next_step: str
    commit: str
    red: tuple[str, ...]
    still_red: tuple[str, ...]
    """With everything that is proven in place."""
    flaky: tuple[str, ...]
    passed: int
    skipped: int
    fixes: tuple[Fix, ...]
    diff: str
    folder: str
    reports: tuple[str, ...]
    """Names of the files below `folder`."""
    patch: str
    branch: str
    branch_refused: str
    """Why there is no branch, where one was asked for."""
    notes: tuple[str, ...]
    usage: Usage
    seconds: float


class Places(Value):
    """Where what was written lies; empty where nothing of the kind was."""

    folder: str = ""
    reports: tuple[str, ...] = ()
    patch: str = ""
    receipts: tuple[str, ...] = ()
    """One for each cause."""
    branch: str = ""
    branch_refused: str = ""
    notes: tuple[str, ...] = ()

    def receipt(self, number: int) -> str:
        """The receipt of the cause with this index."""
        return self.receipts[number] if number < len(self.receipts) else ""


def account(result: RepositoryResult, places: Places, *, exit_code: int) -> Account:
    """*result* in short, with *places*."""
    return Account(
        outcome=result.outcome,
        exit_code=exit_code,
        summary=result.summary,
        next_step=result.next_step,
        commit=result.commit,
        red=result.red,
        still_red=result.still_red,
        flaky=result.flaky,
        passed=len(result.green),
        skipped=len(result.skipped),
        fixes=tuple(
            Fix(
                cause=healed.cause.name,
                tests=healed.cause.tests,
                outcome=healed.run.outcome or healed.run.status,
                reason=healed.run.reason,
                run=healed.run.id,
                summary=healed.run.summary,
                next_step=healed.run.next_step,
                diff=healed.diff,
                receipt=places.receipt(number),
            )
            for number, healed in enumerate(result.healed)
        ),
        diff=result.diff,
        folder=places.folder,
        reports=places.reports,
        patch=places.patch,
        branch=places.branch,
        branch_refused=places.branch_refused,
        notes=(*result.notes, *places.notes),
        usage=result.usage,
        seconds=result.seconds,
    )

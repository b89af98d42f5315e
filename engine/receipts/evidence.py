"""The texts a verdict is about: what was there before, what came after, and the frozen tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.case import stand_ins
from engine.domain import Attempt, Receipt, Run, Value, sha256
from engine.inputs.text import decode_data
from engine.receipts.errors import NoReceipt


class Evidence(Value):
    """All that the judge was handed, by path."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    tests: Mapping[str, str]
    data: Mapping[str, str] = {}
    """What is no text, base64."""

    def contents(self) -> Iterator[bytes]:
        """Every file's bytes, the same ones more than once where they stand in several places."""
        for part in (self.before, self.after, self.tests):
            yield from (text.encode() for text in part.values())
        yield from decode_data(self.data).values()


class Judged(Value):
    """A run's receipt, with the attempt it is for and the texts it names."""

    receipt: Receipt
    attempt: Attempt
    evidence: Evidence


def judged(run: Run) -> Judged:
    """What *run* has shown, with its texts.

    Raises:
        NoReceipt: It has not ended, nothing was green, or its texts are not the ones that were judged.
    """
    receipt = run.receipt
    if receipt is None:
        why = f"it is {run.status}" if run.outcome is None else f"it ended as {run.outcome}: no green verdict was taken"
        raise NoReceipt(f"run {run.id} has no receipt: {why}", hint=run.next_step)
    attempt = next((a for a in reversed(run.attempts) if digests(a.draft.files) == receipt.files_after), None)
    if attempt is None:
        raise NoReceipt(f"run {run.id} has no attempt with the files that its receipt names")
    after = attempt.draft.files
    evidence = Evidence(
        before=stand_ins(after) if receipt.stand_in else run.task.files,
        after=after,
        tests={**run.task.tests, **receipt.tests_made},
        data=run.task.data,
    )
    if (digests(evidence.before), digests(evidence.tests)) != (receipt.files_before, receipt.tests):
        hint = "have the code checked again: mendbox check"
        raise NoReceipt(f"run {run.id} was recorded without all the texts that were judged", hint=hint)
    return Judged(receipt=receipt, attempt=attempt, evidence=evidence)


def digests(files: Mapping[str, str]) -> dict[str, str]:
    return {path: sha256(text) for path, text in files.items()}


def data_digests(data: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by path of what base64 stands for."""
    return {path: sha256(raw) for path, raw in decode_data(data).items()}

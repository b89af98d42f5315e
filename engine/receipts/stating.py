"""From a run that ended with a receipt to the statement that says so to anybody."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain import Ending, Run, TestEnd, TestResult
from engine.receipts.evidence import Judged, data_digests
from engine.receipts.statement import (
    IMAGE,
    DigestSet,
    Particulars,
    ResourceDescriptor,
    Result,
    Statement,
    TestResultPredicate,
)
from engine.redaction import redact

NOT_COUNTED: frozenset[TestEnd] = frozenset({"skipped", "xfailed", "xpassed"})


def state(run: Run, judged: Judged) -> Statement:
    """The receipt of *run* as an in-toto statement; words that people wrote are rid of secrets, for it will travel."""
    assert run.outcome is not None  # noqa: S101 (a run with a receipt has ended)
    receipt, task, tests = judged.receipt, run.task, judged.attempt.verdict.tests
    image = ResourceDescriptor(name=IMAGE, digest=DigestSet(sha256=receipt.image.removeprefix("sha256:")))
    frozen = (*_descriptors("tests", receipt.tests), *_descriptors("data", data_digests(judged.evidence.data)))
    return Statement(
        subject=(
            *_descriptors("after", receipt.files_after),
            *_descriptors("before", receipt.files_before),
            *frozen,
            image,
        ),
        predicate=TestResultPredicate(
            result=result_of(run.outcome),
            configuration=(*frozen, image),
            **sort_tests(tests),
            mendbox=Particulars(
                version=receipt.mendbox,
                outcome=run.outcome,
                reason=run.reason,
                tier=receipt.tier,
                proofs=receipt.proofs,
                not_shown=receipt.not_shown,
                endings={test.node_id: test.ended for test in tests if test.ended != "passed"},
                tests_from=receipt.tests_from,
                stand_in=receipt.stand_in,
                goal=redact(task.goal),
                language=task.language,
                error=redact(task.error),
                test_seconds=task.budget.test_seconds,
                suite=task.suite,
                dependencies=task.dependencies,
                limits=receipt.limits,
                measured=receipt.measured,
                box=receipt.box,
                judged=receipt.judged,
            ),
        ),
    )


def result_of(outcome: Ending) -> Result:
    """A run's outcome in the standard's three words.

    `PASSED` is `verified` and nothing else: green, with every proof. `WARNED` is `unverified`: all checks were green,
    but a proof is missing. `FAILED` is every other end, such as green tests that a second session did not repeat.
    """
    return {"verified": "PASSED", "unverified": "WARNED"}.get(outcome, "FAILED")  # type: ignore[return-value]


def sort_tests(tests: tuple[TestResult, ...]) -> dict[str, tuple[str, ...]]:
    """Node ids by the standard's three lists.

    A test that was skipped or was marked to fail is `warned`: it neither passed nor failed, and did not count.
    What failed, hung, broke or never ran is `failed`.
    """
    ended = {test.node_id: test.ended for test in tests}
    return {
        "passed_tests": tuple(sorted(node for node, end in ended.items() if end == "passed")),
        "warned_tests": tuple(sorted(node for node, end in ended.items() if end in NOT_COUNTED)),
        "failed_tests": tuple(sorted(node for node, end in ended.items() if end not in {"passed", *NOT_COUNTED})),
    }


def _descriptors(part: str, digests: Mapping[str, str]) -> tuple[ResourceDescriptor, ...]:
    return tuple(
        ResourceDescriptor(name=f"{part}/{path}", digest=DigestSet(sha256=digest))
        for path, digest in sorted(digests.items())
    )

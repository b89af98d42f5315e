"""Results of whole projects to render and to write, made without an engine."""

from __future__ import annotations

from pathlib import Path

from agents.base import Draft, Suspect
from engine.domain import (
    Attempt,
    Finding,
    Proof,
    Receipt,
    Report,
    Run,
    Task,
    TestResult,
    Verdict,
    diff_files,
    hash_files,
    sha256,
)
from engine.repository.result import Cause, Healed, RepositoryResult, SuiteRun
from sandboxes.base import Limits

IMAGE = f"sha256:{'a' * 64}"
TESTS = {
    "tests/test_cart.py": (
        "from shop.cart import total\n\n\nclass TestTotal:\n    def test_sum(self):\n        assert total([1, 2]) == 3\n\n\n"
        "def test_empty():\n    assert total([]) == 0\n"
    ),
    "tests/test_tax.py": "from shop.tax import tax\n\n\ndef test_tax():\n    assert tax(100) == 19\n",
}
CODE = {
    "shop/cart.py": "def total(prices):\n    result = 1\n    for price in prices:\n        result += price\n    return result\n",
    "shop/tax.py": "def tax(price):\n    return price * RATE // 100\n",
}
RIGHT = CODE["shop/cart.py"].replace("result = 1", "result = 0")
SUM, EMPTY, TAX = (
    "tests/test_cart.py::TestTotal::test_sum",
    "tests/test_cart.py::test_empty",
    "tests/test_tax.py::test_tax",
)
SKIPPED, FLAKY = "tests/test_tax.py::test_windows[a::b]", "tests/test_tax.py::test_clock"
WRONG_SUM = Finding(
    check="tests",
    rule="AssertionError",
    message=f"{SUM}: assert 4 == 3",
    evidence="E   assert 4 == 3\n\x1b[31mred\x1b[0m",
)
WRONG_EMPTY = Finding(check="tests", rule="AssertionError", message=f"{EMPTY}: assert 1 == 0")
NO_RATE = Finding(
    check="tests",
    rule="NameError",
    path="shop/tax.py",
    line=2,
    message=f"{TAX}: name 'RATE' is not defined",
    evidence="NameError: name 'RATE' is not defined",
)
UNUSED = Finding(check="lint", rule="F401", path="shop/tax.py", line=1, message="`os` imported but unused")


def suite_run(**ends: str) -> SuiteRun:
    """The suite with all as it is, but for the *ends* by the function's name."""
    usual = {SUM: "failed", EMPTY: "failed", TAX: "error", SKIPPED: "skipped", FLAKY: "passed"}
    named = {name.rpartition("::")[2]: name for name in (SUM, EMPTY, TAX)}
    usual |= {named[name]: end for name, end in ends.items()}
    return SuiteRun(
        tests=tuple(TestResult.model_validate({"node_id": n, "ended": e, "seconds": 0.25}) for n, e in usual.items()),
        findings=(WRONG_SUM, WRONG_EMPTY, NO_RATE, UNUSED),
        executed={"shop/cart.py": (1, 2, 3, 4, 5), "shop/tax.py": (1,), "*": ()},
        executable={"shop/cart.py": (1, 2, 3, 4, 5), "shop/tax.py": (1, 2)},
        seconds=1.5,
    )


def run_of(after: dict[str, str], **more: object) -> Run:
    """One cause's run that made *after* of the code; verified, with a receipt that names all, where nothing else is said."""
    tests = tuple(TestResult(node_id=node, ended="passed") for node in (SUM, EMPTY))
    proofs = (Proof(name="red before", held=True, detail="2 tests were red"),)
    verdict = Verdict(
        files_sha256=hash_files(after),
        reports=(Report(check="tests", status="passed", tests=tests),),
        proofs=proofs,
        image=IMAGE,
    )
    fields: dict[str, object] = {
        "id": "20260101-000000-abc",
        "task": Task(files=CODE, tests=TESTS),
        "status": "ended",
        "outcome": "verified",
        "summary": "2 tests were red, and pass now.",
        "files": after,
        "attempts": (Attempt(number=1, draft=Draft(files=after, author="offline"), verdict=verdict, seconds=1.0),),
        "receipt": Receipt(
            files_before=_digests(CODE),
            files_after=_digests(after),
            tests=_digests(TESTS),
            tests_from="caller",
            image=IMAGE,
            tier="same-process",
            proofs=proofs,
            not_shown=("that it is right on inputs that no test tries",),
            measured=None,
            limits=Limits(),
            mendbox="0",
        ),
    }
    return Run.model_validate(fields | more)


def mended() -> Healed:
    after = {**CODE, "shop/cart.py": RIGHT}
    cause = Cause(
        name="AssertionError: the total is one too much", tests=(SUM, EMPTY), findings=(WRONG_SUM, WRONG_EMPTY)
    )
    return Healed(cause=cause, run=run_of(after), diff=diff_files(CODE, after))


def unmended() -> Healed:
    run = run_of(
        CODE,
        id="20260101-000001-def",
        outcome="no_fix",
        reason="no_progress",
        summary="Nothing passed.",
        next_step="Define RATE.",
        attempts=(),
        receipt=None,
        suspects=(Suspect(path="shop/tax.py", line=2, score=0.8, text="return price * RATE // 100"),),
    )
    return Healed(cause=Cause(name="NameError: RATE", tests=(TAX,), findings=(NO_RATE,)), run=run)


def partly(root: Path = Path("/project"), **more: object) -> RepositoryResult:
    """Two causes, of which one is mended."""
    first = mended()
    fields: dict[str, object] = {
        "root": root,
        "commit": "c" * 40,
        "red": (SUM, EMPTY, TAX),
        "flaky": (FLAKY,),
        "before": suite_run(),
        "after": suite_run(test_sum="passed", test_empty="passed"),
        "healed": (first, unmended()),
        "files": {"shop/cart.py": RIGHT},
        "diff": first.diff,
        "outcome": "partly",
        "summary": "2 of 3 red tests are mended.",
        "next_step": "Read the patch.",
        "notes": ("1 file was left out",),
        "seconds": 12.5,
    }
    return RepositoryResult.model_validate(fields | more)


def green(root: Path = Path("/project")) -> RepositoryResult:
    suite = suite_run(test_sum="passed", test_empty="passed", test_tax="passed").model_copy(update={"findings": ()})
    return RepositoryResult(root=root, before=suite, outcome="green", summary="All is green.")


def _digests(files: dict[str, str]) -> dict[str, str]:
    return {path: sha256(text) for path, text in files.items()}

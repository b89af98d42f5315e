"""A receipt of a project goes to another job: it has all that is needed to judge again, and steers nothing there."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.base import Suite
from engine.domain import Declared, Run, Task
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.receipts.again import judge_again, task_of
from engine.receipts.blobs import read_evidence
from engine.receipts.errors import NoReceipt, ReceiptUnreadable, Unfitting
from engine.receipts.evidence import Evidence
from engine.receipts.reading import open_receipt
from engine.receipts.statement import Statement
from engine.receipts.storing import blobs_of, store
from engine.settings import Settings
from sandboxes.base import Limits
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from tests.ci.projects import CODE, RIGHT, TESTS, run_of

BYTES = bytes(range(256))
NEEDS = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["sortedcontainers>=2"]\n'
DECLARED = Declared(manifests=("pyproject.toml",), known=("sortedcontainers",))
SUITE = Suite(options={"xfail_strict": "true"}, path=("src",), aside=("tests/test_tax.py::test_tax",))
WIDE = Limits(memory_mib=768, open_files=1_024, environment="somebody/prepared:this")


def run_of_project(*, suite: Suite | None = SUITE, manifest: str = NEEDS, data: bytes = BYTES) -> Run:
    files = {**CODE, "pyproject.toml": manifest}
    after = {**files, "shop/cart.py": RIGHT}
    task = Task(
        files=files,
        tests=TESTS,
        data={"tests/numbers.bin": base64.b64encode(data).decode()},
        suite=suite,
        dependencies=DECLARED,
        limits=WIDE,
    )
    plain = run_of(after)
    assert plain.receipt is not None
    digests = {**plain.receipt.files_before, "pyproject.toml": plain.receipt.files_after["pyproject.toml"]}
    receipt = plain.receipt.model_copy(update={"files_before": digests, "limits": WIDE})
    return plain.model_copy(update={"task": task, "receipt": receipt})


def passed_on(run: Run, folder: Path) -> tuple[Statement, Evidence]:
    """What another job reads of it."""
    path = folder / "receipt.json"
    store(run, path)
    statement = open_receipt(path).statement
    return statement, read_evidence(statement, blobs_of(path))


def test_everything_that_was_judged_comes_back(tmp_path: Path) -> None:
    """Bytes that are no text, the suite's own settings, and what the manifests say."""
    run = run_of_project()

    task = task_of(*passed_on(run, tmp_path), Limits())

    assert (task.data, task.suite, task.dependencies) == (run.task.data, SUITE, DECLARED)
    assert task.files["shop/cart.py"] == RIGHT


def test_no_image_that_a_receipt_names_is_used(tmp_path: Path) -> None:
    """Whoever wrote it may have prepared one in which everything passes."""
    assert task_of(*passed_on(run_of_project(), tmp_path), Limits()).limits.environment == ""


def test_boxes_may_be_as_large_as_the_project_makes_them(tmp_path: Path) -> None:
    """A second job with the usual settings judges a project whose packages need more memory, and nothing wider."""
    statement, evidence = passed_on(run_of_project(), tmp_path)
    wider = statement.predicate.mendbox.model_copy(update={"limits": WIDE.model_copy(update={"memory_mib": 4_096})})
    greedy = statement.model_copy(update={"predicate": statement.predicate.model_copy(update={"mendbox": wider})})

    assert task_of(statement, evidence, Limits()).limits.memory_mib == 768
    with pytest.raises(BadInput, match="MENDBOX_MEMORY_MIB=4096"):
        task_of(greedy, evidence, Limits())


def test_without_packages_there_is_no_more_memory(tmp_path: Path) -> None:
    """What a receipt says of its limits is held against what its texts are."""
    statement, evidence = passed_on(run_of_project(manifest="[project]\nname = 'shop'\n"), tmp_path)

    with pytest.raises(BadInput, match="memory_mib 768"):
        task_of(statement, evidence, Limits())


class NotToBeHad:
    """An index where there is nothing; notes what was wanted."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []

    async def ensure(self, wanted: Wanted, on_progress: Callable[[str], None]) -> Environment:
        self.wanted.append(wanted)
        on_progress("looking")
        raise Unresolved("unknown", "no sortedcontainers here")


async def test_packages_are_resolved_from_the_manifests_among_its_texts(tmp_path: Path) -> None:
    """And where they cannot be had, the receipt does not fit, which is said before any box is opened."""
    statement, evidence = passed_on(run_of_project(), tmp_path)
    environments = NotToBeHad()

    with pytest.raises(Unfitting, match="no sortedcontainers here"):
        await judge_again(
            Mendbox(Settings(data_dir=tmp_path)), statement, evidence, seconds=60, environments=lambda: environments
        )

    assert [wanted.requirements for wanted in environments.wanted] == [("sortedcontainers>=2",)]


def test_data_is_vouched_for_like_the_tests(tmp_path: Path) -> None:
    """One flipped byte, or a piece of data that only one of both lists names, is found."""
    passed_on(run_of_project(), tmp_path)
    path = tmp_path / "receipt.json"
    document = json.loads(path.read_text())
    digest = next(one["digest"]["sha256"] for one in document["subject"] if one["name"] == "data/tests/numbers.bin")

    (blobs_of(path) / digest).write_bytes(BYTES[::-1])
    with pytest.raises(Unfitting, match="was changed"):
        read_evidence(open_receipt(path).statement, blobs_of(path))
    document["subject"] = [one for one in document["subject"] if not one["name"].startswith("data/")]
    path.write_text(json.dumps(document))
    with pytest.raises(ReceiptUnreadable, match="the tests, the data and the image"):
        open_receipt(path)


def test_a_receipt_that_nobody_would_read_is_not_written(tmp_path: Path) -> None:
    """A file larger than a reader takes is said when it is written, and not in the second job."""
    with pytest.raises(NoReceipt, match="more bytes than anybody reads"):
        store(run_of_project(data=bytes(9 * 2**20)), tmp_path / "receipt.json")

    assert list(tmp_path.iterdir()) == []

"""A suite of thousands of tests is a normal case: parted over boxes, and run as a whole no more often than has to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.events import Event, Noted, Preparing
from engine.harness import Mendbox
from engine.repository.healing import Plan, RepositoryHealing
from engine.repository.reading import read_project
from engine.settings import Settings
from engine.wiring import make_environments
from tests.repositories.large import EVERY, FAULTY, RIGHT, WRONG, lay

FILES, TESTS = 2 * EVERY, 26


@pytest.mark.docker
@pytest.mark.slow
async def test_a_project_with_more_than_a_thousand_tests_is_healed(tmp_path: Path) -> None:
    """All of them are judged by name, a part of them has twins, and where no test is set aside for another cause, neither
    the suite as it is nor the suite with the fix is run a second time.
    """
    root = tmp_path / "project"
    lay(root, files=FILES, tests=TESTS)
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"edits": [{"path": FAULTY, "search": WRONG, "replace": RIGHT}]}]))
    settings = Settings(data_dir=tmp_path / "data", memory=False)
    told: list[Event] = []

    async with Mendbox(settings) as mendbox:
        plan = Plan(author=f"scripted:{script}")
        healing = RepositoryHealing(mendbox, make_environments(settings), plan, watch=told.append)
        result = await healing.heal(read_project(root))

    assert result.outcome == "verified", (result.summary, [healed.run.summary for healed in result.healed])
    (healed,) = result.healed
    receipt = healed.run.receipt
    assert healed.run.baseline is not None
    assert receipt is not None
    proofs = {proof.name: proof.detail for proof in receipt.proofs}
    assert proofs["tests passed"] == f"{FILES * TESTS} of {FILES * TESTS} frozen tests passed by name"
    assert proofs["twins red"] == "twins of 200 tests, whose expectations are wrong, were red"
    assert f"Twins were made of 200 of {FILES * TESTS} tests only" in " ".join(receipt.not_shown)
    assert len(result.red) == FILES // EVERY
    assert result.after is not None
    assert result.after.summary == f"{FILES * TESTS} passed"
    doing = [event.message for event in told if isinstance(event, (Noted, Preparing))]
    assert [message for message in doing if "the suite" in message] == [
        "running the suite as it is",
        f"the suite as it is: {FILES // EVERY} failed, {FILES * TESTS - FILES // EVERY} passed",
    ]

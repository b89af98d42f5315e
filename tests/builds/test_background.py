"""A whole project whose work is done where nobody calls: by a job at night, and by a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.projects.building.folder import files_of
from engine.settings import Settings
from tests.builds.recording import recorded
from tests.builds.slips import REMINDERS
from tests.builds.test_building import assert_verified, built

pytestmark = [pytest.mark.docker, pytest.mark.slow]


async def test_a_job_that_cannot_be_run_again_and_a_worker_that_dies_are_mended(tmp_path: Path) -> None:
    """Their frozen tests are green all the while: only where they are run is it seen, and told to whoever wrote them."""
    settings = Settings(data_dir=tmp_path)

    reminders = await built(settings, "scripted", recorded("reminders", REMINDERS), tmp_path)

    assert_verified(reminders, "reminders", REMINDERS)
    assert (reminders.heard.asked["backend:nightly"], reminders.heard.asked["backend:reminder"]) == (2, 2)
    receipt = files_of(reminders.project)["receipt.md"].decode()
    assert "- nightly: run 4 times, of which two in a row, and ended with 0 each time" in receipt
    assert "- reminder: started, went on to the end, and ended" in receipt
    assert "- scenario: What is out for 15 days is marked at night (red on an empty stand-in" in receipt

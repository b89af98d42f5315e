"""Workers and jobs in the box of the whole and alone: run by their commands, and what is wrong with them by name."""

from __future__ import annotations

import pytest

from engine.projects.running import Pace, Ran, answers, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import loans

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = Pace(start=10, step=3, empty_step=0.2, drive=60, job=10, end=2)


async def test_a_job_and_a_worker_do_their_work_and_scenarios_show_it(sandbox: DockerSandbox, web_image: str) -> None:
    """The job is run twice, once for each scenario that names it, and once more at the end; what the worker makes of it is
    waited for; both are told by name, with what they wrote."""
    scenarios = (loans.kept(), loans.marked(), loans.reminded())

    ran = await whole(loans.plan(), loans.files(), scenarios, sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert ran.findings == ()
    assert ran.outcome == "passed"
    assert [seen.proves for seen in ran.scenarios] == [True] * 3
    assert ran.background["nightly"].startswith("nightly was run 5 times, of which two in a row")
    assert ran.background["reminder"].startswith("reminder was started, went on to the end")
    assert "marked Emma" in ran.outputs["nightly"]
    assert "reminded of Persuasion" in ran.outputs["reminder"]
    assert not any("nightly" in line or "reminder" in line for line in ran.not_shown)

"""The image of what nobody calls: where it needs nobody else, what it starts is run as it is where it is shipped."""

from __future__ import annotations

import pytest

from agents.plans.plan import Plan
from engine.projects.contract import dockerfile_of
from engine.projects.deploying.files import deployment_files
from engine.projects.shipping import Replayed, replay
from sandboxes.docker import DockerSandbox
from tests.projects.plans import smallest
from tests.projects.shipping.projects import changed

pytestmark = [pytest.mark.docker, pytest.mark.slow]
JOB = 'print(open("words.txt").read())\n'
COPIED = "COPY nightly/words.txt ."
WORKER = 'import time\nprint("at work", flush=True)\ntime.sleep(600)\n'
MANIFEST = """\
[project]
name = "nightly"
version = "1"
requires-python = ">=3.11"
"""


def written(plan: Plan, main: str) -> dict[str, str]:
    folder = "services/nightly"
    shipped = deployment_files(plan, "self-hosted")
    return {
        **changed(shipped, dockerfile_of("nightly"), "USER 10001", f"{COPIED}\nUSER 10001"),
        f"{folder}/pyproject.toml": MANIFEST,
        f"{folder}/nightly/__init__.py": "",
        f"{folder}/nightly/__main__.py": main,
        f"{folder}/nightly/words.txt": "good night",
    }


def worker() -> Plan:
    """The job as a worker."""
    plan = smallest()
    job = plan.components[0]
    running = job.running.model_copy(update={"schedule": ""})
    return plan.model_copy(update={"components": (job.model_copy(update={"kind": "worker", "running": running}),)})


async def replayed(plan: Plan, files: dict[str, str], sandbox: DockerSandbox) -> Replayed:
    return await replay(plan, "nightly", files, sandbox, run_id="test", seconds=20, start_seconds=6)


async def test_a_job_is_run_twice_out_of_its_image_and_a_worker_until_it_is_asked_to_end(
    sandbox: DockerSandbox,
) -> None:
    """What its Dockerfile leaves out is missed there, and told at the line that starts it."""
    plan = smallest()
    files = written(plan, JOB)
    without = changed(files, dockerfile_of("nightly"), f"{COPIED}\n", "")

    job = await replayed(plan, files, sandbox)
    at_work = await replayed(worker(), written(worker(), WORKER), sandbox)
    incomplete = await replayed(plan, without, sandbox)

    assert (job.outcome, at_work.outcome) == ("replayed", "replayed"), job
    assert any("CMD python -m nightly: run 2 times, of which two in a row" in line for line in job.shown)
    assert any("CMD python -m nightly: started, went on to the end" in line for line in at_work.shown)
    assert not any("only the whole has run it" in line for line in (*job.not_shown, *at_work.not_shown))
    (found,) = incomplete.findings
    assert "nightly ended with exit code 1 when it was run" in found.message
    assert "words.txt" in found.evidence

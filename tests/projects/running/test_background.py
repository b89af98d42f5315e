"""Workers and jobs in the box of the whole and alone: run by their commands, and what is wrong with them by name."""

from __future__ import annotations

import pytest

from agents.plans.plan import Component, Plan
from engine.projects.running import Pace, Started, answers, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import loans

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = Pace(start=10, step=3, empty_step=0.2, drive=60, job=10, end=2)
"""Of a project that does its work."""
IMPATIENT = Pace(start=10, step=1, empty_step=0.2, drive=60, job=2, end=1)


async def test_a_job_and_a_worker_do_their_work_and_scenarios_show_it(sandbox: DockerSandbox, web_image: str) -> None:
    """The job is run once for each scenario that names it, and twice at the end; what the worker makes of it is
    waited for; both are told by name, with what they wrote."""
    scenarios = (loans.kept(), loans.marked(), loans.reminded())

    ran = await whole(loans.plan(), loans.files(), scenarios, sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert ran.findings == ()
    assert ran.outcome == "passed"
    assert [seen.proves for seen in ran.scenarios] == [True] * 3
    assert ran.background["nightly"].startswith("run 4 times, of which two in a row")
    assert ran.background["reminder"].startswith("started, went on to the end")
    assert "marked Emma" in ran.outputs["nightly"]
    assert "reminded of Persuasion" in ran.outputs["reminder"]
    assert not any("nightly" in line or "reminder" in line for line in ran.not_shown)


async def test_what_a_job_and_a_worker_pass_on_by_a_real_store_is_seen(sandbox: DockerSandbox, web_image: str) -> None:
    """Valkey is itself in the box, so three processes share it, as they do where they are shipped."""
    plan, files = loans.plan("valkey"), loans.files(shelf=loans.SHELF_IN_VALKEY)

    ran = await whole(plan, files, (loans.reminded(),), sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert ran.findings == ()
    assert (ran.outcome, ran.scenarios[0].proves) == ("passed", True)
    assert not any("pass to each other" in line for line in ran.not_shown)


ONCE = """\
import pathlib
pathlib.Path("done").touch(exist_ok=False)
print("done for today")
"""
DYING = loans.WORKER.replace(
    "if loan", "if loan['title'] == 'Poison':\n            raise SystemExit(3)\n        if loan"
)
STUBBORN = """\
import signal
signal.signal(signal.SIGTERM, lambda *_: print("not now", flush=True))
while True:
    signal.pause()
"""


def also(plan: Plan, name: str, like: str, *command: str) -> Plan:
    """*plan* with one more component like another one."""
    first = next(each for each in plan.components if each.name == like)
    running = first.running.model_copy(update={"command": command or first.running.command})
    more: Component = first.model_copy(update={"name": name, "running": running})
    return plan.model_copy(update={"components": (*plan.components, more)})


async def test_what_workers_and_jobs_do_wrong_is_told_by_name_with_what_they_wrote(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """A job that cannot be run twice, one that never ends, one that changes nothing of what is looked at; a worker that dies
    while a scenario is taken, one that does not end when it is asked to, and one that is not there: all in one box."""
    plan = also(loans.plan(), "endless", "nightly", "sleep", "60")
    plan = also(also(plan, "stubborn", "reminder"), "absent", "reminder", "no-such-program")
    plan = also(also(plan, "idle", "nightly", "true"), "once", "nightly")
    files = loans.files(worker=DYING) | {"services/stubborn/main.py": STUBBORN, "services/once/main.py": ONCE}
    for name in ("endless", "absent", "idle"):
        files[f"services/{name}/main.py"] = ""
    nothing = loans.scenario(
        "Nothing is done at night",
        loans.lent("Emma", 1),
        {"do": "run", "job": "idle"},
        loans.looked("title", "Emma"),
        requirement="R2",
    )

    ran = await whole(
        plan, files, (loans.reminded("Poison"), nothing), sandbox, environment=web_image, run_id="test", pace=IMPATIENT
    )

    found = {(finding.path, finding.rule): finding for finding in ran.findings}
    again = found["services/once", "job/again"]
    assert "once ended with exit code 1 when it was run a second time" in again.message
    assert "FileExistsError" in again.evidence
    assert "endless did not end in time" in found["services/endless", "job/once"].message
    dead = found["services/reminder", "worker/ended"]
    assert "reminder ended with exit code 3, and a worker goes on" in dead.message
    assert "SIGTERM" in found["services/stubborn", "worker/stuck"].message
    assert "not now" in found["services/stubborn", "worker/stuck"].evidence
    assert "no-such-program" in found["services/absent", "start/missing"].message
    assert 'has false at "/reminded", not true' in ran.scenarios[0].what
    assert (ran.scenarios[1].passed, ran.scenarios[1].proves) == (True, False)
    assert ran.outcome == "failed"
    assert set(ran.background) == {"idle", "nightly"}
    assert "stubborn was not seen to work as a worker does: that is unverified." in ran.not_shown


async def alone(sandbox: DockerSandbox, name: str, main: str) -> Started:
    """A job or a worker that shares its store with nobody."""
    plan = loans.plan()
    own = tuple(each for each in plan.components if each.name == name)
    plan = plan.model_copy(update={"components": own, "interfaces": ()})
    files = loans.files(job=main, worker=main)
    return await answers(plan, name, files, sandbox, run_id="test")


async def test_what_needs_nobody_else_is_run_by_itself_first(sandbox: DockerSandbox) -> None:
    """A job twice, a worker until it is asked to end; what is wrong with it is seen before the whole is run."""
    job, worker = await alone(sandbox, "nightly", loans.JOB), await alone(sandbox, "reminder", loans.WORKER)
    broken = await alone(sandbox, "nightly", "import nothing_like_it\n")

    assert (job.outcome, worker.outcome) == ("passed", "passed")
    assert job.shown[0].startswith("nightly: run 2 times, of which two in a row, and ended with 0 each time")
    assert worker.shown[0].startswith("reminder: started, went on to the end, and ended")
    assert [(each.rule, each.path) for each in broken.findings] == [("job/once", "services/nightly")]
    assert "nothing_like_it" in broken.findings[0].evidence

"""Workers and jobs of a build: run by themselves or with the whole, mended by whoever wrote them, and told in the receipt."""

from __future__ import annotations

from collections.abc import Mapping

from agents.plans.plan import Plan
from agents.plans.scenario import Run
from engine.projects.building.folder import files_of
from engine.projects.building.outcome import Project
from tests.projects.building.doubles import Company, Site, code
from tests.projects.building.plans import GOOD, GOOD_CODE, GOOD_TESTS, GREETED, TESTS, plan, two_components


def alone() -> Plan:
    """The greeter as a job, which nobody calls."""
    api = plan()
    running = api.components[0].running.model_copy(update={"port": None, "health": "", "schedule": "0 3 * * *"})
    job = api.components[0].model_copy(update={"kind": "job", "running": running})
    return api.model_copy(update={"components": (job,), "interfaces": ()})


def beside() -> Plan:
    """The greeter, and a worker that calls it."""
    both = two_components()
    greeter, other = both.components
    running = other.running.model_copy(update={"port": None, "health": ""})
    worker = other.model_copy(update={"kind": "worker", "running": running, "calls": ("greeter-http",)})
    return both.model_copy(update={"components": (greeter, worker), "interfaces": both.interfaces[:1]})


def others(files: Mapping[str, str]) -> dict[str, str]:
    """The same files for the worker."""
    return {path.replace("services/greeter", "services/other"): text for path, text in files.items()}


async def built(planned: Plan, *replies: Mapping[str, str]) -> tuple[Site, Project]:
    """What comes of it where the worker's author says one of *replies* after the other."""
    tests = others({TESTS: GOOD_TESTS})
    site = Site(Company([planned], qa__other=[tests], backend__other=[others(each) for each in replies]))
    return site, await site.build()


async def test_what_nobody_can_call_is_verified_by_its_tests_and_by_being_run() -> None:
    """A job alone: nobody is asked for scenarios, which nothing could take, and it is run all the same."""
    site = Site(Company([alone()]))

    project = await site.build()

    assert (project.outcome, project.not_run) == ("verified", ()), project.summary
    assert project.evidence[0].tests == (f"{TESTS}::test",)
    assert (site.ground.calls["answers"], site.ground.calls["whole"]) == (1, 1)
    assert site.company.told("qa") == []


async def test_a_worker_that_calls_somebody_is_run_with_the_whole_and_told_in_receipt_and_architecture() -> None:
    """By itself it is only judged; what it was seen to do stands beside the project."""
    site, project = await built(beside(), GOOD)

    assert project.outcome == "verified", project.summary
    assert (site.ground.calls["answers"], site.ground.calls["whole"]) == (1, 1)
    written = files_of(project)
    assert b"- other: run twice" in written["receipt.md"]
    assert b"| other | run twice |" in written["architecture.md"]


async def test_how_a_scenario_runs_a_job_is_told_where_one_does() -> None:
    """In the project's own README."""
    _, project = await built(beside(), GOOD)
    night = GREETED.model_copy(update={"steps": (Run(do="run", job="nightly"), *GREETED.steps)})

    assert b"`RUN_JOB`" not in files_of(project)["README.md"]
    assert b"`RUN_JOB`" in files_of(project.model_copy(update={"scenarios": (night,)}))["README.md"]


async def test_a_worker_that_was_not_seen_to_work_is_unverified_in_the_architecture() -> None:
    """Whatever else is said of the project."""
    _, project = await built(beside(), code(f"{GOOD_CODE}# IDLE other\n"))

    written = files_of(project)
    assert b"| other | unverified: it was not seen to work |" in written["architecture.md"]
    assert b"- other: run twice" not in written["receipt.md"]


async def test_what_a_worker_does_wrong_in_the_whole_is_for_its_author_to_mend() -> None:
    """As an api's: it is judged again then, and the whole is run again."""
    dying = code(f"{GOOD_CODE}# CONSOLE\n")

    site, project = await built(beside(), dying, GOOD)

    assert project.outcome == "verified", project.summary
    assert [len(site.company.told(part)) for part in ("backend:greeter", "backend:other")] == [1, 2]
    assert site.ground.calls["whole"] == 2


async def test_where_only_a_scenario_fails_who_meets_its_requirement_unseen_is_asked_too() -> None:
    """After whoever answers what the scenario calls: what it waits for may be a worker's to do."""
    site, project = await built(beside(), code(f"{GOOD_CODE}# UNWHOLE\n"), GOOD)

    assert project.outcome == "verified", project.summary
    assert [len(site.company.told(part)) for part in ("backend:greeter", "backend:other")] == [2, 2]


async def test_where_its_author_finds_nothing_whoever_a_worker_calls_is_asked_too() -> None:
    """What ends it may be what it is answered."""
    tests = others({TESTS: GOOD_TESTS})
    deaf = code(f"{GOOD_CODE}# DEAF\n")
    company = Company([beside()], qa__other=[tests], backend__other=[others(GOOD)], backend__greeter=[deaf, GOOD])
    site = Site(company)

    project = await site.build()

    assert project.outcome == "verified", project.summary
    assert [len(company.told(part)) for part in ("backend:greeter", "backend:other")] == [2, 3]
    assert "500" in company.told("backend:greeter")[1].findings[0]

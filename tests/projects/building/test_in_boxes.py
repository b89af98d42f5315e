"""A small project is built for real: judged, started, used and replayed in boxes, through the engine's own door."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.domain import Budget
from engine.errors import BadInput, RunGoesOn
from engine.events import Event, Noted
from engine.harness import Mendbox
from engine.projects.building.folder import zipped
from engine.projects.building.request import BuildRequest
from engine.settings import Settings
from tests.projects.building.doubles import Company, code
from tests.projects.building.plans import CODE, GOOD, GOOD_CODE, GREETED, TESTS

pytestmark = [pytest.mark.docker, pytest.mark.slow]

REQUEST = BuildRequest(
    description="A program that greets whoever asks.",
    require=("Whoever asks is greeted.",),
    author="scripted:x",
    budget=Budget(attempts=20, seconds=300, test_seconds=60),
)
CONTRADICTING = """from greeter import greeting


def test_whoever_asks_is_greeted():
    \"\"\"R1: a greeting says hello.\"\"\"
    assert greeting() == "hello"


def test_whoever_asks_is_greeted_otherwise():
    assert greeting() == "goodbye"
"""
WRONG = code(GOOD_CODE.replace('"hello"', '"hullo"'))


async def test_a_greeter_is_built_broken_off_and_built_to_its_end(tmp_path: Path) -> None:
    """Its first code fails a frozen test, its build is cancelled while it is judged; what was asked is not asked again."""
    company, later = Company(backend__greeter=[WRONG, GOOD]), Company(backend__greeter=[WRONG, GOOD])
    judging = asyncio.Event()

    def watch(event: Event) -> None:
        if isinstance(event, Noted) and "contract" not in event.message and event.message.startswith("greeter:"):
            judging.set()

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        build_id = mendbox.builds.start(REQUEST, company.team, watch=watch)
        await judging.wait()
        with pytest.raises(RunGoesOn):
            await mendbox.builds.resume(build_id, later.team)
        cancelled = await mendbox.cancel(build_id)
        with pytest.raises(BadInput, match="has no end yet"):
            await mendbox.builds.project(build_id)
    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        assert await mendbox.builds.has(build_id)
        assert await mendbox.builds.request(build_id) == REQUEST
        project = await mendbox.builds.resume(build_id, later.team)
        again = await mendbox.builds.resume(build_id, later.team)
        run = await mendbox.get(build_id)
        listed, judged = await mendbox.runs(), await mendbox.builds.parts(build_id)
        last = await mendbox.get(project.parts[0].run_id)

    assert (cancelled.outcome, cancelled.usage.calls) == ("cancelled", len(company.asked) + 1)
    assert len(company.asked) >= 4
    assert not {each.number for each in later.told("qa:greeter")}
    assert (project.outcome, project.not_run) == ("verified", ()), project.summary
    assert [(part.component, part.outcome) for part in project.parts] == [
        ("greeter", "verified"),
        ("project", "verified"),
        ("deployment", "verified"),
    ]
    (shown,) = project.evidence
    assert shown.scenarios == (GREETED.name,)
    assert shown.tests == (f"{TESTS}::test_whoever_asks_is_greeted",)
    assert project.files[CODE] == GOOD_CODE
    assert again == project
    assert (run.outcome, run.summary) == ("verified", project.summary)
    assert zipped(project)[:2] == b"PK"
    assert [line.id for line in listed] == [build_id]
    assert last.id in {line.id for line in judged}
    assert (last.part_of, last.outcome) == (build_id, "verified")


async def test_what_no_author_mends_is_named_with_what_was_seen(tmp_path: Path) -> None:
    """A component that is not what its tests ask for ends the build by its name; tests that contradict themselves too."""
    contradicting = Company(qa__greeter=[{TESTS: CONTRADICTING}])

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        project = await mendbox.builds.build(REQUEST, contradicting.team)

    assert (project.outcome, project.reason, project.component) == ("no_fix", "component", "greeter")
    assert contradicting.told("qa:greeter")[1].findings[0].startswith("stalled:")

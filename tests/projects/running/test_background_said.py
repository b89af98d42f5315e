"""What is said of workers and jobs, decided outside of a box."""

from __future__ import annotations

from typing import Any

import pytest

from engine.projects.running import said
from engine.projects.running.alone import answers
from engine.projects.running.background import in_background, needed_by, shown_of, unshared
from engine.projects.running.outcome import Ran
from engine.projects.running.surroundings import startable
from engine.projects.running.weighing import Went, weighed
from sandboxes.base import Limits, Outcome, Stream
from tests.projects.plans import sound
from tests.projects.running import loans

PLAN = loans.plan()
JOB, WORKER = PLAN.components[1:]


def ran(occasion: Any, code: int | None = 0, text: str = "boom") -> said.RanJob:
    return said.RanJob(event="job", component="nightly", occasion=occasion, code=code, seconds=0.1, text=text)


def worked(code: int | None = None, ended: float | None = 0.2) -> said.Worked:
    return said.Worked(event="worked", component="reminder", code=code, ended=ended)


TWICE = [ran("once"), ran("again")]
WROTE = said.Wrote(event="output", component="reminder", text="what the worker wrote")


def weigh(*told: said.Told) -> Ran:
    """Of a run without scenarios that came to its end, where *told* was said of workers and jobs."""
    up = said.Up(event="up", component="loans-api", seconds=0.1)
    stayed = said.Stayed(event="stayed", component="loans-api", code=None)
    lines: list[said.Told] = [up, *told, stayed, said.Done(event="done")]
    report = b"".join(b"n" + line.model_dump_json().encode() + b"\n" for line in lines)
    outcome = Outcome(ended="exited", exit_code=0, report=Stream(head=report, total_bytes=len(report)))
    return weighed(PLAN, (), Went(outcome, "n", Limits(), 1))


def test_workers_and_jobs_that_did_their_work_are_told_in_a_sentence() -> None:
    """By name; nothing is said of them among what was not shown."""
    seen = weigh(*TWICE, worked())

    assert seen.outcome == "passed"
    assert seen.background == {
        "nightly": "run 2 times, of which two in a row, and ended with 0 each time, within 0.1 s",
        "reminder": "started, went on to the end, and ended 0.2 s after SIGTERM",
    }
    assert not any("unverified" in line for line in seen.not_shown)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        pytest.param([worked()], "nightly", id="no run of the job"),
        pytest.param([ran("once"), worked()], "nightly", id="one run only"),
        pytest.param(TWICE, "reminder", id="no word of the worker"),
    ],
)
def test_what_was_not_seen_is_unverified_by_its_name(told: list[said.Told], name: str) -> None:
    """That nothing is known to be wrong with it shows nothing."""
    seen = weigh(*told)

    assert (seen.outcome, seen.findings) == ("unverified", ())
    assert name not in seen.background
    assert any(line.startswith(f"{name} was not seen to work") for line in seen.not_shown)


@pytest.mark.parametrize(
    ("told", "rule", "words"),
    [
        pytest.param([ran("once", 1), worked()], "job/once", "exit code 1 when it was run", id="fails"),
        pytest.param([ran("once"), ran("again", 2), worked()], "job/again", "a second time", id="fails again"),
        pytest.param([*TWICE, ran("scenario", None), worked()], "job/scenario", "did not end in time", id="hangs"),
        pytest.param([ran("once", -11), worked()], "job/once", "signal 11", id="crashes"),
        pytest.param([*TWICE, worked(0, None), WROTE], "worker/ended", "exit code 0, and a worker goes on", id="stops"),
        pytest.param([*TWICE, worked(None, None), WROTE], "worker/stuck", "went on, until it was killed", id="stays"),
    ],
)
def test_each_way_of_not_working_is_a_finding_of_its_component(told: list[said.Told], rule: str, words: str) -> None:
    """Which its author can mend: it has the component's folder, and what it wrote."""
    seen = weigh(*told)

    name = "nightly" if rule.startswith("job") else "reminder"
    assert [(each.rule, each.path) for each in seen.findings] == [(rule, f"services/{name}")]
    assert words in seen.findings[0].message
    assert seen.findings[0].evidence == (WROTE.text if name == "reminder" else "boom")
    assert (seen.outcome, name in seen.background) == ("failed", False)


def test_a_finding_has_the_end_of_what_was_written() -> None:
    """However long the rest of it is."""
    long = WROTE.model_copy(update={"text": "word " * 6_000 + "the last words"})

    (found,) = weigh(*TWICE, worked(1, None), long).findings

    assert found.evidence.endswith("the last words")


def test_a_job_that_a_scenario_runs_often_is_one_finding() -> None:
    """The first time is told."""
    seen = weigh(*TWICE, ran("scenario", 1, "one"), ran("scenario", 1, "two"), worked())

    assert [each.evidence for each in seen.findings] == ["one"]


@pytest.mark.parametrize(("engine", "count"), [("objects", 0), ("rabbitmq", 1)])
def test_what_is_passed_on_by_memory_is_said_not_to_have_been_seen(engine: str, count: int) -> None:
    """Each process has its own; a folder is one for all of them."""
    told = list(unshared(loans.plan(engine)))

    assert len(told) == count
    assert all("What loans-api, nightly, reminder pass to each other by shelf was not seen" in line for line in told)


def test_a_job_finds_what_any_component_finds_and_no_port() -> None:
    """Its own command, the addresses of its stores and of the interfaces that it calls."""
    calling = JOB.model_copy(update={"calls": ("loans-http",)})

    start = startable(PLAN, calling, {}, seconds=1)

    assert start.argv == ("python", "main.py")
    assert start.env["LOANS_HTTP_URL"] == "http://127.0.0.1:8000"
    assert start.env["SHELF_URL"].startswith("file://")
    assert "PORT" not in start.env
    assert (start.port, start.health) == (0, "")


async def test_what_works_with_others_is_not_run_without_them() -> None:
    """No box is opened for it, and that is said."""
    started = await answers(PLAN, "nightly", {}, None, run_id="x")  # type: ignore[arg-type]  # it is not come to

    assert (started.outcome, started.shown) == ("passed", ())
    assert started.not_shown == ("nightly was not run by itself: it works with shelf, and is run with the whole only.",)
    assert needed_by(PLAN, JOB.model_copy(update={"stores": (), "calls": ("loans-http",)})) == ("loans-http",)


def test_what_answers_over_http_is_not_in_the_background() -> None:
    """Of a shop that was planned by rules: its worker alone."""
    assert [each.name for each in in_background(sound())] == ["fulfiller"]
    assert shown_of(WORKER, TWICE) == ""

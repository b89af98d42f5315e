"""Each way in which a plan can fail to hold together is found, and named so that its author can mend it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.projects.contract import faults_of
from tests.projects.plans import sound, spoilt

FILE = {"path": "docs/a.md", "owner": "api", "role": "backend", "purpose": "x"}


def _also(**changed: Any) -> Any:
    """The first of a list once more, with *changed*."""
    return lambda those: [*those, {**those[0], **changed}]


def _also_called(name: str) -> Any:
    return lambda names: [*names, name]


def _planned(**changed: Any) -> Any:
    return lambda files: [*files, {**FILE, **changed}]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["interfaces", 0, "document"], "[" * 150_000, "characters, and may have 150,000"),
        (["components"], _also(), "component or store web is there 2 times"),
        (["stores"], _also(name="api"), "component or store api is there 2 times"),
        (["stores"], _also(name="api-http"), "interface or store api-http is there 2 times"),
        (["interfaces"], _also(), "interface or store api-http is there 2 times"),
        (["requirements"], _also(), "requirement R1 is there 2 times"),
        (["entities"], _also(), "entity Account is there 2 times"),
        (["figures"], _also(), "figure requests_per_user_per_day is there 2 times"),
        (["requirements"], _also(id="R9"), "R9 is met by no component"),
        (["components", 0, "requirements"], ["R8"], "meets R8, which is no requirement"),
        (["components", 0, "requirements"], [], "component web meets no requirement"),
        (["components", 1, "stores", 0], "nowhere", "component api uses nowhere, which is no store"),
        (["components", 0, "calls", 0], "nobody", "component web calls nobody, which is no interface"),
        (["components", 1, "calls"], ["api-http"], "calls api-http, which is its own"),
        (["components", 1, "running", "least"], 99, "99 replicas at rest and"),
        (["components", 1, "running", "port"], None, "api is called over HTTP and has no port"),
        (["components", 1, "running", "health"], "", "no health path"),
        (["components", 2, "running", "port"], 8000, "fulfiller is a worker, which nobody calls"),
        (["components", 2, "running", "schedule"], "1 2 3 4 5", "has a schedule, and is no job"),
        (["components", 0, "running", "command"], ["nginx"], "is static: only a page is, and it has no command"),
        (["components", 0, "running", "port"], 9_000, "its web server listens on 8080"),
        (["components", 1, "running", "command"], [], "component api has no command"),
        (["components", 2, "running", "command"], [], "fulfiller has no command, which goes on until it is asked"),
        (["components", 1, "running", "command"], ["a\nUSER root"], "characters that cannot be printed"),
        (["interfaces", 0, "owner"], "nobody", "belongs to nobody, which is no component"),
        (["interfaces", 0, "owner"], "web", "belongs to web, which is no api"),
        (["interfaces"], [], "component api is an api and has no interface"),
        (["interfaces", 0, "document"], "{}", "the OpenAPI document of api-http: `openapi` is"),
        (["stores"], _also(name="attic"), "store attic is used by no component"),
        (["entities", 0, "store"], "attic", "entity Account is kept in attic, which is no store"),
        (["entities", 0, "owner"], "nobody", "entity Account belongs to nobody"),
        (["entities", 0, "owner"], "web", "web, which does not use its store database"),
        (["entities", 0, "fields"], _also(), "field of Account id is there 2 times"),
        (["entities", 2, "fields", 1, "references"], "Product.name_", "Stock.product_id refers to Product.name_"),
        (["files"], _also(), "file services/web/package.json is there 2 times"),
        (["files"], _planned(path="Services/web/package.json"), "file services/web/package.json is there 2 times"),
        (["files"], _planned(path="../x"), "is not a plain relative one"),
        (["files"], _planned(path="/etc/x"), "is not a plain relative one"),
        (["files"], _planned(path="a//b"), "is not a plain relative one"),
        (["files"], _planned(path=".git/hooks/x"), "is not a plain relative one"),
        (["files"], _planned(path="services/web/.GIT/config"), "is not a plain relative one"),
        (["files"], _planned(path=f"services/web/{'é' * 128}"), "is not a plain relative one"),
        (["files"], _planned(path="services/api"), "services/api is a file and a folder"),
        (["files"], _planned(path="deploy"), "deploy is a file and a folder"),
        (["files"], _planned(owner="nobody"), "docs/a.md belongs to nobody"),
        (["files"], _planned(path="compose.yaml"), "compose.yaml is written from the plan"),
        (["files"], _planned(path="services/api/dockerfile"), "dockerfile is written from the plan"),
        (["files"], _planned(path="services/web/a.ts"), "belongs to api, and lies in the folder of web"),
        (["files"], lambda files: [each for each in files if each["owner"] != "web"], "component web has no file"),
        (["files"], lambda files: files[1:], "web has no services/web/package.json"),
        (["figures", 3, "value"], 1.0, "comes to"),
        (["figures", 3, "formula"], "later + 1", "'later' is no figure that stands before"),
        (["failures", 0, "part"], "moon", "a failure mode is about moon"),
        (["failures"], lambda those: those[1:], "there is no failure mode of web"),
        (["costs", 0, "figure"], "moons", "grows with moons, which is no figure"),
        (["security", 0, "part"], "moon", "a safeguard is about moon"),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_hold_together_is_told_where(path: list[str | int], value: Any, told: str) -> None:
    """One thing is spoilt in a plan that is sound otherwise."""
    faults = faults_of(spoilt(path, value))

    assert any(told in fault for fault in faults), faults


SMALL = sound("web-app", "small")
API, DATABASE = 1, 0


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["components", 2, "stores"], _also_called("database"), "a file on the disk of one component, and is used by api, notifier"),
        (["components", API, "running", "most"], 2, "component api has 1 to 2 replicas and keeps database in SQLite"),
        (["components", API, "running"], lambda running: {**running, "least": 2, "most": 2}, "set least and most to 1, or take postgresql"),
        (["components", 0, "stores"], ["database"], "component web is static and uses database, which is SQLite"),
        (["stores", DATABASE, "backup"], " ", "store database is SQLite and names no backup"),
        (["stores", 1, "engine"], "sqlite", "component api has 2 SQLite stores, database, queue: keep their tables in one file"),
    ],
)  # fmt: skip
def test_a_file_belongs_to_one_component_of_one_instance(path: list[str | int], value: Any, told: str) -> None:
    """Whatever else a plan does with an SQLite store is told, and with it what to do instead."""
    faults = faults_of(spoilt(path, value, plan=SMALL))

    assert faults_of(SMALL) == ()
    assert any(told in fault for fault in faults), faults


def test_a_job_has_a_schedule_and_a_command() -> None:
    """Each that is missing is told, with what it is for."""
    job = ["components", 2, "running"]
    assert sound("data-pipeline").components[2].kind == "job"

    plan = spoilt([*job, "command"], [], plan=spoilt([*job, "schedule"], "", plan=sound("data-pipeline")))

    name = plan.components[2].name
    assert faults_of(plan) == (
        f"component {name} is a job, and '' is no schedule of five fields, such as '15 2 * * *'",
        f"component {name} has no command, which its schedule runs and which has to end with 0",
    )


@pytest.mark.parametrize(
    ("schedule", "good"),
    [
        ("*/5 * * * *", True),
        ("0 0,12 1-15 * 1-5", True),
        ("0 2 * * 7", True),
        ("60 * * * *", False),
        ("* * 0 * *", False),
        ("5-1 * * * *", False),
        ("*-5 * * * *", False),
        ("*/0 * * * *", False),
        ("1,, * * * *", False),
        ("", False),
    ],
)
def test_a_schedule_is_one_that_cron_would_take(schedule: str, *, good: bool) -> None:
    """Five fields, each within its bounds."""
    plan = spoilt(["components", 2, "running", "schedule"], schedule, plan=sound("data-pipeline"))

    assert (faults_of(plan) == ()) is good

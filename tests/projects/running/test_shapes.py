"""What is decided outside of a box: addresses, routes, pictures, verdicts on scenarios, and what is delivered."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from agents.plans.scenario import Scenario
from engine.checks.said import Garbled
from engine.projects.running import delivered, said, scenarios
from engine.projects.running.alone import answers
from engine.projects.running.ending import of_box, of_strain
from engine.projects.running.origins import origins, page_of, stand_in_of
from engine.projects.running.pictures import is_png, pictures_of
from engine.projects.running.surroundings import ports, startable
from engine.projects.running.weighing import Went, weighed
from sandboxes.base import Limits, Outcome, Stream
from tests.projects.plans import smallest
from tests.projects.running import notes


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 1) -> bytes:
    header = struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" + b"\0" * min(width, 4))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="only a signature"),
        pytest.param(png() + b"<script>", id="something behind it"),
        pytest.param(png()[:-1], id="cut"),
        pytest.param(png().replace(b"IDAT", b"IDAX"), id="wrong checksum"),
        pytest.param(png(1 << 20), id="too wide"),
        pytest.param(b"GIF89a" + png(), id="something else"),
        pytest.param(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + chunk(b"tEXt", b"x") + chunk(b"IEND", b""),
            id="no image",
        ),
    ],
)
def test_only_what_is_png_from_the_first_to_the_last_byte_is_a_picture(picture: bytes) -> None:
    """What a box calls a picture may be anything."""
    assert is_png(png())
    assert not is_png(picture)


def test_pictures_get_paths_of_ours() -> None:
    """By page and by scenario; what is no picture is left out."""
    told = [
        said.Picture(event="picture", name="page:web", png=base64.b64encode(png()).decode()),
        said.Picture(event="picture", name="failed:3", png=base64.b64encode(png()).decode()),
        said.Picture(event="picture", name="failed:4", png="no base64 at all!"),
    ]

    assert list(pictures_of(told)) == ["pictures/web.png", "pictures/failed-3.png"]


def test_components_with_one_port_get_another_one_here_and_in_their_command() -> None:
    """In a box all share one machine."""
    plan = notes.plan(command=("serve", "--port", "8000", "--at=0.0.0.0:8000"))
    first = plan.components[0]
    second = first.model_copy(update={"name": "other-api", "calls": ("notes-http",)})
    plan = plan.model_copy(update={"components": (first, second)})

    here = startable(plan, second, {}, seconds=1)

    assert ports(plan) == {"notes-api": 8_000, "other-api": 18_001}
    assert startable(plan, first, {}, seconds=1).argv == ("serve", "--port", "8000", "--at=0.0.0.0:8000")
    assert here.argv == ("serve", "--port", "18001", "--at=0.0.0.0:18001")
    assert here.env["PORT"] == "18001"
    assert here.env["NOTES_HTTP_URL"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("engine", "address", "words"),
    [
        ("postgresql", "postgresql://app:app@127.0.0.1:5432/app", ""),
        ("valkey", "redis://127.0.0.1:6379/0", ""),
        ("sqlite", "sqlite:////box/work/data/database.db", ""),
        ("clickhouse", "sqlite:////box/work/data/database.db", "SQLite"),
        ("rabbitmq", "memory://", "memory"),
        ("objects", "file:///box/work/data/database", "a folder"),
    ],
)
def test_a_store_has_an_address_of_this_box(engine: str, address: str, words: str) -> None:
    """What stands in for it is said, and nothing of what is itself there."""
    from engine.projects.running.surroundings import replaced  # noqa: PLC0415  # beside what it is about

    plan = notes.plan()
    store = plan.stores[0].model_copy(update={"engine": engine})
    plan = plan.model_copy(update={"stores": (store,)})

    assert startable(plan, plan.components[0], {}, seconds=1).env["DATABASE_URL"] == address
    assert [f"database was {words} here" in line for line in replaced(plan)] == [True] * bool(words)


@pytest.mark.parametrize(
    ("manifest", "before"),
    [
        ('{"scripts": {"build": "tsc -p ."}}', (("/bin/sh", "-c", "tsc -p ."),)),
        ('{"scripts": {"start": "x"}}', ()),
        ('{"scripts": []}', ()),
        ("[]", ()),
        ("{", ()),
    ],
)
def test_a_component_of_node_is_built_by_its_own_script_first(
    manifest: str, before: tuple[tuple[str, ...], ...]
) -> None:
    """Where it has one."""
    plan = notes.plan(command=("node", "main.js"))
    part = plan.components[0]
    part = part.model_copy(update={"running": part.running.model_copy(update={"runtime": "node"})})

    assert startable(plan, part, {"services/notes-api/package.json": manifest}, seconds=1).before == before


def test_paths_of_interfaces_go_to_their_owners_and_plain_ones_first() -> None:
    """Each page has an origin of its own; without a page there is one for the interfaces."""
    document = {
        **notes.DOCUMENT,
        "paths": {"/api/{any}": notes.DOCUMENT["paths"]["/health"], **notes.DOCUMENT["paths"]},
    }
    plan = notes.plan("web", "admin", document=document)
    plan = plan.model_copy(
        update={
            "interfaces": (*plan.interfaces, plan.interfaces[0].model_copy(update={"owner": "nobody", "name": "x"}))
        }
    )

    web, admin = origins(plan, {"web"})
    (alone,) = origins(notes.plan(), ())

    assert (web.page, web.folder, admin.folder) == ("web", "/box/tools/pages/web", "")
    assert [route.port for route in web.routes] == [8_000] * 4
    assert web.routes[-1].pattern == r"^\/api\/[^/]+$"
    assert (alone.page, len(alone.routes)) == ("", 3)


def test_a_scenario_is_taken_at_the_page_of_its_requirement() -> None:
    """Or else at the first; without a page, at none."""
    plan = notes.plan("web", "admin")

    assert page_of(plan, notes.scenario("x", notes.VISIT, {"do": "see", "text": "x"}, requirement="R2")) == "admin"
    assert page_of(plan, notes.scenario("x", notes.VISIT, {"do": "see", "text": "x"}, requirement="R9")) == "web"
    assert page_of(notes.plan(), notes.added("Milk")) == ""


def test_a_stand_in_knows_every_operation_and_nothing_else() -> None:
    """An empty list, an empty object, and nothing that could be added."""
    routes = {(route.method, route.pattern): (route.status, route.body) for route in stand_in_of(notes.plan()).routes}

    assert routes["GET", r"^\/api\/notes$"] == (200, [])
    assert routes["POST", r"^\/api\/notes$"] == (404, {})


async def test_who_asks_for_a_component_that_there_is_not_is_told() -> None:
    """That is a mistake of the caller, not of the project."""
    with pytest.raises(ValueError, match="no component 'weekly'"):
        await answers(smallest(), "weekly", {}, None, run_id="x")  # type: ignore[arg-type]  # it is not come to


def line(number: int, *, against: str = "project", **more: Any) -> said.Taken:
    usual: dict[str, Any] = {
        "event": "scenario",
        "against": against,
        "number": number,
        "passed": True,
        "step": 0,
        "what": "",
        "url": "/",
        "page": "",
        "errors": [],
        "moved": None,
        "twin": "red",
        "seconds": 0.1,
    }
    return said.Taken.model_validate(usual | more)


@pytest.mark.parametrize(
    ("told", "why", "rule"),
    [
        pytest.param([line(0), line(0, against="stand-in", passed=False)], "", None, id="proves"),
        pytest.param([line(0), line(0, against="stand-in")], scenarios.VACUOUS, "scenario/vacuous", id="vacuous"),
        pytest.param([line(0)], scenarios.NOT_TRIED, "scenario/vacuous", id="not tried on nothing"),
        pytest.param(
            [line(0, twin="green"), line(0, against="stand-in", passed=False)],
            scenarios.TWIN,
            "scenario/twin",
            id="says yes",
        ),
        pytest.param(
            [line(0, moved=False), line(0, against="stand-in", passed=False)],
            scenarios.UNMOVED,
            "scenario/unmoved",
            id="unmoved",
        ),
    ],
)
def test_a_scenario_shows_something_only_where_it_can_be_red(
    told: list[said.Taken], why: str, rule: str | None
) -> None:
    """On nothing, with its expectation made wrong, and before anything was done."""
    one = (notes.added("Milk"),)

    seen = scenarios.seen_of(one, told, ())
    found = scenarios.findings_of(one, seen, told)

    assert seen[0].passed
    assert (seen[0].proves, seen[0].why_not) == (not why, why)
    assert [finding.rule for finding in found] == ([rule] if rule else [])


def test_a_scenario_that_was_not_tried_did_not_pass() -> None:
    """Nor does one that the driver had no time for."""
    many = (notes.added("Milk"), notes.added("Bread"))
    told = [line(1, passed=False, what="the time of all scenarios was over", errors=["TypeError: x", "TypeError: x"])]

    seen = scenarios.seen_of(many, told, ())
    found = scenarios.findings_of(many, seen, told)

    assert [each.passed for each in seen] == [False, False]
    assert [finding.rule for finding in found] == ["scenario", "scenario", "page/error"]
    assert [each.why_not for each in scenarios.vacuous(many, ())] == [scenarios.NOT_TRIED] * 2


@pytest.mark.parametrize(
    ("outcome", "rules"),
    [
        pytest.param(Outcome(ended="exited", exit_code=0), [], id="well"),
        pytest.param(Outcome(ended="exited", exit_code=0, tampered=("x",)), ["tampered"], id="tools changed"),
        pytest.param(Outcome(ended="memory"), ["memory"], id="memory"),
        pytest.param(Outcome(ended="processes"), ["processes"], id="processes"),
        pytest.param(Outcome(ended="disk"), ["disk"], id="disk"),
        pytest.param(Outcome(ended="timeout"), ["timeout"], id="time"),
        pytest.param(Outcome(ended="signalled", signal=9), ["tampered"], id="killed"),
        pytest.param(Outcome(ended="exited", exit_code=1), ["tampered"], id="broke"),
    ],
)
def test_each_end_of_our_own_programs_is_told_as_what_it_is(outcome: Outcome, rules: list[str]) -> None:
    """Only one that said it was through is well."""
    assert [each.rule for each in of_box(outcome, Limits(), what="x", seconds=1, done=True)] == rules
    assert of_box(Outcome(ended="exited", exit_code=0), Limits(), what="x", seconds=1, done=False)


def test_what_a_box_ran_short_of_is_told_although_our_program_came_to_its_end() -> None:
    """Each of them by itself; nothing where there was enough, or where it was not said."""
    short = said.Strained(event="strained", refused=3, killed=1, full=True)
    enough = said.Strained(event="strained", refused=0, killed=0, full=False)

    assert [each.rule for each in of_strain([short], Limits())] == ["memory", "processes", "disk"]
    assert of_strain([enough], Limits()) == []
    assert of_strain([], Limits()) == []


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b'n{"event":"done"}\nx{"event":"done"}\n', id="without the nonce"),
        pytest.param(b'n{"event":"done","more":1}\n', id="unknown field"),
        pytest.param(b'n{"event":"picture","name":"../x","png":""}\n', id="a name that is a path"),
    ],
)
def test_a_report_with_a_line_that_is_not_ours_is_not_read(head: bytes) -> None:
    """Nothing of it is believed."""
    with pytest.raises(Garbled):
        said.run(Outcome(ended="exited", report=Stream(head=head, total_bytes=len(head))), "n")


def test_a_report_that_was_cut_is_not_read() -> None:
    """What is missing of it could be anything."""
    with pytest.raises(Garbled, match="longer than the box keeps"):
        said.build(Outcome(ended="exited", report=Stream(head=b"n{}\n", total_bytes=100)), "n")


@pytest.mark.parametrize(
    ("calls", "asked", "taken", "rules"),
    [
        pytest.param(True, False, notes.added("Milk"), ["page/alone"], id="by itself"),
        pytest.param(True, True, notes.added("Milk"), [], id="asked"),
        pytest.param(False, False, notes.added("Milk"), [], id="has nobody to ask"),
        pytest.param(
            True,
            False,
            notes.scenario("kept", *notes.posted("Bread").model_dump()["steps"][:1]),
            [],
            id="never visited",
        ),
    ],
)
def test_a_page_that_asks_nobody_does_not_do_what_the_plan_says(
    calls: bool, asked: bool, taken: Scenario, rules: list[str]
) -> None:
    """It may show all that is expected out of what it has brought along; no scenario sees that."""
    plan = notes.calling(notes.plan("web")) if calls else notes.plan("web")
    told: list[said.Told] = [
        said.Prepared(event="prepared", open=[], browser="1"),
        line(0, against="stand-in", passed=False),
        line(0),
        said.Reached(event="reached", page="web", any=asked),
        said.Driven(event="driven", failed=""),
        said.DriverEnded(event="driver_ended", code=0, output=""),
        said.Done(event="done"),
    ]
    report = b"".join(b"n" + each.model_dump_json().encode() + b"\n" for each in told)
    outcome = Outcome(ended="exited", exit_code=0, report=Stream(head=report, total_bytes=len(report)))

    ran = weighed(plan, (taken,), Went(outcome, "n", Limits(), 1))

    assert [each.rule for each in ran.findings] == rules
    assert [each.path for each in ran.findings] == ["services/web"] * len(rules)


def test_the_driver_is_delivered_with_the_scenarios_as_they_are() -> None:
    """One source for the box and for whoever runs the project; which page each is for is told where there are several."""
    one, two = notes.added("Milk"), notes.posted("Bread")

    files = delivered(notes.plan("web"), (one, two))
    several = delivered(notes.plan("web", "admin"), (one, two))

    assert set(files) == {"e2e/run.mjs", "e2e/package.json", "e2e/scenarios.json"}
    assert [type(one).model_validate(each) for each in json.loads(files["e2e/scenarios.json"])] == [one, two]
    assert json.loads(several["e2e/pages.json"]) == ["web", "web"]

"""What a scenario looks for in the end hangs on what it did, or on data; what a page says by itself shows nothing of either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.projects.running import Pace, said, whole
from engine.projects.running.scenarios import FIXED, findings_of, seen_of
from sandboxes.docker import DockerSandbox
from tests.projects.running import notes
from tests.projects.running.test_shapes import line

HEADING = {"do": "see", "text": "Notes"}
EMPTY = {"do": "see", "text": "Nothing yet"}


def call(method: str, status: int, **more: Any) -> Mapping[str, Any]:
    return {"do": "call", "interface": "notes-http", "method": method, "path": "/api/notes", "status": status, **more}


def posting(text: str) -> Mapping[str, Any]:
    return call("POST", 201, body={"text": text}, expects=[{"pointer": "/text", "value": text}])


SHOWING = (
    notes.scenario("what was posted", posting("Milk"), notes.VISIT, HEADING, {"do": "see", "text": "Milk"}),
    notes.scenario("what was there before", notes.VISIT, HEADING, {"do": "see", "text": "Seeded"}),
    notes.scenario("all were deleted", posting("Bread"), call("DELETE", 200), notes.VISIT, EMPTY),
    notes.scenario(
        "one was deleted", posting("Rice"), call("DELETE", 200), notes.VISIT, HEADING, {"do": "miss", "text": "Rice"}
    ),
    notes.scenario("the answer of an interface", notes.VISIT, HEADING, posting("Salt")),
)
FIXED_TEXT = (
    notes.scenario("a heading", notes.VISIT, HEADING),
    notes.scenario("a heading behind something that was posted", posting("Oil"), notes.VISIT, HEADING),
    notes.scenario(
        "a heading behind something that was typed",
        notes.VISIT,
        {"do": "fill", "label": "Text", "text": "Tea"},
        {"do": "click", "role": "button", "name": "Add note"},
        notes.VISIT,
        HEADING,
    ),
    notes.scenario(
        "a heading behind what can be done once only",
        call("POST", 201, body={"text": "Once"}),
        call("POST", 201, body={"text": "Jam"}),
        notes.VISIT,
        HEADING,
    ),
)
SERVER = notes.SERVER.replace(
    "    def log_message",
    """    def do_DELETE(self):
        with sqlite3.connect(PATH) as base:
            base.execute("delete from notes where text != 'Once'")
        self.answer(200, {})

    def log_message""",
).replace(
    "        with sqlite3.connect(PATH) as base:\n            id_ =",
    """        with sqlite3.connect(PATH) as base:
            if text == "Once" and base.execute("select 1 from notes where text = 'Once'").fetchall():
                return self.answer(409, {})
            id_ =""",
).replace(
    '(id integer primary key, text text)")', '(id integer primary key, text text)")\n    base.execute("insert into notes (text) values (\'Seeded\')")'
)  # fmt: skip
SCRIPT = notes.SCRIPT.replace(
    "  list.replaceChildren(", "  if (!notes.length) notes.push({ text: 'Nothing yet' });\n  list.replaceChildren("
)


@pytest.mark.docker
@pytest.mark.slow
async def test_what_a_page_says_whatever_is_done_is_no_proof(sandbox: DockerSandbox, web_image: str) -> None:
    """A heading, after a visit alone or behind what was done before it; what hangs on data or on what was done counts, also
    where the page says it where there is nothing at all."""
    # the heading that only one of them could bring stays: it is posted last
    scenarios = (*SHOWING[1:2], *SHOWING[:1], *SHOWING[2:], *FIXED_TEXT)

    ran = await whole(
        notes.plan("web"),
        notes.files("web", server=SERVER, script=SCRIPT),
        scenarios,
        sandbox,
        environment=web_image,
        run_id="test",
        pace=Pace(start=10, step=1.5, open=4, settle=0.5, drive=90),
    )

    assert (ran.outcome, ran.findings) == ("passed", ())
    assert {seen.name: seen.why_not for seen in ran.scenarios} == {
        **{each.name: "" for each in SHOWING},
        **{each.name: FIXED for each in FIXED_TEXT},
    }
    assert [seen.proves for seen in ran.scenarios] == [not seen.why_not for seen in ran.scenarios]


@pytest.mark.docker
@pytest.mark.slow
async def test_a_page_that_hangs_is_looked_at_once_and_told_as_that(sandbox: DockerSandbox, web_image: str) -> None:
    """Whatever its scenarios look for, on however many of its paths; the browser is replaced, and nobody is called tampered
    with."""
    scenarios = [
        notes.scenario(f"heading {number}", {"do": "visit", "path": f"/{number}"}, HEADING) for number in range(2)
    ]

    ran = await whole(
        notes.plan("web"),
        notes.files("web", script="for (;;);\n"),
        scenarios,
        sandbox,
        environment=web_image,
        run_id="test",
        pace=Pace(start=10, step=1, empty_step=0.2, open=2, settle=0.5, drive=60),
    )

    rules = {finding.rule for finding in ran.findings}
    assert "page/hung" in rules
    assert "tampered" not in rules
    assert not any(seen.proves for seen in ran.scenarios)


def test_fixed_text_is_no_fault_and_no_proof() -> None:
    """Nobody is to blame for it, for it may be all that is required; what is red anyway stays that."""
    many = (notes.added("Milk"), notes.added("Bread"))
    told: list[said.Told] = [
        line(0),
        line(0, against="stand-in", passed=False),
        line(1),
        *(said.Fixed(event="fixed", number=number) for number in range(2)),
    ]

    seen = seen_of(many, told, ())

    assert [(each.passed, each.proves) for each in seen] == [(True, False), (True, False)]
    assert seen[0].why_not == FIXED
    assert [finding.rule for finding in findings_of(many, seen, told)] == ["scenario/vacuous"]

"""From rows to figures: percentiles that were measured, shares, and whose they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from serving.observing.counted import CountedCall, CountedRun
from serving.observing.counting import Reading, count
from serving.observing.figures import LocalFigures
from serving.observing.schema import prepare
from serving.observing.store import _insert
from tests.server.observing.rows import NOW, call, run


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    prepare(connection)
    yield connection
    connection.close()


def counted(
    database: sqlite3.Connection, *rows: CountedCall | CountedRun, principal: str | None = None, days: float = 30
) -> LocalFigures:
    for row in rows:
        _insert(database, row)
    return count(database, Reading(now=NOW, days=days, principal=principal))


def test_durations_are_ones_that_were_measured(database: sqlite3.Connection):
    """The 50th and the 95th of a hundred, by the nearest rank."""
    told = counted(database, *(call(seconds=number / 100) for number in range(100, 0, -1)))

    assert (told.calls.p50_seconds, told.calls.p95_seconds) == (0.5, 0.95)


def test_errors_are_refusals_and_failures_and_no_cancelled_calls(database: sqlite3.Connection):
    """Each is told by itself, for all and for each tool."""
    told = counted(
        database,
        call(ended="refused"),
        call(ended="failed"),
        call(ended="cancelled", tool="get_run"),
        call(tool="get_run"),
    )

    of_tools = {tool.tool: tool for tool in told.tools}
    assert (told.calls.refused, told.calls.failed, told.calls.cancelled, told.calls.answered) == (1, 1, 1, 1)
    assert (told.calls.error_rate, of_tools["run_code"].error_rate, of_tools["get_run"].error_rate) == (0.5, 1.0, 0.0)


def test_runs_say_how_they_ended_and_what_they_cost(database: sqlite3.Connection):
    """Outcomes, reasons, attempts, tokens, money, boxes; and what each author had to do with it."""
    told = counted(database, run(), run(outcome="no_fix", reason="budget"))

    assert (told.runs.outcomes, told.runs.reasons) == ({"verified": 1, "no_fix": 1}, {"budget": 1})
    assert (told.runs.attempts, told.runs.model_calls, told.runs.boxes, told.runs.box_seconds) == (4, 6, 8, 3.0)
    assert (told.runs.input_tokens, told.runs.output_tokens, told.runs.usd, told.runs.priced) == (200, 20, 0.5, True)
    authors = {author.author: (author.runs, author.attempts, author.verified, author.usd) for author in told.authors}
    assert authors == {"offline": (2, 2, 0, 0.0), "openai": (2, 2, 2, 0.5)}


def test_boxes_of_single_commands_are_told_with_the_calls(database: sqlite3.Connection):
    """Those of runs with the runs: none is counted twice."""
    told = counted(database, call().model_copy(update={"boxes": 1, "box_seconds": 0.5}), run())

    assert (told.calls.boxes, told.calls.box_seconds, told.runs.boxes) == (1, 0.5, 4)
    assert told.tools[0].boxes == 1


def test_what_runs_cost_is_told_by_tool_and_by_principal(database: sqlite3.Connection):
    """Of those whose calls are told; a tool that begins no runs has none."""
    told = counted(database, call(tool="auto_fix_code"), call(tool="get_run", who="bob"), run(), run(outcome="no_fix"))

    of_tools = {tool.tool: (tool.runs, tool.verified, tool.attempts, tool.usd, tool.run_boxes) for tool in told.tools}
    of_principals = {one.principal: (one.runs, one.verified, one.input_tokens) for one in told.principals}
    assert of_tools == {"auto_fix_code": (2, 1, 4, 0.5, 8), "get_run": (0, 0, 0, 0.0, 0)}
    assert of_principals == {"ann": (2, 1, 200), "bob": (0, 0, 0)}


def test_one_principal_sees_nothing_of_another(database: sqlite3.Connection):
    """Calls, runs, authors, anomalies: none of them."""
    rows = (call(who="ann"), call(who="bob", tool="get_run"), run(who="bob", outcome="no_fix", reason="tampered"))

    everybodys, anns = counted(database, *rows), counted(database, principal="ann")

    assert {principal.principal for principal in everybodys.principals} == {"ann", "bob"}
    assert [anomaly.kind for anomaly in everybodys.anomalies] == ["tampering"]
    assert (anns.whose, anns.calls.calls, anns.runs.runs, anns.authors, anns.anomalies) == ("yours", 1, 0, (), ())
    assert "bob" not in anns.model_dump_json()


def test_only_what_is_young_enough_is_looked_at(database: sqlite3.Connection):
    """By days, and by the last hour."""
    told = counted(database, call(ago=10), call(ago=7_200), call(ago=3 * 86_400), days=2)

    assert (told.calls.calls, told.last_hour.calls) == (2, 1)
    assert told.since == "2027-01-15T06:00:00+00:00"


def test_nothing_is_made_up_where_nothing_was_counted(database: sqlite3.Connection):
    """No duration at all is null, not zero."""
    told = counted(database)

    assert (told.calls.calls, told.calls.p50_seconds, told.runs.p95_seconds, told.since) == (0, None, None, None)


def test_a_burst_is_many_times_what_is_usual(database: sqlite3.Connection):
    """Who calls as often all day makes no burst with it."""
    steady = [call(ago=number * 4, who="steady") for number in range(1, 20_000)]
    sudden = [call(ago=number, who="sudden") for number in range(80)]
    few = [call(ago=number, who="few") for number in range(20)]

    told = counted(database, *steady, *sudden, *few)

    (burst,) = told.anomalies
    assert (burst.kind, burst.principal, burst.seen, burst.usual) == ("burst", "sudden", 80, 0)


def test_a_spike_of_failures_is_told_by_tool(database: sqlite3.Connection):
    """A tool that always fails as often shows nothing unusual."""
    before = [call(ago=3_600, tool="good") for _ in range(50)]
    always = [call(ago=3_600, tool="bad", ended="failed") for _ in range(50)]
    now = [call(tool="good", ended="failed") for _ in range(12)] + [call(tool="bad", ended="failed") for _ in range(12)]

    told = counted(database, *before, *always, *now)

    (spike,) = told.anomalies
    assert (spike.kind, spike.tool, spike.seen, spike.usual) == ("failures", "good", 1.0, 0.0)


def test_tampering_is_told_with_its_last_run(database: sqlite3.Connection):
    """By whom, how often, and which to look at."""
    told = counted(database, *(run(outcome="no_fix", reason="tampered") for _ in range(3)), run())

    (tampering,) = told.anomalies
    assert (tampering.kind, tampering.principal, tampering.seen) == ("tampering", "ann", 3)
    assert "run-ann" in tampering.message

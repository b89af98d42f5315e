"""From the rows that are kept to figures: by SQL, which lets others work meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from engine.domain import Value
from serving.observing.anomalies import find_anomalies
from serving.observing.figures import (
    AuthorFigures,
    CallFigures,
    LocalFigures,
    PrincipalFigures,
    RunFigures,
    ToolFigures,
)

HOUR = 3_600.0
MOST_TOOLS = MOST_PRINCIPALS = 50
MOST_AUTHORS = 20


class Reading(Value):
    """Which rows are looked at."""

    now: float
    """Seconds since 1970."""
    days: float
    principal: str | None = None
    """Whose alone; everybody's where None."""

    @property
    def begins(self) -> float:
        return self.now - self.days * 24 * HOUR


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


_THEIRS = "at >= :begins AND (:principal IS NULL OR principal = :principal)"
# A percentile by the nearest rank is a value that was measured, not one between two.
_RANKED = """
SELECT {by} AS named, count(*) AS calls, sum(ended = 'answered') AS answered, sum(ended = 'refused') AS refused,
    sum(ended = 'failed') AS failed, sum(ended = 'cancelled') AS cancelled, min(at) AS since,
    sum(boxes) AS boxes, sum(box_seconds) AS box_seconds,
    min(CASE WHEN place >= 0.5 * among THEN seconds END) AS p50, min(CASE WHEN place >= 0.95 * among THEN seconds END) AS p95
FROM (
    SELECT tool, principal, ended, at, seconds, boxes, box_seconds, row_number() OVER (PARTITION BY {by} ORDER BY seconds) AS place,
        count(*) OVER (PARTITION BY {by}) AS among
    FROM calls WHERE {theirs}
) GROUP BY {by} ORDER BY calls DESC, named LIMIT :most
"""
_COSTS = """
SELECT count(*) AS runs, coalesce(sum(attempts), 0) AS attempts, coalesce(sum(model_calls), 0) AS model_calls,
    coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
    round(coalesce(sum(usd), 0), 6) AS usd, coalesce(min(priced), 1) AS priced, coalesce(sum(boxes), 0) AS boxes,
    round(coalesce(sum(box_seconds), 0), 3) AS box_seconds,
    min(CASE WHEN place >= 0.5 * among THEN seconds END) AS p50, min(CASE WHEN place >= 0.95 * among THEN seconds END) AS p95
FROM (
    SELECT *, row_number() OVER (ORDER BY seconds) AS place, count(*) OVER () AS among FROM runs WHERE {theirs}
)
"""
_OF_GROUPS = """
SELECT {by} AS named, count(*) AS runs, sum(outcome = 'verified') AS verified, sum(attempts) AS attempts,
    sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, round(sum(usd), 6) AS usd,
    sum(boxes) AS run_boxes
FROM runs WHERE {theirs} GROUP BY {by}
"""
_OF_AUTHORS = """
SELECT author, count(*) AS runs, sum(written.attempts) AS attempts, sum(verified) AS verified,
    sum(written.input_tokens) AS input_tokens, sum(written.output_tokens) AS output_tokens,
    round(sum(written.usd), 6) AS usd
FROM written JOIN runs ON runs.id = written.run WHERE {theirs} GROUP BY author ORDER BY attempts DESC, author LIMIT :most
"""
NO_CALLS = CallFigures(
    calls=0,
    answered=0,
    refused=0,
    failed=0,
    cancelled=0,
    error_rate=0.0,
    p50_seconds=None,
    p95_seconds=None,
    boxes=0,
    box_seconds=0.0,
)
NO_RUNS = RunFigures(
    runs=0,
    outcomes={},
    reasons={},
    p50_seconds=None,
    p95_seconds=None,
    attempts=0,
    model_calls=0,
    input_tokens=0,
    output_tokens=0,
    usd=0.0,
    priced=True,
    boxes=0,
    box_seconds=0.0,
)


def no_figures(reading: Reading, *, enabled: bool, trouble: str = "") -> LocalFigures:
    """What is answered where nothing was counted, or nothing can be read."""
    return LocalFigures(
        enabled=enabled,
        kept="nowhere",
        trouble=trouble,
        whose="everybody" if reading.principal is None else "yours",
        since=None,
        until=iso(reading.now),
        days=reading.days,
        lost=0,
        calls=NO_CALLS,
        last_hour=NO_CALLS,
        tools=(),
        runs=NO_RUNS,
        authors=(),
        principals=(),
        anomalies=(),
    )


def count(connection: sqlite3.Connection, reading: Reading) -> LocalFigures:
    """The figures of *reading*, all of one state of the database."""
    connection.execute("BEGIN")
    try:
        whole = next(iter(_ranked(connection, reading, "'all'", most=1)), None)
        hour = next(iter(_ranked(connection, reading, "'all'", most=1, begins=reading.now - HOUR)), None)
        return no_figures(reading, enabled=True).model_copy(
            update={
                "since": iso(whole["since"]) if whole else None,
                "calls": _calls(whole) if whole else NO_CALLS,
                "last_hour": _calls(hour) if hour else NO_CALLS,
                "tools": tuple(
                    ToolFigures.model_validate({"tool": name, **said})
                    for name, said in _groups(connection, reading, "tool", most=MOST_TOOLS)
                ),
                "runs": _runs(connection, reading),
                "authors": _authors(connection, reading),
                "principals": tuple(
                    PrincipalFigures.model_validate({"principal": name, **said})
                    for name, said in _groups(connection, reading, "principal", most=MOST_PRINCIPALS)
                ),
                "anomalies": find_anomalies(connection, now=reading.now, principal=reading.principal),
            }
        )
    finally:
        connection.execute("ROLLBACK")


def _rows(connection: sqlite3.Connection, question: str, reading: Reading, **more: float) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    told = {"begins": reading.begins, "principal": reading.principal, "most": -1, **more}
    return [dict(row) for row in cursor.execute(question.replace("{theirs}", _THEIRS), told)]


def _ranked(
    connection: sqlite3.Connection,
    reading: Reading,
    by: Literal["'all'", "tool", "principal"],
    *,
    most: int,
    begins: float | None = None,
) -> list[dict[str, Any]]:
    since = reading.begins if begins is None else begins
    return _rows(connection, _RANKED.replace("{by}", by), reading, most=most, begins=since)


def _calls(row: Mapping[str, Any]) -> CallFigures:
    return CallFigures(
        calls=row["calls"],
        answered=row["answered"],
        refused=row["refused"],
        failed=row["failed"],
        cancelled=row["cancelled"],
        error_rate=round((row["refused"] + row["failed"]) / row["calls"], 4),
        p50_seconds=round(row["p50"], 4),
        p95_seconds=round(row["p95"], 4),
        boxes=row["boxes"],
        box_seconds=round(row["box_seconds"], 3),
    )


def _runs(connection: sqlite3.Connection, reading: Reading) -> RunFigures:
    (costs,) = _rows(connection, _COSTS, reading)

    def told(name: Literal["outcome", "reason"]) -> dict[str, int]:
        question = f"SELECT {name} AS named, count(*) AS runs FROM runs WHERE {_THEIRS} AND named <> '' GROUP BY named ORDER BY runs DESC LIMIT 20"  # noqa: S608 (one of two names)
        return {row["named"]: row["runs"] for row in _rows(connection, question, reading)}

    percentiles = {name: costs[name] if costs[name] is None else round(costs[name], 4) for name in ("p50", "p95")}
    return RunFigures(
        outcomes=told("outcome"),
        reasons=told("reason"),
        p50_seconds=percentiles["p50"],
        p95_seconds=percentiles["p95"],
        **{name: value for name, value in costs.items() if name not in percentiles},
    )


def _authors(connection: sqlite3.Connection, reading: Reading) -> tuple[AuthorFigures, ...]:
    rows = _rows(connection, _OF_AUTHORS, reading, most=MOST_AUTHORS)
    return tuple(AuthorFigures.model_validate(row) for row in rows)


def _groups(
    connection: sqlite3.Connection, reading: Reading, by: Literal["tool", "principal"], *, most: int
) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields of `GroupFigures` by name, most calls first."""
    of_runs = {row.pop("named"): row for row in _rows(connection, _OF_GROUPS.replace("{by}", by), reading)}
    none = {"runs": 0, "verified": 0, "attempts": 0, "input_tokens": 0, "output_tokens": 0, "usd": 0.0, "run_boxes": 0}
    return [
        (row["named"], {**none, **of_runs.get(row["named"], {}), **_calls(row).model_dump()})
        for row in _ranked(connection, reading, by, most=most)
    ]

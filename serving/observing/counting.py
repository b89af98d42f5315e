"""From the rows that are kept to figures."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

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


def no_figures(reading: Reading, *, enabled: bool, trouble: str = "") -> LocalFigures:
    """What is answered where nothing was counted, or nothing can be read."""
    none = _calls([])
    return LocalFigures(
        enabled=enabled,
        kept="nowhere",
        trouble=trouble,
        whose="everybody" if reading.principal is None else "yours",
        since=None,
        until=iso(reading.now),
        days=reading.days,
        lost=0,
        calls=none,
        last_hour=none,
        tools=(),
        runs=_runs([], []),
        authors=(),
        principals=(),
        anomalies=(),
    )


def count(connection: sqlite3.Connection, reading: Reading) -> LocalFigures:
    """The figures of *reading*, all of one state of the database."""
    connection.execute("BEGIN")
    try:
        calls = _select(connection, "SELECT principal, tool, ended, seconds, at FROM calls", reading)
        runs = _select(
            connection,
            "SELECT principal, outcome, reason, seconds, attempts, model_calls, input_tokens, output_tokens, usd, "
            "priced, boxes, box_seconds FROM runs",
            reading,
        )
        return no_figures(reading, enabled=True).model_copy(
            update={
                "since": iso(min(row["at"] for row in calls)) if calls else None,
                "calls": _calls(calls),
                "last_hour": _calls([row for row in calls if row["at"] >= reading.now - HOUR]),
                "tools": _tools(calls),
                "runs": _runs(runs, [row["seconds"] for row in runs]),
                "authors": _authors(connection, reading),
                "principals": _principals(calls, runs),
                "anomalies": find_anomalies(connection, now=reading.now, principal=reading.principal),
            }
        )
    finally:
        connection.execute("ROLLBACK")


def _select(connection: sqlite3.Connection, what: str, reading: Reading) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(
        f"{what} WHERE at >= :begins AND (:principal IS NULL OR principal = :principal)",
        {"begins": reading.begins, "principal": reading.principal},
    ).fetchall()


def _calls(rows: Sequence[sqlite3.Row]) -> CallFigures:
    ended = [row["ended"] for row in rows]
    refused, failed = ended.count("refused"), ended.count("failed")
    seconds = sorted(row["seconds"] for row in rows)
    return CallFigures(
        calls=len(rows),
        answered=ended.count("answered"),
        refused=refused,
        failed=failed,
        cancelled=ended.count("cancelled"),
        error_rate=round((refused + failed) / len(rows), 4) if rows else 0.0,
        p50_seconds=_rank(seconds, 0.5),
        p95_seconds=_rank(seconds, 0.95),
    )


def _rank(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: a value that was measured, not one between two."""
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 4) if ordered else None


def _by(rows: Sequence[sqlite3.Row], name: str, most: int) -> list[tuple[str, list[sqlite3.Row]]]:
    found = dict[str, list[sqlite3.Row]]()
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:most]


def _tools(rows: Sequence[sqlite3.Row]) -> tuple[ToolFigures, ...]:
    return tuple(ToolFigures(tool=tool, **_calls(own).model_dump()) for tool, own in _by(rows, "tool", MOST_TOOLS))


def _runs(rows: Sequence[sqlite3.Row], seconds: list[float]) -> RunFigures:
    ordered = sorted(seconds)

    def told(name: str) -> dict[str, int]:
        return {value: len(own) for value, own in _by(rows, name, 20) if value}

    def whole(name: str) -> int:
        return sum(row[name] for row in rows)

    return RunFigures(
        runs=len(rows),
        outcomes=told("outcome"),
        reasons=told("reason"),
        p50_seconds=_rank(ordered, 0.5),
        p95_seconds=_rank(ordered, 0.95),
        attempts=whole("attempts"),
        model_calls=whole("model_calls"),
        input_tokens=whole("input_tokens"),
        output_tokens=whole("output_tokens"),
        usd=round(sum(row["usd"] for row in rows), 6),
        priced=all(row["priced"] for row in rows),
        boxes=whole("boxes"),
        box_seconds=round(sum(row["box_seconds"] for row in rows), 3),
    )


def _authors(connection: sqlite3.Connection, reading: Reading) -> tuple[AuthorFigures, ...]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        "SELECT author, count(*) AS runs, sum(written.attempts) AS attempts, sum(verified) AS verified, "
        "sum(written.input_tokens) AS input_tokens, sum(written.output_tokens) AS output_tokens, "
        "round(sum(written.usd), 6) AS usd FROM written JOIN runs ON runs.id = written.run "
        "WHERE at >= :begins AND (:principal IS NULL OR principal = :principal) "
        "GROUP BY author ORDER BY 3 DESC, author LIMIT :most",
        {"begins": reading.begins, "principal": reading.principal, "most": MOST_AUTHORS},
    )
    return tuple(AuthorFigures.model_validate(dict(row)) for row in rows)


def _principals(calls: Sequence[sqlite3.Row], runs: Sequence[sqlite3.Row]) -> tuple[PrincipalFigures, ...]:
    of_runs = dict(_by(runs, "principal", len(runs)))
    return tuple(
        PrincipalFigures(
            principal=principal,
            runs=len(of_runs.get(principal, [])),
            verified=sum(row["outcome"] == "verified" for row in of_runs.get(principal, [])),
            input_tokens=sum(row["input_tokens"] for row in of_runs.get(principal, [])),
            output_tokens=sum(row["output_tokens"] for row in of_runs.get(principal, [])),
            usd=round(sum(row["usd"] for row in of_runs.get(principal, [])), 6),
            **_calls(own).model_dump(),
        )
        for principal, own in _by(calls, "principal", MOST_PRINCIPALS)
    )

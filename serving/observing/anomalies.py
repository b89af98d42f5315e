"""What is unusual in what was counted, by rules that stand still: see `serving.observing.figures.Anomaly`."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from serving.observing.figures import Anomaly

DAY = 86_400.0
BURST_SECONDS, BURST_CALLS, BURST_FACTOR = 300.0, 60, 5.0
SPIKE_SECONDS, SPIKE_CALLS, SPIKE_RATE, SPIKE_FACTOR = 900.0, 10, 0.5, 3.0
MOST_ANOMALIES = 50


def find_anomalies(connection: sqlite3.Connection, *, now: float, principal: str | None) -> tuple[Anomaly, ...]:
    """Those of *principal*, or everybody's where None; newest first."""
    found = [
        *_bursts(connection, now, principal),
        *_failures(connection, now, principal),
        *_tampering(connection, now, principal),
    ]
    return tuple(sorted(found, key=lambda anomaly: anomaly.since, reverse=True)[:MOST_ANOMALIES])


def _bursts(connection: sqlite3.Connection, now: float, principal: str | None) -> list[Anomaly]:
    begins = now - BURST_SECONDS
    rows = connection.execute(
        "SELECT principal, sum(at >= :begins), sum(at < :begins), min(at) FROM calls "
        "WHERE at >= :day AND (:principal IS NULL OR principal = :principal) GROUP BY principal "
        "HAVING sum(at >= :begins) >= :least",
        {"begins": begins, "day": begins - DAY, "principal": principal, "least": BURST_CALLS},
    )
    found = []
    for who, seen, before, first in rows:
        # of the time since it was first seen, for a newcomer has no day behind it
        usual = before / max(1.0, min(DAY, begins - first) / BURST_SECONDS) if before else 0.0
        if seen >= BURST_FACTOR * usual:
            message = f"{who} made {seen} calls within five minutes; usually {usual:.1f}"
            found.append(
                Anomaly(
                    kind="burst",
                    since=_iso(begins),
                    principal=who,
                    tool=None,
                    seen=seen,
                    usual=round(usual, 2),
                    message=message,
                )
            )
    return found


def _failures(connection: sqlite3.Connection, now: float, principal: str | None) -> list[Anomaly]:
    begins = now - SPIKE_SECONDS
    rows = connection.execute(
        "SELECT tool, sum(at >= :begins), sum(at >= :begins AND wrong), sum(at < :begins), sum(at < :begins AND wrong) "
        "FROM (SELECT tool, at, ended IN ('refused', 'failed') AS wrong FROM calls "
        "WHERE at >= :day AND (:principal IS NULL OR principal = :principal)) GROUP BY tool "
        "HAVING sum(at >= :begins) >= :least",
        {"begins": begins, "day": begins - DAY, "principal": principal, "least": SPIKE_CALLS},
    )
    found = []
    for tool, calls, wrong, calls_before, wrong_before in rows:
        rate, usual = wrong / calls, wrong_before / calls_before if calls_before else 0.0
        if rate >= SPIKE_RATE and rate >= SPIKE_FACTOR * usual:
            message = f"{wrong} of {calls} calls of {tool} went wrong within 15 minutes; usually {usual:.0%}"
            found.append(
                Anomaly(
                    kind="failures",
                    since=_iso(begins),
                    principal=principal,
                    tool=tool,
                    seen=round(rate, 4),
                    usual=round(usual, 4),
                    message=message,
                )
            )
    return found


def _tampering(connection: sqlite3.Connection, now: float, principal: str | None) -> list[Anomaly]:
    rows = connection.execute(
        "SELECT principal, tool, count(*), min(at), max(run_id) FROM runs WHERE reason = 'tampered' AND at >= :day "
        "AND (:principal IS NULL OR principal = :principal) GROUP BY principal, tool",
        {"day": now - DAY, "principal": principal},
    )
    return [
        Anomaly(
            kind="tampering",
            since=_iso(first),
            principal=who,
            tool=tool or None,
            seen=seen,
            usual=0,
            message=f"{seen} runs within 24 hours ended tampered, the last of them {run_id}",
        )
        for who, tool, seen, first, run_id in rows
    ]


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

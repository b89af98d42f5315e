"""The tables of what is counted, and how much of it is kept."""

from __future__ import annotations

import sqlite3

from engine.write_ahead import write_ahead

LOCK_SECONDS = 2.0
VERSION = 1
"""Of the tables, in the file's `user_version`. One that is newer than this is left as it is."""
MOST_CALLS = 50_000
MOST_RUNS = 20_000
"""Rows, the newest: what can still be read within about a second; with those of `written` about 10 MB."""

_TABLES = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, tool TEXT NOT NULL, principal TEXT NOT NULL,
    ended TEXT NOT NULL, seconds REAL NOT NULL, boxes INTEGER NOT NULL, box_seconds REAL NOT NULL
);
CREATE INDEX calls_by_time ON calls (at);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, run_id TEXT NOT NULL, tool TEXT NOT NULL,
    principal TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL,
    attempts INTEGER NOT NULL, model_calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, usd REAL NOT NULL, priced INTEGER NOT NULL, boxes INTEGER NOT NULL,
    box_seconds REAL NOT NULL
);
CREATE INDEX runs_by_time ON runs (at);
CREATE TABLE written (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, author TEXT NOT NULL, attempts INTEGER NOT NULL,
    verified INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, usd REAL NOT NULL
);
CREATE INDEX written_in_a_run ON written (run);
"""


class TooNew(Exception):
    """A later Mendbox has made the tables."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none. Raises `TooNew`, with nothing changed."""
    if _version(connection) > VERSION:
        raise TooNew(f"it has version {_version(connection)}, and this Mendbox knows {VERSION}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")  # of a power cut the last moments may be missing, and nothing else
    write_ahead(connection, seconds=LOCK_SECONDS)
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
    finally:
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def prune(connection: sqlite3.Connection, *, before: float) -> None:
    """Forget what ended before *before*, and the oldest of what is too much."""
    connection.execute("DELETE FROM calls WHERE at < ?", (before,))
    connection.execute("DELETE FROM runs WHERE at < ?", (before,))
    connection.execute("DELETE FROM calls WHERE id <= (SELECT max(id) FROM calls) - ?", (MOST_CALLS,))
    connection.execute("DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?", (MOST_RUNS,))

"""SQLite files that several processes open at the same time."""

from __future__ import annotations

import sqlite3
import time


def write_ahead(connection: sqlite3.Connection, *, seconds: float) -> None:
    """Let readers and one writer be at the file at once; what another process holds is waited for, *seconds* at most.

    Raises:
        sqlite3.OperationalError: It is still held by then, or cannot be written.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            # Two processes that make the same file at once meet here, and SQLite does not wait for this lock.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return

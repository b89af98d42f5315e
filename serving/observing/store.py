"""Where what is counted is kept: beside the journal, in the background, so that no call waits for it or fails by it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from engine.events import ModelAnswered
from engine.logs import get_log
from serving.observing.counted import CountedCall, CountedRun
from serving.observing.schema import TooNew, prepare, prune

log = get_log(__name__)

FILE = "analytics.sqlite3"
BUSY_SECONDS = 2.0
"""How long a write waits for another process; what could not be written by then is counted as lost."""
MOST_WAITING = 10_000
"""What is counted and not yet written. Beyond that the oldest is lost."""
ROWS_BETWEEN_PRUNINGS = 1_000
CLOSING_SECONDS = 1.0
BATCH_SECONDS = 0.2
"""For so long what is counted is gathered, to be written together, unless somebody wants to read it."""

R = TypeVar("R")
Kept = Literal["disk", "memory"]


class Store:
    """What was counted. Several processes may have the same file open at once.

    Where the file cannot be had (no space, damaged, a later Mendbox's), it is left as it is, and this process counts in
    memory: `trouble` says why.
    """

    def __init__(self, folder: Path, *, days: float) -> None:
        self._path = folder / FILE
        self._days = days
        self._waiting = deque[CountedCall | CountedRun]()
        self._lock = threading.Lock()
        self._flushing = False
        self._failing = False
        self._hurry = threading.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analytics")
        self._connection: sqlite3.Connection | None = None
        self._since_pruned = ROWS_BETWEEN_PRUNINGS
        self.kept: Kept = "disk"
        self.trouble = ""
        self.lost = 0
        """How much was counted by this process and is in no figure."""

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None:
        """Keep *what*, in a moment; what models cost comes with their runs. Never raises, never waits."""
        if isinstance(what, ModelAnswered):
            return
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(what)
            if not self._flushing:
                try:
                    self._thread.submit(self._flush_later)
                except RuntimeError:  # it is closed
                    self.lost += 1
                else:
                    self._flushing = True

    async def read(self, question: Callable[[sqlite3.Connection], R]) -> R:
        """The answer to *question*, all that was counted before included.

        Raises:
            sqlite3.Error: The file failed after it had been opened.
        """
        self._hurry.set()
        return await asyncio.wrap_future(self._thread.submit(self._read, question))

    async def close(self) -> None:
        """Write what is left, within a second."""
        self._hurry.set()
        closing = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        await asyncio.wait([asyncio.wrap_future(closing)], timeout=CLOSING_SECONDS)

    def _read(self, question: Callable[[sqlite3.Connection], R]) -> R:
        self._hurry.clear()
        self._flush()
        return question(self._open())

    def _flush_later(self) -> None:
        self._hurry.wait(BATCH_SECONDS)
        self._flush()

    def _flush(self) -> None:
        while rows := self._taken():
            try:
                self._write(rows)
                self._failing = False
            except (sqlite3.Error, OSError) as error:
                self.lost += len(rows)
                self.trouble = f"not all that was counted could be written: {error}"
                if not self._failing:
                    log.warning("not_counted", rows=len(rows), error=str(error))
                self._failing = True

    def _taken(self) -> list[CountedCall | CountedRun]:
        with self._lock:
            rows = list(self._waiting)
            self._waiting.clear()
            self._flushing = bool(rows)
        return rows

    def _write(self, rows: list[CountedCall | CountedRun]) -> None:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            for row in rows:
                _insert(connection, row)
            self._since_pruned += len(rows)
            if self._since_pruned >= ROWS_BETWEEN_PRUNINGS:
                prune(connection, before=time.time() - self._days * 86_400)
                self._since_pruned = 0
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _open_file(self._path)
            except (sqlite3.Error, OSError, TooNew) as error:
                self.kept = "memory"
                self.trouble = f"{str(self._path)!r} cannot be used: {error}"
                log.warning("analytics_in_memory", error=self.trouble, hint="mend or move the file, then start again")
                self._connection = _connect(":memory:")
                prepare(self._connection)
        return self._connection

    def _close(self) -> None:
        self._flush()
        if self._connection is not None:
            self._connection.close()


def _open_file(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whose calls they were is nobody else's business; SQLite gives the files beside it the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = _connect(str(path))
    try:
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _insert(connection: sqlite3.Connection, row: CountedCall | CountedRun) -> None:
    values = row.model_dump(exclude={"written"})
    table = "calls" if isinstance(row, CountedCall) else "runs"
    # the names are those of our own fields
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    made = connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608
    if isinstance(row, CountedRun):
        connection.executemany(
            "INSERT INTO written VALUES (:run, :author, :attempts, :verified, :input_tokens, :output_tokens, :usd)",
            [{"run": made.lastrowid, **written.model_dump()} for written in row.written],
        )

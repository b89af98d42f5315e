"""Where repairs are remembered: a file of its own beside the journal, so that neither can harm the other."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import ValidationError

from engine.errors import MemoryUnavailable, UnknownRepair
from engine.memory.entry import Remembered

FILE = "memory.sqlite3"
VERSION = 1
MOST = 10_000
"""Repairs that are kept; the oldest leave."""
BUSY_SECONDS = 2.0
"""How long another process is waited for. A heal is not worth holding up for a memory."""
_DAY = 86_400.0


class Store:
    """The remembered repairs of one folder; several processes may use it at once.

    Every method raises `MemoryUnavailable` where the file cannot be read or written, is damaged or of a later version.
    """

    def __init__(self, folder: Path, *, most: int = MOST) -> None:
        self._path = folder / FILE
        self._most = most

    def add(self, remembered: Remembered) -> None:
        """Keep *remembered*; the same repair made again is only made new."""
        with self._opened() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO repairs (id, at, body) VALUES (?, ?, ?)",
                (remembered.id, remembered.at, remembered.model_dump_json()),
            )
            connection.execute(
                "DELETE FROM repairs WHERE id NOT IN (SELECT id FROM repairs ORDER BY at DESC, rowid DESC LIMIT ?)",
                (self._most,),
            )

    def newest(self, limit: int) -> tuple[Remembered, ...]:
        """The latest *limit* repairs, newest first; what another version wrote in another shape is passed over."""
        return tuple(self._read("SELECT body FROM repairs ORDER BY at DESC, rowid DESC LIMIT ?", limit))

    def get(self, beginning: str) -> Remembered:
        """The repair whose id begins so.

        Raises:
            UnknownRepair: There is none, or there are several.
        """
        found = tuple(
            self._read("SELECT body FROM repairs WHERE substr(id, 1, ?) = ? LIMIT 2", len(beginning), beginning)
        )
        if len(found) == 1 and beginning:
            return found[0]
        if found:
            raise UnknownRepair(f"several repairs begin with {beginning[:80]!r}", hint="give more of the id")
        raise UnknownRepair(f"no repair {beginning[:80]!r} is remembered", hint="run: mendbox memory list")

    def forget(self, repair_id: str) -> None:
        with self._opened() as connection:
            connection.execute("DELETE FROM repairs WHERE id = ?", (repair_id,))

    def forget_older(self, days: float) -> int:
        """Forget what was last seen more than *days* ago; how many."""
        with self._opened() as connection:
            return connection.execute("DELETE FROM repairs WHERE at < ?", (time.time() - days * _DAY,)).rowcount

    def forget_all(self) -> int:
        """Forget everything; how many."""
        with self._opened() as connection:
            return connection.execute("DELETE FROM repairs").rowcount

    def _read(self, query: str, *values: str | int) -> Iterator[Remembered]:
        if not self._path.exists():
            return
        with self._opened() as connection:
            bodies = [str(body) for (body,) in connection.execute(query, values)]
        for body in bodies:
            try:
                yield Remembered.model_validate_json(body)
            except ValidationError:
                continue

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A transaction, durable once the block has ended."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # pieces of somebody's code: nobody else on this machine has business in it, whatever the umask
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                # what is forgotten is not to be found in the file either
                connection.execute("PRAGMA secure_delete=ON")
                connection.execute("BEGIN IMMEDIATE")
                self._prepare(connection)
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise MemoryUnavailable(
                f"the memory {str(self._path)!r} cannot be used: {error}",
                hint="move the file away, or set MENDBOX_MEMORY=off; healing works without it",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise MemoryUnavailable(
                f"the memory {str(self._path)!r} was written by a later Mendbox",
                hint="upgrade Mendbox, or set MENDBOX_MEMORY=off; healing works without it",
            )
        if version < VERSION:
            connection.execute("CREATE TABLE repairs (id TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL)")
            connection.execute("CREATE INDEX repairs_by_time ON repairs (at)")
            connection.execute(f"PRAGMA user_version = {VERSION}")

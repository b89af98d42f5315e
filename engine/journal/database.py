"""The database under the journal: how it is opened, and the one place that knows which database it is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.errors import JournalUnavailable
from engine.journal.schema import MIGRATIONS, Migration, prepare
from engine.write_ahead import write_ahead

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

BUSY_SECONDS = 20.0
"""How long a transaction waits for another process to finish its own."""


class Database:
    """Transactions on one database. Every failure of the database leaves here as `JournalUnavailable`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._reader = engine.execution_options(reading=True)

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that no other writer can come between; durable once the block has ended."""
        with self._translated("written"), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A transaction that sees one state of the database throughout, and waits for no writer."""
        with self._translated("read"), self._reader.begin() as connection:
            yield connection

    def used_bytes(self, connection: Connection) -> int:
        """Bytes in use; 0 where the database has an administrator who watches that."""
        if connection.dialect.name != "sqlite":
            return 0
        pages, free, size = (
            int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def shrink(self) -> None:
        """Give freed space back to the disk, a bounded piece of it at a time."""
        with self.writing() as connection:
            if connection.dialect.name == "sqlite":
                # A script, because a page is freed per step of the statement, and `execute` takes only the first.
                cursor = connection.connection.cursor()
                cursor.executescript("PRAGMA incremental_vacuum(8192)")
                cursor.close()

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _translated(self, verb: str) -> Generator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _unavailable(self.name, verb, error) from error


def insert_unless_there(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves a row which is already there as it is."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 (a tenth of all that SQLAlchemy takes to import)

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def open_sqlite(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Database:
    """Open the journal at *path*, made and brought to the newest version where needed.

    Raises:
        JournalTooNew: A later Mendbox has written it; it was not touched.
        JournalUnavailable: It cannot be written, or is no journal; it was not touched.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Others on this machine have no business in it, whatever the umask and a folder that was there before;
        # SQLite gives the two files beside it the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise JournalUnavailable(
            f"the journal {str(path)!r} cannot be written: {error.strerror}",
            hint="make the folder writable, or set MENDBOX_DATA_DIR to one that is",
        ) from error

    # Parameters are somebody's code; they have no place in an error's text.
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    database = Database(engine, str(path))
    try:
        with database.writing() as connection:
            prepare(connection, migrations)
    except BaseException:
        database.close()
        raise
    return database


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and too late: `_begin` does.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "auto_vacuum=INCREMENTAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()
    write_ahead(connection, seconds=BUSY_SECONDS)


def _begin(connection: Connection) -> None:
    # A writer that begins as a reader fails at once, without waiting, when another writer was faster.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


_CAUSES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space; nothing that was recorded is lost"),
    sqlite3.SQLITE_IOERR: ("the disk failed or is full", "free some space; nothing that was recorded is lost"),
    sqlite3.SQLITE_BUSY: (
        f"another process has kept it locked for {BUSY_SECONDS:.0f} s",
        "end the other Mendbox, or try again",
    ),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "move the file away and keep it; a new one is made"),
    sqlite3.SQLITE_NOTADB: ("it is not a journal", "move the file away and keep it; a new one is made"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "make it writable, or set MENDBOX_DATA_DIR to another folder"),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "make its folder writable, or set MENDBOX_DATA_DIR to another folder",
    ),
}


def _unavailable(name: str, verb: str, error: SQLAlchemyError) -> JournalUnavailable:
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    what, hint = _CAUSES.get(code & 0xFF, ("", "")) if code is not None else ("", "")
    if not what:
        # Only the first line: the rest is the statement and a link.
        what = str(cause).partition("\n")[0] or type(cause).__name__
        hint = "is it a journal of Mendbox? move the file away and keep it; a new one is made"
    return JournalUnavailable(f"the journal {name!r} could not be {verb}: {what}", hint=hint)

"""The journal's tables, and the steps by which an older journal becomes one of today."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
    update,
)

from engine.errors import JournalTooNew

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("author", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("begun", Float, nullable=False),
    # Until when a run whose owner cannot be judged counts as running; both in seconds since 1970.
    Column("until", Float, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("reason", String(16)),
    Column("summary", Text, nullable=False),
    Column("started", String(40), nullable=False),
    Column("seconds", Float, nullable=False),
    # Whose it is: nobody but they may know of it through a server. Empty for whoever is at the machine itself.
    Column("principal", Text, nullable=False, server_default=""),
    # The build of which it judged a component, without which it is nothing to anybody.
    Column("part_of", ForeignKey("runs.id", ondelete="CASCADE")),
    Index("runs_by_time", "begun"),
    Index("runs_of_a_principal", "principal", "begun"),
    Index("runs_of_a_build", "part_of"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(64), nullable=False),
    # Of a step; a snapshot has none, and a run may have any number of those.
    Column("key", String(64)),
    Column("at", Float, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("run_id", "key", name="a_step_is_recorded_once"),
    Index("entries_of_a_run", "run_id", "kind", "seq"),
    sqlite_autoincrement=True,
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

uses = Table(
    "uses",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("sha256", ForeignKey("blobs.sha256"), primary_key=True),
    Index("uses_of_a_blob", "sha256"),
)


verdicts = Table(
    "verdicts",
    metadata,
    # Content hash of all that the verdict depends on.
    Column("key", String(64), primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Float, nullable=False),
    # What it comes down to, hashed; two that differ under one key show that the key does not decide.
    Column("gist", String(64), nullable=False),
    # Of a verdict that must never be served there is none.
    Column("body", Text),
    # Of key, run and body together, by which damage and rows that were moved are found.
    Column("sha256", String(64), nullable=False),
    Index("verdicts_of_a_run", "run_id"),
)

Migration = Callable[[Connection], None]


def _runs_and_steps(connection: Connection) -> None:
    metadata.create_all(connection, tables=[meta, runs, entries, blobs, uses])


def _verdicts_by_content(connection: Connection) -> None:
    metadata.create_all(connection, tables=[verdicts])


def _runs_by_principal(connection: Connection) -> None:
    # The first step makes the tables as they are today.
    if "principal" not in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(text("ALTER TABLE runs ADD COLUMN principal TEXT NOT NULL DEFAULT ''"))
        connection.execute(text("CREATE INDEX runs_of_a_principal ON runs (principal, begun)"))


def _runs_of_builds(connection: Connection) -> None:
    # as above
    if "part_of" not in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(
            text("ALTER TABLE runs ADD COLUMN part_of VARCHAR(64) REFERENCES runs (id) ON DELETE CASCADE")
        )
        connection.execute(text("CREATE INDEX runs_of_a_build ON runs (part_of)"))


MIGRATIONS: tuple[Migration, ...] = (_runs_and_steps, _verdicts_by_content, _runs_by_principal, _runs_of_builds)
"""Step n makes version n + 1 of version n. A step that was ever released is never changed: add one."""


def prepare(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database to the newest version, all or nothing within the caller's transaction.

    Raises:
        JournalTooNew: It has a version beyond *migrations*; nothing was changed.
    """
    found = _version(connection)
    newest = len(migrations)
    if found > newest:
        raise JournalTooNew(
            f"the journal has version {found} and this Mendbox knows {newest}",
            hint="upgrade Mendbox, or set MENDBOX_DATA_DIR to another folder",
        )
    for migrate in migrations[found:]:
        migrate(connection)
    if found == 0:
        connection.execute(insert(meta).values(name="version", value=str(newest)))
    elif found < newest:
        connection.execute(update(meta).where(meta.c.name == "version").values(value=str(newest)))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(meta.name):
        return 0
    return int(connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar_one())

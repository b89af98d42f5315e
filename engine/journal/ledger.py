"""What the journal does to its tables, one transaction each; synchronous, for one thread."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

from pydantic import JsonValue, ValidationError
from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update

from engine import owner as owners
from engine.domain import Run
from engine.errors import RunGoesOn, UnknownRun, Unreadable
from engine.journal.database import Database, insert_unless_there
from engine.journal.packing import Blobs, pack, unpack
from engine.journal.retention import Retention
from engine.journal.schema import blobs, entries, runs, uses
from engine.listing import RunLine, StepLine

SNAPSHOT = "snapshot"
"""Kind of the entries that are a whole run; every other kind is a step."""
GRACE_SECONDS = 60.0
"""How long after its budget a run may still be ending."""
FORGOTTEN_AT_ONCE = 20
"""Runs forgotten in one transaction: others wait meanwhile."""
FORGOTTEN_ROUNDS = 10
KEPT_ANYWAY = 10
"""The newest runs, which are never forgotten for their size."""


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._broken_off: set[str] = set()

    def break_off(self, run_id: str) -> None:
        """Nobody is at work on it any more, and its end could not be recorded: `interrupted` for this process."""
        self._broken_off.add(run_id)

    def begin(self, run: Run, author: str, owner: str, principal: str) -> None:
        now = time.time()
        fields = {"author": author, "owner": owner, "until": now + run.task.budget.seconds + GRACE_SECONDS}
        with self._database.writing() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run.id)).one_or_none()
            if row is None:
                connection.execute(
                    insert(runs).values(
                        id=run.id, begun=now, principal=principal, part_of=run.part_of or None, **fields, **_index(run)
                    )
                )
            else:
                if row.status == "running" and row.owner != owner and owners.judge(row.owner) == "alive":
                    raise RunGoesOn(
                        f"run {run.id} is being worked on by process {row.owner.partition(':')[0]}",
                        hint="wait for it, or cancel it there",
                    )
                connection.execute(update(runs).where(runs.c.id == run.id).values(**fields, **_index(run)))
            _append(connection, run.id, SNAPSHOT, None, run.model_dump(mode="json"))
        self._broken_off.discard(run.id)

    def save(self, run: Run) -> None:
        with self._database.writing() as connection:
            must_exist(connection, run.id)
            connection.execute(update(runs).where(runs.c.id == run.id).values(**_index(run)))
            _append(connection, run.id, SNAPSHOT, None, run.model_dump(mode="json"))

    def recorded(self, run_id: str, key: str) -> tuple[JsonValue] | None:
        """The result of the step *key* as a tuple of one, for None is a result too."""
        with self._database.reading() as connection:
            return _recorded(connection, run_id, key)

    def record(self, run_id: str, kind: str, key: str, value: JsonValue) -> tuple[JsonValue] | None:
        """Record the step *key*; where somebody was faster, what they recorded."""
        with self._database.writing() as connection:
            must_exist(connection, run_id)
            earlier = _recorded(connection, run_id, key)
            if earlier is None and not _append(connection, run_id, kind, key, value):
                earlier = _recorded(connection, run_id, key)
            return earlier

    def load(self, beginning: str, principal: str | None) -> Run:
        with self._database.reading() as connection:
            row = _find(connection, beginning, principal)
            body = connection.execute(
                select(entries.c.body)
                .where(entries.c.run_id == row.id, entries.c.kind == SNAPSHOT)
                .order_by(entries.c.seq.desc())
                .limit(1)
            ).scalar_one()
            value = restore(connection, body, f"run {row.id}")
        try:
            run = Run.model_validate(value)
        except ValidationError as error:
            raise _unreadable(f"run {row.id}") from error
        return run.model_copy(update={"status": self._status(row)})

    def author_of(self, beginning: str) -> str:
        with self._database.reading() as connection:
            return str(_find(connection, beginning).author)

    def recent(self, limit: int, principal: str | None, after: str | None, *, parts: bool) -> tuple[RunLine, ...]:
        newest = _of(principal).order_by(runs.c.begun.desc(), runs.c.id).limit(limit)
        if not parts:
            newest = newest.where(runs.c.part_of.is_(None))
        with self._database.reading() as connection:
            if after is not None:
                last = _find(connection, after, principal)
                as_old = and_(runs.c.begun == last.begun, runs.c.id > last.id)
                newest = newest.where(or_(runs.c.begun < last.begun, as_old))
            return tuple(map(self._line, connection.execute(newest)))

    def parts_of(self, build: str) -> tuple[RunLine, ...]:
        parts = select(runs).where(runs.c.part_of == build).order_by(runs.c.begun, runs.c.id)
        with self._database.reading() as connection:
            return tuple(map(self._line, connection.execute(parts)))

    def steps(self, beginning: str) -> tuple[StepLine, ...]:
        with self._database.reading() as connection:
            run_id = _find(connection, beginning).id
            lines = connection.execute(
                select(entries.c.kind, entries.c.key, entries.c.at, entries.c.bytes)
                .where(entries.c.run_id == run_id, entries.c.key.is_not(None))
                .order_by(entries.c.seq)
            )
            return tuple(StepLine(kind=row.kind, key=row.key, at=_iso(row.at), bytes=row.bytes) for row in lines)

    def forget(self, beginning: str) -> None:
        with self._database.writing() as connection:
            row = _find(connection, beginning)
            if row.status == "running" and owners.judge(row.owner) == "alive":
                raise RunGoesOn(f"run {row.id} is still going on", hint="cancel it first")
            _forget(connection, row.id)
        self._database.shrink()

    def prune(self, keep: Retention) -> int:
        """Forget the oldest runs beyond *keep*, a bounded number of them; how many."""
        gone = 0
        for _ in range(FORGOTTEN_ROUNDS):
            with self._database.writing() as connection:
                now_gone = sum(1 for _ in islice(self._forget_oldest(connection, keep), FORGOTTEN_AT_ONCE))
            gone += now_gone
            if now_gone < FORGOTTEN_AT_ONCE:
                break
        if gone:
            self._database.shrink()
        return gone

    def _forget_oldest(self, connection: Connection, keep: Retention) -> Iterator[str]:
        # what is part of a build is kept for as long as that is
        alone = runs.c.part_of.is_(None)
        newest = select(runs.c.id).where(alone).order_by(runs.c.begun.desc()).limit(KEPT_ANYWAY)
        spared = set(connection.execute(newest).scalars())
        oldest = select(runs).where(alone).order_by(runs.c.begun).limit(FORGOTTEN_AT_ONCE * 2)
        too_old = time.time() - keep.days * 86_400
        for row in connection.execute(oldest).all():
            large = row.id not in spared and self._database.used_bytes(connection) > keep.mib * 1_048_576
            if (row.begun < too_old or large) and self._status(row) != "running":
                _forget(connection, row.id)
                yield row.id

    def _line(self, row: Row[tuple[object, ...]]) -> RunLine:
        return RunLine(
            id=row.id,
            status=self._status(row),
            outcome=row.outcome,
            reason=row.reason,
            summary=row.summary,
            started=row.started,
            seconds=row.seconds,
            part_of=row.part_of or "",
        )

    def _status(self, row: Row[tuple[object, ...]]) -> str:
        """As recorded, but a run whose process is gone is interrupted.

        Where nobody can look after the process (another machine or container), the run is believed to go on until
        its time is up.
        """
        if row.status != "running":
            return str(row.status)
        if row.id in self._broken_off:
            return "interrupted"
        life = owners.judge(row.owner)
        return "running" if life == "alive" or (life == "unknown" and time.time() < row.until) else "interrupted"


def _index(run: Run) -> dict[str, str | float | None]:
    # A listing is not worth failing for a character that the database refuses; the snapshot has all of them.
    summary = run.summary[:1_000].replace("\0", " ").encode("utf-8", "replace").decode()
    return {
        "status": run.status,
        "outcome": run.outcome,
        "reason": run.reason,
        "summary": summary,
        "started": run.started,
        "seconds": run.seconds,
    }


def _append(connection: Connection, run_id: str, kind: str, key: str | None, value: JsonValue) -> bool:
    """Whether the entry is new: a step that is there already stays as it is."""
    body, kept = pack(value)
    store(connection, run_id, kept)
    added = connection.execute(
        insert_unless_there(connection, entries)
        .values(run_id=run_id, kind=kind, key=key, at=time.time(), bytes=_size(body, kept), body=body)
        .returning(entries.c.seq)
    )
    return added.first() is not None


def store(connection: Connection, run_id: str, kept: Blobs) -> None:
    """Keep the blobs for as long as the run is kept."""
    for some in _chunks(kept):
        there = set(connection.execute(select(blobs.c.sha256).where(blobs.c.sha256.in_(some))).scalars())
        new = [{"sha256": name, "content": zlib.compress(kept[name])} for name in some if name not in there]
        if new:
            connection.execute(insert_unless_there(connection, blobs), new)
        connection.execute(insert_unless_there(connection, uses), [{"run_id": run_id, "sha256": name} for name in some])


def _size(body: str, kept: Blobs) -> int:
    return len(body) + sum(len(content) for content in kept.values())


def _recorded(connection: Connection, run_id: str, key: str) -> tuple[JsonValue] | None:
    found = select(entries.c.body).where(entries.c.run_id == run_id, entries.c.key == key)
    body = connection.execute(found).scalar_one_or_none()
    return None if body is None else (restore(connection, body, f"step {key[:12]} of run {run_id}"),)


def restore(connection: Connection, body: str, name: str) -> JsonValue:
    """The value that was packed into *body*.

    Raises:
        Unreadable: It, or a blob that it refers to, is damaged or gone; *name* says what it is.
    """

    def fetch(digest: str) -> bytes:
        content = connection.execute(select(blobs.c.content).where(blobs.c.sha256 == digest)).scalar_one_or_none()
        if content is None:
            raise LookupError(digest)
        return zlib.decompress(content)

    try:
        return unpack(body, fetch)
    except (ValueError, LookupError, zlib.error) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> Unreadable:
    return Unreadable(
        f"{name} cannot be read: damaged, or written by another version of Mendbox",
        hint="start the run anew; the other runs are fine",
    )


def _of(principal: str | None) -> Select[tuple[object, ...]]:
    """The rows that *principal* may know of; None may know of all."""
    return select(runs) if principal is None else select(runs).where(runs.c.principal == principal)


def _find(connection: Connection, beginning: str, principal: str | None = None) -> Row[tuple[object, ...]]:
    matching = _of(principal).where(func.substr(runs.c.id, 1, len(beginning)) == beginning).limit(50)
    found = connection.execute(matching).all() if beginning else []
    exact = [row for row in found if row.id == beginning]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise UnknownRun(f"several runs begin with {beginning!r}", hint="give more of the id")
    raise UnknownRun(f"there is no run {beginning[:80]!r}", hint="run: mendbox runs")


def must_exist(connection: Connection, run_id: str) -> None:
    if connection.execute(select(runs.c.id).where(runs.c.id == run_id)).first() is None:
        raise UnknownRun(f"there is no run {run_id[:80]!r}: it never began, or was forgotten", hint="run: mendbox runs")


def _forget(connection: Connection, run_id: str) -> None:
    """Remove the run with its parts, and every text that no other run has."""
    parts = select(runs.c.id).where(runs.c.part_of == run_id)
    having = or_(uses.c.run_id == run_id, uses.c.run_id.in_(parts))
    used = list(connection.execute(select(uses.c.sha256).where(having).distinct()).scalars())
    connection.execute(delete(runs).where(runs.c.id == run_id))
    still_used = select(uses.c.sha256).where(uses.c.sha256 == blobs.c.sha256).exists()
    for some in _chunks(used):
        connection.execute(delete(blobs).where(blobs.c.sha256.in_(some), ~still_used))


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    # A statement may hold only so many parameters.
    rest = iter(names)
    while some := list(islice(rest, 500)):
        yield some


def _iso(seconds: float) -> str:
    whole, fraction = divmod(seconds, 1)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int(fraction * 1000):03d}Z"

"""The append-only record that a run is made of. Every effect is a step that happens once; all else can be had again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from weakref import WeakValueDictionary

from pydantic import BaseModel, ValidationError

from engine.domain import Run, Verdict, sha256
from engine.errors import JournalUnavailable, Unreadable
from engine.journal.retention import Retention
from engine.listing import RunLine, StepLine

if TYPE_CHECKING:
    from engine.journal.ledger import Ledger
    from engine.journal.verdicts import Verdicts

__all__ = ["FILE", "Journal", "Retention"]

FILE = "journal.sqlite3"

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class _Opened(NamedTuple):
    ledger: Ledger
    verdicts: Verdicts
    close: Callable[[], None]


class Journal:
    """One journal, open. Several processes may have the same one open at once.

    Every method raises `JournalUnavailable` when the database fails it; what was acknowledged before is kept.
    """

    def __init__(self, opened: _Opened, thread: ThreadPoolExecutor) -> None:
        self._ledger, self._verdicts, self._close = opened
        self._thread = thread
        self._closed = False
        self._asking: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @classmethod
    async def open(cls, folder: Path, *, keep: Retention | None = None) -> Journal:
        """Open the journal in *folder*, made where needed, and forget the runs beyond *keep*.

        Raises:
            JournalUnavailable: It cannot be written, is damaged, or comes from a later Mendbox (`JournalTooNew`);
                nothing in it was changed.
        """
        # A thread of its own: the journal must not wait until a container has ended that holds a common one.
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        opening = thread.submit(_open, folder, keep or Retention())
        try:
            opened = await asyncio.shield(asyncio.wrap_future(opening))
        except BaseException:
            opening.add_done_callback(_close_opened)
            thread.shutdown(wait=False)
            raise
        return cls(opened, thread)

    async def close(self) -> None:
        """Finish what is being written, then close. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        # One thread, first in first out: whatever was handed in before is written by then.
        closing = asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown(wait=False)
        await asyncio.shield(closing)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def begin(self, run: Run, *, author: str, owner: str, principal: str = "") -> None:
        """Record that *owner* (see `engine.owner`) starts *run* for *principal*, or takes up one that was recorded before.

        Raises:
            RunGoesOn: Another living process is at work on it.
        """
        await self._do(self._ledger.begin, run, author, owner, principal)

    async def step(self, run_id: str, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        """The result of the step *kind* on *inputs*: as recorded, else of *effect*, recorded before it is returned.

        An effect that raises records nothing. Tasks that ask for the same step at once share one effect; of two
        processes that do, both get the result that was recorded first. A *model* must come out of
        ``model_dump(mode="json")`` whole.

        Raises:
            UnknownRun: The run never began, or was forgotten.
            Unreadable: What was recorded is no *model*.
        """
        key = sha256(f"{kind}\0{inputs}")
        lock = self._asking.setdefault((run_id, key), asyncio.Lock())
        async with lock:
            recorded = await self._do(self._ledger.recorded, run_id, key)
            if recorded is None:
                result = await effect()
                recorded = await self._do(self._ledger.record, run_id, kind, key, result.model_dump(mode="json"))
                if recorded is None:
                    return result
        try:
            return model.model_validate(recorded[0])
        except ValidationError as error:
            raise Unreadable(
                f"step {kind!r} of run {run_id} was recorded in another shape",
                hint="another version of Mendbox wrote it; start the run anew",
            ) from error

    async def earlier_verdict(self, key: str) -> Verdict | None:
        """The verdict that another run kept under *key*, and which run; see `engine.journal.verdicts`."""
        return await self._do(self._verdicts.find, key)

    async def keep_verdict(self, key: str, run_id: str, verdict: Verdict) -> None:
        """Serve *verdict* to other runs under *key* once this one has come to a conclusion. Raises `UnknownRun`."""
        await self._do(self._verdicts.keep, key, run_id, verdict)

    async def doubt_verdict(self, key: str, run_id: str) -> None:
        """Serve no verdict under *key* while this run is kept. Raises `UnknownRun`."""
        await self._do(self._verdicts.doubt, key, run_id)

    async def save(self, run: Run) -> None:
        """Append how *run* stands now. Raises `UnknownRun` where it never began."""
        await self._do(self._ledger.save, run)

    def break_off(self, run_id: str) -> None:
        """This process is no longer at work on a run whose end could not be recorded: it is `interrupted`, here and now,
        and for others once this process has ended.
        """
        self._ledger.break_off(run_id)

    async def load(self, run_id: str, *, principal: str | None = None) -> Run:
        """The run as last saved; a unique beginning of its id is enough.

        A run that says `running` though its process is dead is `interrupted`. Where *principal* is given, there are no
        runs but theirs.

        Raises:
            UnknownRun: No run has this id, or several begin with it.
            Unreadable: It was written in a shape that this Mendbox does not know.
        """
        return await self._do(self._ledger.load, run_id, principal)

    async def author_of(self, run_id: str) -> str:
        """Whom the run was given to. Raises `UnknownRun`."""
        return await self._do(self._ledger.author_of, run_id)

    async def recent(
        self, limit: int, *, principal: str | None = None, after: str | None = None, parts: bool = False
    ) -> tuple[RunLine, ...]:
        """The latest runs, newest first; *principal*'s alone, where given, and those older than the run *after*. Those that
        are part of a build are left out, unless *parts*.

        Raises:
            UnknownRun: There is no run *after*.
        """
        return await self._do(partial(self._ledger.recent, parts=parts), limit, principal, after)

    async def parts_of(self, run_id: str) -> tuple[RunLine, ...]:
        """The runs that judged the components of the build *run_id*, in the order in which they began."""
        return await self._do(self._ledger.parts_of, run_id)

    async def steps(self, run_id: str) -> tuple[StepLine, ...]:
        """The steps of a run in the order they were recorded. Raises `UnknownRun`."""
        return await self._do(self._ledger.steps, run_id)

    async def forget(self, run_id: str) -> None:
        """Remove a run and every text that no other run has.

        Raises:
            UnknownRun: No run has this id, or several begin with it.
            RunGoesOn: A living process is at work on it.
        """
        await self._do(self._ledger.forget, run_id)

    async def _do(self, call: Callable[..., R], *arguments: object) -> R:
        """Have the journal's thread do it. Cancelling the caller does not take back what was handed in."""
        if self._closed:
            raise JournalUnavailable("the journal is closed", hint="open it again")
        return await asyncio.shield(asyncio.wrap_future(self._thread.submit(call, *arguments)))


def _open(folder: Path, keep: Retention) -> _Opened:
    # Imported here and in this thread: a command that needs no journal does not pay for SQLAlchemy.
    from engine.journal.database import open_sqlite  # noqa: PLC0415
    from engine.journal.ledger import Ledger  # noqa: PLC0415
    from engine.journal.verdicts import Verdicts  # noqa: PLC0415

    database = open_sqlite(folder / FILE)
    try:
        ledger = Ledger(database)
        ledger.prune(keep)
    except BaseException:
        database.close()
        raise
    return _Opened(ledger, Verdicts(database), database.close)


def _close_opened(opening: Future[_Opened]) -> None:
    if opening.exception() is None:
        opening.result().close()

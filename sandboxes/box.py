"""One hardened container: one stream to its first process, used once."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import structlog
from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound
from requests import RequestException

from .base import WORK, Command, Layer, Limits, Measured, Outcome, Place
from .conversation import Conversation, Lost
from .enforced import require
from .errors import BoxFull, SandboxError, SandboxUnavailable, UnsafePath
from .failures import translated
from .guest.paths import why_unsafe
from .wire import Wire

log = structlog.get_logger(__name__)
T = TypeVar("T")

OPENING = 60.0
"""Seconds within which a new box has to say what limits are in force."""
_REMOVING = 30


class DockerBox:
    """One container. Its commands run one after the other."""

    measured: Measured

    def __init__(self, client: DockerClient, threads: ThreadPoolExecutor, undertakers: ThreadPoolExecutor) -> None:
        self.id = f"mendbox-{secrets.token_hex(8)}"
        self.image = ""
        self._client = client
        self._threads = threads
        self._undertakers = undertakers
        self._limits = Limits()
        self._talk: Conversation | None = None
        self._prepared: Layer | None = None
        self._turn = asyncio.Lock()
        self._guard = threading.Lock()
        self._talking_lock = threading.Lock()
        self._created = False
        self._discarded: Future[None] | None = None

    async def start(self, create: Callable[[], str], limits: Limits) -> None:
        """Make, start and measure the container."""
        self._limits = limits
        await self._in_thread(lambda: self._begin(create))

    @property
    def healthy(self) -> bool:
        """Whether nobody has given up, killed or disturbed the box since it was last talked to."""
        return self._discarded is None and self._talk is not None and self._talk.quiet

    def lease(self, limits: Limits) -> None:
        """Hand the box over, once, before its first command: its life ends *limits.seconds* from now, and what is kept
        of output and reports are the amounts in *limits*. Everything else in them is what the box was made with.

        Raises:
            SandboxUnavailable: The box has died since it was made.
        """
        talk = self._talk
        if talk is None or not self.healthy:
            raise SandboxUnavailable("box", f"{self.id} ended before it was used", hint="open another box")
        self._limits = limits
        try:
            talk.lease(limits)
        except Lost as lost:
            self.discard()
            raise SandboxUnavailable(
                "box", f"{self.id} ended before it was used: {lost.why}", hint="open another box"
            ) from lost

    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        """Write files; see `sandboxes.base.Box.put`. Locked files are read-only, in folders that are read-only where
        they were made for them, and may not be written again by a later `put` that does not lock.
        """
        self._require_fit((Layer(files=files),))
        async with self._turn:
            await self._talking(lambda talk: talk.put(files, place=place, locked=locked))

    async def clear(self, *, only: Place | None = None) -> None:
        """Remove what commands and `put` left; see `sandboxes.base.Box.clear`."""
        async with self._turn:
            self._prepared = None
            await self._talking(lambda talk: talk.clear(only=only))

    async def lay(self, *layers: Layer, only: Place | None = None) -> None:
        """Clear, and write files; see `sandboxes.base.Box.lay`."""
        self._require_fit(layers)
        async with self._turn:
            prepared, self._prepared = self._prepared, None
            if prepared in layers:
                # Nobody has used the box and the programs are where they belong, perhaps just being read: leave them alone.
                layers = tuple(layer for layer in layers if layer != prepared)
                await self._talking(lambda talk: talk.lay(layers))
            else:
                await self._talking(lambda talk: talk.lay(layers, clear=True, only=only))

    async def prepare(self, programs: Layer, *commands: Command) -> None:
        """Do beforehand what can be done; see `sandboxes.base.Box.prepare`."""
        self._require_fit((programs,))
        async with self._turn:
            await self._talking(lambda talk: talk.prepare(programs, commands))
            self._prepared = programs

    async def run_beside(self, *commands: Command) -> tuple[Outcome, ...]:
        """Run several commands at a time; see `sandboxes.base.Box.run_beside`."""
        for command in commands:
            _require_folder(command)
        async with self._turn:
            return tuple(await self._talking(lambda talk: self._run(talk, commands, None)))

    async def run(self, command: Command, *, on_report_line: Callable[[str], None] | None = None) -> Outcome:
        """Run a command; see `sandboxes.base.Box.run`."""
        _require_folder(command)
        async with self._turn:
            if on_report_line is None:
                return await self._talking(lambda talk: self._run(talk, (command,), None)[0])
            loop = asyncio.get_running_loop()
            lines: asyncio.Queue[str | None] = asyncio.Queue()

            def pass_on(line: str | None) -> None:
                loop.call_soon_threadsafe(lines.put_nowait, line)

            def work(talk: Conversation) -> Outcome:
                try:
                    return self._run(talk, (command,), pass_on)[0]
                finally:
                    pass_on(None)

            running = asyncio.ensure_future(self._talking(work))
            try:
                while (line := await lines.get()) is not None:
                    on_report_line(line)
                return await running
            except SandboxError:
                raise
            except BaseException:
                # cancelled, or the caller's own function failed: either way nobody waits for this command any more
                self.discard()
                running.cancel()
                raise

    async def take(self, paths: tuple[str, ...]) -> Mapping[str, bytes]:
        """Read files back; see `sandboxes.base.Box.take`."""
        safe = tuple(path for path in dict.fromkeys(paths) if why_unsafe(path) is None)
        async with self._turn:
            return await self._talking(lambda talk: talk.take(safe, file_bytes=self._limits.file_mib << 20))

    def discard(self) -> Future[None]:
        """Kill and remove the container in the background, at once and once."""
        with self._guard:
            if self._discarded is None:
                self._discarded = self._undertakers.submit(self._bury)
            return self._discarded

    async def _talking(self, work: Callable[[Conversation], T]) -> T:
        def talk() -> T:
            if self._talk is None or self._discarded is not None:
                raise SandboxUnavailable("box", f"{self.id} is closed", hint="open another box")
            with self._talking_lock:
                try:
                    return work(self._talk)
                except Lost as lost:
                    self.discard()
                    raise self._gone(lost) from lost

        return await self._in_thread(talk)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except asyncio.CancelledError:
            self.discard()
            raise

    def _begin(self, create: Callable[[], str]) -> None:
        deadline = time.monotonic() + OPENING
        try:
            self.image = create()
        finally:
            # also when the engine's answer was lost: the container may be there
            with self._guard:
                self._created = True
                abandoned = self._discarded is not None
            if abandoned:
                self._remove()
        if abandoned:
            raise SandboxUnavailable("box", f"{self.id} was given up while it was made", hint="open another box")
        with self._talking_lock:
            try:
                self.measured = self._hello(deadline)
            except BaseException:
                if self._talk is not None:
                    self._talk.close()
                raise

    def _hello(self, deadline: float) -> Measured:
        api = self._client.api
        with translated("start a box"):
            stream = api.attach_socket(self.id, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            self._talk = Conversation(Wire(getattr(stream, "_sock", stream), wrapper=stream), self._limits)
            api.start(self.id)
        try:
            measured = self._talk.hello(deadline=deadline)
        except Lost as lost:
            raise self._gone(lost) from lost
        require(measured, self._limits)
        return measured

    def _run(
        self, talk: Conversation, commands: Sequence[Command], on_line: Callable[[str], None] | None
    ) -> list[Outcome]:
        self._prepared = None
        started = time.monotonic()
        try:
            return talk.run(commands, on_line)
        except Lost as lost:
            spent = time.monotonic() - started
            if lost.late:
                self.discard()
                return [Outcome(ended="timeout", seconds=spent)] * len(commands)
            # Only a kernel that is out of this box's memory kills a first process that nobody else may touch.
            if self._discarded is None and self._ran_out_of_memory():
                self.discard()
                memory = Outcome(ended="memory", seconds=spent, peak_mib=self._limits.memory_mib)
                return [memory] * len(commands)
            raise

    def _require_fit(self, layers: Sequence[Layer]) -> None:
        for path in (path for layer in layers for path in layer.files):
            reason = why_unsafe(path)
            if reason:
                raise UnsafePath(
                    "box", f"the path {path[:200]!r} {reason}", hint="use a plain path relative to the folder"
                )
        total = sum(len(content) for layer in layers for content in layer.files.values())
        count = sum(len(layer.files) for layer in layers)
        if total > self._limits.work_mib << 20 or count >= self._limits.work_files:
            raise BoxFull(
                "box",
                f"{count} files of {total} bytes do not fit {self._limits.work_mib} MiB and {self._limits.work_files} files",
                hint="hand in less, or raise the limits of the work folder",
            )

    def _ran_out_of_memory(self) -> bool:
        """Whether the engine saw a memory kill in this box. It removes the box by itself, but remembers its events."""
        with translated("ask the engine why a box ended"):
            api = self._client.api
            # by the engine's own clock, and late enough for an event that is just being written
            now = _engine_time(str(api.info()["SystemTime"]))
            events = api.events(
                since=now - 86_400, until=now + 1, filters={"container": [self.id], "event": ["oom"]}, decode=True
            )
            return any(True for _ in _finite(events))

    def _gone(self, lost: Lost) -> SandboxUnavailable:
        said = f"; it last said: {lost.said}" if lost.said else ""
        if lost.late:
            return SandboxUnavailable(
                "box", f"{self.id} does not answer{said}", hint="see whether the machine is overloaded, then run again"
            )
        try:
            with translated("reach the engine"):
                self._client.api.ping()
        except SandboxUnavailable as unreachable:
            return SandboxUnavailable(
                "docker", f"the engine was lost while {self.id} was in use: {lost.why}", hint=unreachable.hint
            )
        return SandboxUnavailable(
            "box",
            f"{self.id} ended under us: {lost.why}{said}",
            hint="it was killed from outside or its life was over; run again",
        )

    def _bury(self) -> None:
        with self._guard:
            created = self._created
        # A box that is just being made is removed by the thread that makes it.
        if created:
            self._remove()
        if self._talk is not None:
            self._talk.hang_up()
            # closed under a thread that still reads, the descriptor's number could belong to another file by then
            with self._talking_lock:
                self._talk.close()

    def _remove(self) -> None:
        """Kill and remove the container, and see it gone. A box that cannot be removed is left to the reaper."""
        api = self._client.api
        give_up = time.monotonic() + _REMOVING
        try:
            while time.monotonic() < give_up:
                try:
                    api.remove_container(self.id, v=True, force=True)
                except NotFound:
                    return
                except APIError as error:
                    if error.status_code != 409:
                        raise
                    # the engine is already removing it
                    with suppress(NotFound):
                        api.wait(self.id, timeout=_REMOVING, condition="removed")
                    time.sleep(0.01)
        except (DockerException, RequestException, OSError) as error:
            # one that never began to talk was most likely never made
            tell = log.debug if self._talk is None else log.warning
            tell("box_not_removed", box=self.id, error=str(error)[:300])


def _require_folder(command: Command) -> None:
    reason = why_unsafe(command.cwd.removesuffix("/")) if command.cwd != "." else None
    if reason:
        raise UnsafePath("box", f"the folder {command.cwd[:200]!r} {reason}", hint=f"use a path relative to {WORK}")


def _engine_time(text: str) -> int:
    """Seconds since 1970 of the engine's RFC 3339 time, which may have nine decimals."""
    whole, _, rest = text.partition(".")
    return int(dt.datetime.fromisoformat(whole + rest.lstrip("0123456789")).timestamp())


def _finite(events: Iterator[object]) -> Iterator[object]:
    try:
        yield from events
    finally:
        close = getattr(events, "close", None)
        if close:
            close()

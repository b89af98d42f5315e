"""A peer as a contender: its driver runs under another interpreter and is spoken to in JSON lines."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import JsonValue, ValidationError

import engine
from engine.domain import Value
from engine.speed.contender import BOTH, GIVE_UP, PLAIN_PYTEST, Answer, NotMeasured, passed_tests, to_the_end
from engine.speed.engine_room import EngineRoom
from engine.speed.peers.image import image_with
from engine.speed.suites import Suite
from sandboxes.hardening import DEADLINE_LABEL, LABEL, OWNER_LABEL

ENVIRONMENT = Path(engine.__file__).resolve().parent.parent / ".peers"
"""Made by `make bench-peers`; it holds an interpreter with the peers, and what they need inside a container."""
_SHELL = " ".join(f"export {name}={value};" for name, value in PLAIN_PYTEST.items())


class Told(Value):
    """What a driver says, one line each."""

    ready: bool = False
    """What is done once is done; the first line alone says so."""
    unavailable: str = ""
    seconds: float = 0.0
    exit_code: int = -1
    output: str = ""


class Peer:
    """*driver* names a program beside this file, *mode* the way in which it uses its library."""

    def __init__(
        self, room: EngineRoom, *, name: str, about: str, driver: str, mode: str, inside: str | None = None
    ) -> None:
        self.name = name
        self.about = about
        self._room = room
        self._driver = Path(__file__).with_name(f"{driver}_driver.py")
        self._mode = mode
        self._inside = inside
        """A folder of `ENVIRONMENT` that the peer has to find inside of its containers."""
        self._process: subprocess.Popen[str] | None = None

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        python = ENVIRONMENT / "bin" / "python"
        if not python.is_file():
            raise NotMeasured("not installed: make bench-peers")
        with image_with(self._room, None if self._inside is None else ENVIRONMENT / self._inside) as image:
            try:
                await to_the_end(lambda: self._start(python, image))
                yield
            finally:
                await to_the_end(self._stop)

    async def answer(self, suite: Suite) -> Answer:
        asked: dict[str, JsonValue] = {"files": dict(suite.together), "shell": f"{_SHELL} {BOTH}"}
        told = await to_the_end(lambda: self._ask(asked))
        if told.unavailable:
            raise NotMeasured(told.unavailable)
        return Answer(
            seconds=told.seconds, green=told.exit_code == 0, passed=passed_tests(told.output), said=told.output[-300:]
        )

    async def settle(self) -> None:
        """What a driver does off the path is done before it takes the next request; half a second is enough for it."""
        await asyncio.sleep(0.5)

    def _start(self, python: Path, image: str) -> None:
        labels = {LABEL: "box", OWNER_LABEL: self._room.owner, DEADLINE_LABEL: "0"}
        # In a session of its own: an interrupt from the terminal is ours to answer.
        self._process = subprocess.Popen(
            [str(python), "-I", str(self._driver), self._mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        told = self._ask({"image": image, "labels": {**labels}})
        if not told.ready:
            raise NotMeasured(told.unavailable or "its driver did not start")

    def _ask(self, asked: Mapping[str, JsonValue]) -> Told:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise NotMeasured("its driver was not started")
        # A driver that says nothing is ended, which ends the waiting for its line.
        clock = threading.Timer(GIVE_UP, process.kill)
        clock.start()
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            return Told.model_validate_json(process.stdout.readline())
        except (OSError, ValidationError) as error:
            raise NotMeasured(f"its driver broke off or did not answer within {GIVE_UP} s") from error
        finally:
            clock.cancel()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def peers(room: EngineRoom) -> tuple[Peer, ...]:
    """All of them, installed here or not."""
    own = "with its own settings, on our image"
    return (
        Peer(
            room,
            name="llm-sandbox, new session",
            about=f"llm-sandbox {own}: a new session for each request, files copied in",
            driver="llm_sandbox",
            mode="session",
        ),
        Peer(
            room,
            name="llm-sandbox, pool",
            about=f"llm-sandbox {own}: a pool whose containers are used again by other requests",
            driver="llm_sandbox",
            mode="pool",
        ),
        Peer(
            room,
            name="SWE-ReX, new",
            about=f"SWE-ReX {own}: a new deployment for each request, files uploaded",
            driver="swe_rex",
            mode="new",
            inside="inside",
        ),
        Peer(
            room,
            name="SWE-ReX, kept",
            about=f"SWE-ReX {own}: one deployment for all requests, which share it",
            driver="swe_rex",
            mode="kept",
            inside="inside",
        ),
    )

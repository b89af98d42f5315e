"""Docker as people use it by hand: a container for each request, or one that is kept and entered again and again."""

from __future__ import annotations

import io
import secrets
import subprocess
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from docker.errors import DockerException

from engine.speed import plain_engine
from engine.speed.contender import BOTH, GIVE_UP, PLAIN_PYTEST, Answer, NotMeasured, passed_tests, to_the_end
from engine.speed.engine_room import EngineRoom
from engine.speed.flags import hardened, run_flags
from engine.speed.suites import Suite

_WORK = "/box/speed"
_PLAIN = " ".join(f"{name}={value}" for name, value in PLAIN_PYTEST.items())
_FOREVER = "while sleep 3600; do :; done"


class Containers:
    """What both ways share: the box's hardening, a tar of the files on stdin, and one line for a shell."""

    name: str
    about: str

    def __init__(self, room: EngineRoom) -> None:
        self._room = room
        self._how = "the docker command" if room.command else "the docker package for Python, as there is no command"
        self._limits = room.settings.limits.model_copy(update={"seconds": 3_600.0})

    async def answer(self, suite: Suite) -> Answer:
        return await to_the_end(lambda: self._answer(suite))

    async def settle(self) -> None:
        await to_the_end(self._clear)

    def _answer(self, suite: Suite) -> Answer:
        started = time.perf_counter()
        exit_code, said = self._work(packed(suite.together))
        return Answer(
            seconds=time.perf_counter() - started, green=exit_code == 0, passed=passed_tests(said), said=said[-300:]
        )

    def _work(self, archive: bytes) -> tuple[int, str]:
        raise NotImplementedError

    def _clear(self) -> None:
        raise NotImplementedError

    def _run(self, shell: str, *, folder: Path, detached: bool = False) -> tuple[list[str], str]:
        """The command that makes a hardened container and runs *shell* in it, and the container's name."""
        made = self._made(shell)
        flags = ["--detach"] if detached else ["--interactive"]
        argv = [*self._docker, "run", "--rm", "--pull", "never", *flags, *run_flags(made, folder=folder)]
        return [*argv, "--entrypoint", "/bin/sh", self._room.image, "-c", shell], str(made["name"])

    def _made(self, shell: str) -> dict[str, Any]:
        name, settings = f"mendbox-speed-{secrets.token_hex(6)}", self._room.settings
        made = hardened(
            self._room.client.api,
            name=name,
            image=self._room.image,
            limits=self._limits,
            owner=self._room.owner,
            runtime=settings.runtime,
        )
        return made | {"entrypoint": ["/bin/sh"], "command": ["-c", shell]}

    @property
    def _docker(self) -> list[str]:
        return [self._room.command or "docker"]


class DockerRun(Containers):
    """A container that is made for one request and removed."""

    def __init__(self, room: EngineRoom) -> None:
        super().__init__(room)
        self.name = "docker run --rm"
        self.about = f"a hardened container for each request, files in on stdin, by {self._how}"
        self._scratch = tempfile.TemporaryDirectory(prefix="mendbox-speed-")

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        with self._scratch:
            yield

    def _work(self, archive: bytes) -> tuple[int, str]:
        shell = _in_folder(_WORK)
        if self._room.command is None:
            return plain_engine.run(self._room.client.api, self._made(shell), archive)
        argv, name = self._run(shell, folder=Path(self._scratch.name))
        try:
            return said_by(argv, archive)
        except NotMeasured:
            with suppress(DockerException):
                self._room.client.api.remove_container(name, force=True, v=True)
            raise

    def _clear(self) -> None:
        """Nothing: the command comes back when the container is gone."""


class DockerExec(Containers):
    """One container for all requests, in which everything that they leave behind meets: no isolation between them."""

    def __init__(self, room: EngineRoom) -> None:
        super().__init__(room)
        self.name = "docker exec"
        self.about = f"one hardened container kept for all requests, which share it, files in on stdin, by {self._how}"
        self._kept = ""
        self._number = 0

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="mendbox-speed-") as scratch:
            try:
                await to_the_end(lambda: self._keep(Path(scratch)))
                yield
            finally:
                await to_the_end(self._remove)

    def _keep(self, scratch: Path) -> None:
        if self._room.command is None:
            made = self._made(_FOREVER)
            self._kept = str(made["name"])
            self._room.client.api.create_container(**made)
            self._room.client.api.start(self._kept)
            return
        argv, self._kept = self._run(_FOREVER, folder=scratch, detached=True)
        exit_code, said = said_by(argv, b"")
        if exit_code != 0:
            raise NotMeasured(f"docker run did not start the container to keep: {said[-300:]}")

    def _remove(self) -> None:
        with suppress(DockerException):
            self._room.client.api.remove_container(self._kept, force=True, v=True)

    def _work(self, archive: bytes) -> tuple[int, str]:
        self._number += 1
        shell = _in_folder(f"{_WORK}-{self._number}")
        if self._room.command is None:
            return plain_engine.enter(self._room.client.api, self._kept, shell, archive)
        return said_by([*self._docker, "exec", "--interactive", self._kept, "/bin/sh", "-c", shell], archive)

    def _clear(self) -> None:
        shell = f"rm -rf {_WORK}-*"
        if self._room.command is None:
            plain_engine.enter(self._room.client.api, self._kept, shell, b"")
        else:
            said_by([*self._docker, "exec", self._kept, "/bin/sh", "-c", shell], b"")


def _in_folder(folder: str) -> str:
    """The line for a shell that has the files on its stdin."""
    return f"export {_PLAIN}; mkdir {folder} && cd {folder} && tar -xf - && {BOTH}"


def packed(files: Mapping[str, str]) -> bytes:
    """A tar of *files*, which is what a container takes on its stdin."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def said_by(argv: list[str], stdin: bytes) -> tuple[int, str]:
    """Exit code, and both output streams together. Raises `NotMeasured` where it does not end in time."""
    try:
        # In a session of its own: an interrupt from the terminal is ours to answer.
        done = subprocess.run(
            argv,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=GIVE_UP,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(f"no answer within {GIVE_UP} s") from error
    return done.returncode, done.stdout.decode("utf-8", "replace")

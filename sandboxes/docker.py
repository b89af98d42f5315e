"""Boxes made by a Docker Engine: one hardened container each, one stream to its first process, used once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self
from weakref import WeakSet

import docker
from docker import DockerClient

from . import owner as owners
from .base import Box, Limits
from .box import DockerBox
from .errors import SandboxUnavailable
from .failures import translated
from .hardening import container

ANSWERING = 20.0
"""Seconds an engine may take to say which protocol it speaks, before anything is asked of it."""
_CONNECTIONS = 256


def connect(*, timeout: float = 60.0) -> DockerClient:
    """A client for the engine that DOCKER_HOST names, or the usual one.

    Raises:
        SandboxUnavailable: No engine answers there.
    """
    with translated("reach the Docker Engine"):
        # each open box holds one connection of the pool
        client = docker.from_env(timeout=int(min(timeout, ANSWERING)), max_pool_size=_CONNECTIONS)
    client.api.timeout = int(timeout)
    return client


class DockerSandbox:
    """Makes boxes from *image*, a name or a digest that the engine has.

    Boxes are removed in the background; `aclose` (or ``async with``) waits until all of them are gone.
    *runtime* names an OCI runtime such as ``runsc``. *owner* is the label by which the reaper judges the maker.
    """

    def __init__(
        self, client: DockerClient, *, image: str, runtime: str | None = None, owner: str | None = None
    ) -> None:
        self._client = client
        self._image = image
        self._runtime = runtime
        self._owner = owner or owners.current().label
        self._digests: dict[str, str] = {}
        # One thread per open box at most; they are made when needed. Removal has its own, so that it never waits.
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="box")
        self._undertakers = ThreadPoolExecutor(8, thread_name_prefix="box-removal")
        self._open: WeakSet[DockerBox] = WeakSet()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox.open`."""
        box = await self.make(run_id=run_id, limits=limits)
        try:
            yield box
        finally:
            # no await: what a cancelled task awaits may be cut off again
            box.discard()

    async def make(self, *, run_id: str, limits: Limits) -> DockerBox:
        """A box nobody has used, which whoever asked for it has to `discard`; raises what `open` does."""
        if self._closed:
            raise SandboxUnavailable("docker", "this sandbox is closed", hint="make another one")
        box = DockerBox(self._client, self._threads, self._undertakers)
        self._open.add(box)
        try:
            await box.start(lambda: self._create(box, run_id, limits), limits)
        except BaseException:
            box.discard()
            raise
        return box

    async def aclose(self) -> None:
        """Kill the boxes that are still open, and wait until every box is removed. The client stays open."""
        self._closed = True
        for box in tuple(self._open):
            box.discard()
        await asyncio.shield(asyncio.to_thread(self._shut_down))

    def _shut_down(self) -> None:
        self._threads.shutdown(wait=True)
        self._undertakers.shutdown(wait=True)

    def _create(self, box: DockerBox, run_id: str, limits: Limits) -> str:
        """Make the container, not yet started; the digest of its image."""
        api = self._client.api
        name = limits.environment or self._image
        with translated(f"make a box from the image {name!r}"):
            if name not in self._digests:
                self._digests[name] = str(self._client.images.get(name).id)
            api.create_container(
                **container(
                    api,
                    name=box.id,
                    image=self._digests[name],
                    limits=limits,
                    runtime=self._runtime,
                    owner=self._owner,
                    run_id=run_id,
                )
            )
        return self._digests[name]

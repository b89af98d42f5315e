"""The Docker Engine as the contenders use it: a client, the image, boxes made on demand and boxes made beforehand."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from docker import DockerClient

from engine.ahead import prepare
from engine.settings import Settings
from engine.wiring import make_images, most_boxes
from sandboxes import owner
from sandboxes.base import Sandbox
from sandboxes.docker import DockerSandbox, connect
from sandboxes.hardening import LABEL, OWNER_LABEL
from sandboxes.pool import WarmPool
from sandboxes.reaper import reap

READY = 2
"""Boxes that the warm pool of the bench keeps ready."""


@dataclass(frozen=True)
class EngineRoom:
    """Open; nothing of it is left when it is closed."""

    client: DockerClient
    image: str
    """Name and tag."""
    settings: Settings
    cold: Sandbox
    """Makes a box when it is asked for one."""
    pool: WarmPool
    """Has boxes ready before they are asked for."""
    owner: str
    """Label by which everything that this process made is found again."""
    command: str | None
    """The docker command, where there is one."""

    @property
    def version(self) -> str:
        return str(self.client.version()["Version"])

    async def refilled(self, *, seconds: float = 60.0) -> None:
        """Wait until the pool has made up for the boxes that were taken, so that this is nobody else's load."""
        end = time.monotonic() + seconds
        stock = self.pool.stock
        while stock.asked_for and stock.ready < READY and time.monotonic() < end:  # noqa: ASYNC110  (the pool tells nobody)
            await asyncio.sleep(0.01)

    def containers(self) -> int:
        """Containers of this process that there are, whichever part of it made them."""
        ours = [LABEL, f"{OWNER_LABEL}={self.owner}"]
        return len(self.client.api.containers(all=True, filters={"label": ours}))

    @asynccontextmanager
    async def another_pool(self) -> AsyncIterator[WarmPool]:
        """One that is closed again, with every box that it made."""
        async with _pool(self.client, self.image, self.settings) as pool:
            yield pool

    def clear(self) -> None:
        """Remove what contenders left that were killed or broke down."""
        ours = [LABEL, f"{OWNER_LABEL}={self.owner}"]
        for container in self.client.containers.list(all=True, filters={"label": ours}, ignore_removed=True):
            container.remove(force=True, v=True)


@asynccontextmanager
async def engine_room(settings: Settings, tell: Callable[[str], None]) -> AsyncIterator[EngineRoom]:
    """Find the engine and the image, which is built where it is not there.

    Raises:
        SandboxUnavailable: No engine answers.
        ImageMissing: There is no image and it could not be built.
    """
    client = await asyncio.to_thread(connect)
    try:
        await asyncio.to_thread(reap, client)
        image = await make_images(settings).ensure(lambda progress: tell(f"sandbox image: {progress.line}"))
        sandbox = DockerSandbox(client, image=image.reference, runtime=settings.runtime)
        pool = _pool(client, image.reference, settings)
        room = EngineRoom(
            client=client,
            image=image.reference,
            settings=settings,
            cold=sandbox,
            pool=pool,
            owner=owner.current().label,
            command=shutil.which("docker"),
        )
        try:
            yield room
        finally:
            await asyncio.gather(pool.aclose(), sandbox.aclose())
            await asyncio.shield(asyncio.to_thread(room.clear))
    finally:
        client.close()


def _pool(client: DockerClient, image: str, settings: Settings) -> WarmPool:
    """As a server of ours has it, with every box prepared. The pool closes the sandbox that makes its boxes."""
    maker = DockerSandbox(client, image=image, runtime=settings.runtime)
    return WarmPool(maker, target=READY, most=most_boxes(settings), prepare=prepare)

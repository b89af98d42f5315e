"""Boxes, images and environments: the place where their concrete classes are picked. Who takes part is in `engine.casting`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import platformdirs

from engine.logs import get_log, route_structlog
from engine.settings import Settings
from sandboxes.asking import digest_at_socket
from sandboxes.base import Box, Limits
from sandboxes.errors import SandboxError
from sandboxes.recipe import read_recipe

if TYPE_CHECKING:
    from docker import DockerClient

    from sandboxes.environments.environments import Environments
    from sandboxes.images import BuildProgress, Images
    from sandboxes.pool import WarmPool
    from sandboxes.trial_builds import TrialBuilds

log = get_log(__name__)


class OnDemand:
    """The Docker sandbox behind a pool, made when the first box is asked for: engine found, image present, orphans removed.

    *waiting* is told the id of a run that waits for a box, and how many runs are before it; None when it waits no longer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        notify: Callable[[str], None],
        waiting: Callable[[str, int | None], None] = lambda _run, _before: None,
    ) -> None:
        self._settings = settings
        self._notify = notify
        self._waiting = waiting
        self._lock = asyncio.Lock()
        self._client: DockerClient | None = None
        self._made: WarmPool | None = None
        self._expected = 0
        self._digests: dict[str, str] = {}
        self._warming: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox`, and `sandboxes.pool.WarmPool` for *tenant*."""
        pool = await self._pool()
        async with pool.open(run_id=run_id, limits=limits, tenant=tenant) as box:
            yield box

    def warm(self) -> None:
        """Begin to make the boxes that are kept ready. Where there is no engine yet, the first `open` tries again."""
        if self._warming is None:
            self._warming = asyncio.create_task(self._warm(), name="warm up")

    async def filled(self) -> None:
        """Wait until the boxes that are kept ready stand there; at once where none are kept, or none can be made."""
        if self._settings.pool:
            with suppress(SandboxError):
                pool = await self._pool()
                pool.warm(self._settings.limits)
                await pool.stock.filled()

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        """Begin to make the first box, which is about to be asked for, unless boxes are kept ready anyway.

        The task ends when the making has begun. It raises nothing: whoever asks for the box is told what is wrong.
        """
        if self._warming is None:
            self._warming = asyncio.create_task(self._begin(limits), name="begin a box")
        return self._warming

    def expect(self, boxes: int) -> None:
        """A run begins that will ask for so many boxes after its first one: each is made while the one before is used."""
        if self._made is None:
            self._expected += boxes
        else:
            self._made.stock.expect(boxes)

    async def image(self, environment: str = "") -> str:
        """Digest of the image that boxes of *environment* are made from, asked of the engine once; empty while it has none.

        *environment* as in `sandboxes.base.Limits`: the usual image where it is empty.

        Nothing is built and no box is made.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        digest = self._digests.get(environment)
        digest = digest or await digest_at_socket(environment or image_reference(self._settings))
        if not digest:
            named = self._settings.model_copy(update={"image": environment or self._settings.image})
            found = await make_images(named).find()
            digest = found.digest if found else ""
        self._digests[environment] = digest
        return digest

    async def close(self) -> None:
        """Remove what boxes are left, and close the connection to the engine."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()
        if self._client is not None:
            self._client.close()

    async def _warm(self) -> None:
        try:
            pool = await self._pool()
            pool.warm(self._settings.limits)
        except SandboxError as error:
            log.warning("not_warmed_up", error=error.what, hint=error.hint)

    async def _begin(self, limits: Limits) -> None:
        with suppress(SandboxError):
            pool = await self._pool()
            if not self._settings.pool:
                pool.stock.expect(1)
                pool.warm(limits)

    async def _pool(self) -> WarmPool:
        async with self._lock:
            self._made = self._made or await self._make()
            return self._made

    async def _make(self) -> WarmPool:
        # A command that opens no box need not pay for these imports.
        from engine.ahead import prepare  # noqa: PLC0415
        from sandboxes.docker import DockerSandbox, connect  # noqa: PLC0415
        from sandboxes.pool import WarmPool  # noqa: PLC0415
        from sandboxes.reaper import reap  # noqa: PLC0415

        route_structlog()
        if self._client is None:
            self._client = await asyncio.to_thread(connect)
        client = self._client
        await asyncio.to_thread(reap, client)
        image = await make_images(self._settings).ensure(self._tell)
        kept = self._settings.pool
        return WarmPool(
            DockerSandbox(client, image=image.reference, runtime=self._settings.runtime),
            target=1 if kept is None else kept,
            ahead=self._expected if kept is None else None,
            most=most_boxes(self._settings),
            runs=self._settings.parallel_runs,
            prepare=prepare,
            waiting=self._waiting,
        )

    def _tell(self, progress: BuildProgress) -> None:
        self._notify(f"sandbox image: {progress.line}")


def most_boxes(settings: Settings) -> int:
    """As many as the settings say, else what keeps every core busy beside those that are kept ready, and fits the memory.

    The memory is this machine's: where the engine is another machine's, ``MENDBOX_BOXES`` has to say.
    """
    if settings.boxes is not None:
        return settings.boxes
    cores = os.cpu_count() or 1
    mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    # a run has two boxes at a time
    return max(2, min(2 * (cores + 1), mib * 3 // 4 // settings.memory_mib))


def image_reference(settings: Settings) -> str:
    """Name of the image that boxes are made from: the ready one of the settings, or that of our recipe."""
    return settings.image or read_recipe(settings.base_image, programs=box_programs()).tag


def make_images(settings: Settings) -> Images:
    """The images of ours on the engine that the settings name."""
    from sandboxes.images import Images  # noqa: PLC0415 (as above)

    return Images(
        cache=Path(platformdirs.user_cache_dir("mendbox", appauthor=False)),
        image=settings.image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        programs=box_programs,
    )


def make_node_images(settings: Settings) -> Images:
    """The image with Node.js and a browser (`sandboxes.web`), which is made from our recipe where nobody has it yet."""
    from sandboxes.images import Images  # noqa: PLC0415 (as above)
    from sandboxes.web import node_cache, node_recipe  # noqa: PLC0415 (as above)

    return Images(
        cache=node_cache(Path(platformdirs.user_cache_dir("mendbox", appauthor=False))),
        image=settings.node_image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        recipe=node_recipe(read_recipe(settings.base_image, programs=box_programs())),
    )


def make_environments(settings: Settings, *, node: bool = False) -> Environments:
    """Images with the packages that projects need, over the one that the settings name; with *node* over that with
    Node.js and a browser, so that one box has both.
    """
    from sandboxes.environments.environments import Environments  # noqa: PLC0415 (as above)

    return Environments(
        cache=Path(platformdirs.user_cache_dir("mendbox", appauthor=False)),
        image=settings.node_image if node else settings.image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        programs=box_programs,
        most_mib=settings.envs_mib,
        runtime=settings.runtime,
        node=node,
    )


def make_trial_builds() -> TrialBuilds:
    """Who really builds the images of a project, for those who ask for it; steps of a build have no network."""
    from sandboxes.docker import connect  # noqa: PLC0415 (as above)
    from sandboxes.trial_builds import TrialBuilds  # noqa: PLC0415 (as above)

    return TrialBuilds(connect)


@cache
def box_programs() -> Mapping[str, bytes]:
    """Sources of ours whose bytecode the image is to hold, by path below a box's tools folder: the judge's, and the
    packages of the search and of the improver.
    """
    from agents.offline.improving.toolbox import tools as improving  # noqa: PLC0415 (as above)
    from agents.offline.toolbox import tools as searching  # noqa: PLC0415 (as above)
    from engine.checks.base import inside_programs  # noqa: PLC0415 (as above)

    # The few files beside a package have one name in all, and are not worth it.
    packages = {
        path: text.encode() for tools in (searching(), improving()) for path, text in tools.items() if "/" in path
    }
    return MappingProxyType(inside_programs() | packages)

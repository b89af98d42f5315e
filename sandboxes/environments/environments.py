"""Environments: found at once where they are there, else made once, by whoever comes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sandboxes.asking import Inspected, inspected_at_socket
from sandboxes.environments.compiler import compiler_recipe
from sandboxes.environments.contents import Contents
from sandboxes.environments.identity import LABEL, Plan, key_of, parts_tag, read_plan, tag
from sandboxes.environments.node_layers import layers
from sandboxes.environments.uses import LastUse
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from sandboxes.programs import Log
from sandboxes.recipe import Recipe, read_recipe
from sandboxes.web import node_cache, node_recipe

if TYPE_CHECKING:
    # They need the docker package, whose import takes longer than to find an environment.
    from docker import DockerClient

    from sandboxes.environments.making import Making
    from sandboxes.environments.store import Kept
    from sandboxes.images import Images

T = TypeVar("T")


Tell = Callable[[str], None]


class Environments:
    """Makes, finds and removes environments; making an instance touches neither disk nor engine.

    Args:
        cache: Folder for locks, last uses and what is half-made.
        image, base_image, debian_mirror, programs: As `sandboxes.images.Images` has them: what environments stand on.
        most_mib: What all of them together may take; those used longest ago go first.
        runtime: OCI runtime of the boxes in which source distributions are built.
        node: Whether they stand on the image with Node.js and a browser (`sandboxes.web`) in place of the usual one. Where
            nothing more is wanted, that image itself is the environment, and is made where it is not there.
    """

    def __init__(
        self,
        *,
        cache: Path,
        image: str | None = None,
        base_image: str = "debian:trixie-slim",
        debian_mirror: str | None = None,
        programs: Callable[[], Mapping[str, bytes]] = dict,
        most_mib: int = 10_000,
        runtime: str | None = None,
        node: bool = False,
    ) -> None:
        self._cache = cache
        self._ready = image
        self._base_image = base_image
        self._mirror = debian_mirror
        self._programs = programs
        self._most_mib = most_mib
        self._runtime = runtime
        self._node = node

    @cached_property
    def _usual(self) -> Recipe:
        return read_recipe(self._base_image, programs={} if self._ready else self._programs())

    @cached_property
    def _recipe(self) -> Recipe:
        """Of the image that they stand on, but for those that need a compiler in their boxes."""
        return node_recipe(self._usual) if self._node else self._usual

    @cached_property
    def _compiler(self) -> Recipe:
        return compiler_recipe(self._usual)

    async def find(self, wanted: Wanted) -> Environment | None:
        """The environment, where the engine has it. Neither pip nor any network is asked.

        Raises:
            Unresolved: What is wanted can be had by nobody, as can be told from the lines alone.
            SandboxUnavailable: No engine answers.
        """
        plan = self._read(wanted)
        if wanted.node:
            last = layers(wanted.node, self._stands_on(plan))[-1]
            return await self._find_named(last.key, last.name)
        return await self._find_bare() if wanted.nothing else await self._find(plan)

    async def ensure(self, wanted: Wanted, on_progress: Tell = lambda _: None) -> Environment:
        """The environment, found or made; whoever else wants the same meanwhile waits for it.

        Raises:
            Unresolved: The requirements are why there is none.
            ImageMissing: The image it stands on is not there, and cannot be built.
            SandboxUnavailable: No engine or no index answers, or a disk is full.
        """
        began = time.monotonic()
        plan = self._read(wanted)
        if wanted.nothing:
            return await self._find_bare() or await self._make_bare(on_progress)
        found = await (self.find(wanted) if wanted.node else self._find(plan))
        if found is None:
            found = await (self._make_node(wanted, plan, on_progress) if wanted.node else self._make(plan, on_progress))
        return found.model_copy(update={"seconds": round(time.monotonic() - began, 3)})

    async def list(self) -> tuple[Kept, ...]:
        """Every environment on the engine, the one used last first.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        from sandboxes.environments.store import read_all  # noqa: PLC0415 (as above)

        return await self._on_engine(lambda client: read_all(client, self._uses))

    async def prune(self, *, older_days: float | None = None, everything: bool = False) -> tuple[str, ...]:
        """Remove what was not used for *older_days*, or all, or else what is beyond the bound; never what is in use.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        from sandboxes.environments.store import evict, read_all, remove, remove_broken  # noqa: PLC0415 (as above)

        def prune(client: DockerClient) -> tuple[str, ...]:
            removed: list[str] = []
            for kept in read_all(client, self._uses) if everything or older_days is not None else ():
                if everything or kept.used < time.time() - (older_days or 0) * 86_400:
                    removed += remove(client, kept, self._uses)
            removed += evict(client, self._uses, most_mib=self._most_mib)
            return (*removed, *remove_broken(client))

        return await self._on_engine(prune)

    def _read(self, wanted: Wanted) -> Plan:
        if self._node and (wanted.compiler or wanted.node):
            what = "a compiler in its boxes" if wanted.compiler else "a package.json of its own"
            raise Unresolved("not allowed", f"the image with Node.js and a browser is fixed: it cannot have {what}")
        return read_plan(wanted)

    async def _find_bare(self) -> Environment | None:
        """What it is where nothing more is wanted."""
        if not self._node:
            return Environment(reference="")
        found = await self._images.find()
        return Environment(reference=found.reference, digest=found.digest, size_mib=found.size_mib) if found else None

    async def _make_bare(self, on_progress: Tell) -> Environment:
        began = time.monotonic()
        made = await self._images.ensure(lambda progress: on_progress(progress.line))
        return Environment(
            reference=made.reference,
            digest=made.digest,
            size_mib=made.size_mib,
            built=True,
            seconds=round(time.monotonic() - began, 3),
        )

    async def _find(self, plan: Plan) -> Environment | None:
        key, name, _ = await self._named(plan)
        return await self._find_named(key, name)

    async def _find_named(self, key: str, name: str) -> Environment | None:
        found = await inspected_at_socket(name) or await self._inspect(name)
        if found is None:
            return None
        self._uses.note(key)
        return _describe(name, found)

    async def _make(self, plan: Plan, on_progress: Tell) -> Environment:
        from sandboxes.building import alone  # noqa: PLC0415 (as above)
        from sandboxes.environments.store import evict  # noqa: PLC0415 (as above)

        key, name, stands_on = await self._named(plan)
        log = Log(on_progress)

        def waiting() -> None:
            log.line("another run is making this environment; waiting for it")

        async with alone(self._folder / f"{key}.lock", waiting):
            if found := await self._find(plan):
                return found
            log.line("making an environment with what the project needs")
            await self._have_parts(stands_on, log)
            await self._making(key, log).make(plan, key, stands_on=stands_on, name=name)
            self._uses.note(key)
            await self._on_engine(lambda client: evict(client, self._uses, most_mib=self._most_mib, spare=key))
        made = await self._find(plan)
        if made is None:
            from sandboxes.errors import ImageMissing  # noqa: PLC0415 (only where something is wrong)

            raise ImageMissing("environments", f"{name} was made and is gone again", log=log.tail)
        return made.model_copy(update={"built": True})

    async def _make_node(self, wanted: Wanted, plan: Plan, on_progress: Tell) -> Environment:
        """Each of the layers that is not there, over the image of the boxes."""
        from sandboxes.building import alone  # noqa: PLC0415 (as above)
        from sandboxes.docker import connect  # noqa: PLC0415 (as above)
        from sandboxes.environments.node import NodeMaking  # noqa: PLC0415 (as above)
        from sandboxes.environments.store import evict  # noqa: PLC0415 (as above)

        log = Log(on_progress)
        await self._have_parts(self._stands_on(plan), log)
        found: Environment | None = None
        for layer in layers(wanted.node, self._stands_on(plan)):
            waiting = partial(log.line, "another run is making this environment; waiting for it")
            async with alone(self._folder / f"{layer.key}.lock", waiting):
                found = await self._find_named(layer.key, layer.name)
                if found is None:
                    making = NodeMaking(self._folder / layer.key, connect=connect, mirror=self._mirror, log=log)
                    await making.make(layer)
                    made = await self._find_named(layer.key, layer.name)
                    found = made.model_copy(update={"built": True}) if made else None
                    bounded = partial(evict, uses=self._uses, most_mib=self._most_mib, spare=layer.key)
                    await self._on_engine(bounded)
        if found is None:
            from sandboxes.errors import ImageMissing  # noqa: PLC0415 (only where something is wrong)

            raise ImageMissing("environments", "an environment was made and is gone again", log=log.tail)
        return found

    async def _named(self, plan: Plan) -> tuple[str, str, str]:
        """Key, name of the image, and name of what it stands on."""
        stands_on = self._stands_on(plan)
        known = stands_on
        if stands_on == self._ready:
            # its name may be given to another image at any time
            found = await inspected_at_socket(stands_on) or await self._inspect(stands_on)
            known = found.digest if found else stands_on
        key = key_of(plan, known)
        return key, tag(key, self._recipe) if self._recipe.programs else parts_tag(key), stands_on

    def _stands_on(self, plan: Plan) -> str:
        if plan.compiler:
            return self._compiler.tag
        return self._ready or (self._recipe.parts_tag if self._recipe.programs else self._recipe.tag)

    async def _have_parts(self, stands_on: str, log: Log) -> None:
        images = self._compiler_images if stands_on == self._compiler.tag else self._images
        await images.ensure_parts(lambda progress: log.line(progress.line))

    def _making(self, key: str, log: Log) -> Making:
        from sandboxes.docker import connect  # noqa: PLC0415 (as above)
        from sandboxes.environments.making import Making  # noqa: PLC0415 (as above)
        from sandboxes.environments.wheelwright import Wheelwright  # noqa: PLC0415 (as above)

        wheelwright = Wheelwright(self._folder / "wheels", images=self._compiler_images, runtime=self._runtime, log=log)
        return Making(
            self._folder / key,
            connect=connect,
            wheelwright=wheelwright,
            recipe=self._recipe,
            mirror=self._mirror,
            log=log,
        )

    @cached_property
    def _images(self) -> Images:
        from sandboxes.images import Images  # noqa: PLC0415 (as above)

        return Images(
            cache=node_cache(self._cache) if self._node else self._cache,
            image=self._ready,
            base_image=self._base_image,
            debian_mirror=self._mirror,
            recipe=None if self._ready else self._recipe,
        )

    @cached_property
    def _compiler_images(self) -> Images:
        from sandboxes.images import Images  # noqa: PLC0415 (as above)

        return Images(cache=self._folder / "compiler", debian_mirror=self._mirror, recipe=self._compiler)

    @property
    def _folder(self) -> Path:
        return self._cache / "environments"

    @cached_property
    def _uses(self) -> LastUse:
        return LastUse(self._folder / "used")

    async def _inspect(self, name: str) -> Inspected | None:
        """The same where the socket could not tell: an engine elsewhere, or one that has no such image."""
        from docker.errors import ImageNotFound  # noqa: PLC0415 (as above)

        def inspect(client: DockerClient) -> Inspected | None:
            try:
                return Inspected.model_validate(client.images.get(name).attrs)
            except ImageNotFound:
                return None

        return await self._on_engine(inspect)

    async def _on_engine(self, ask: Callable[[DockerClient], T]) -> T:
        from sandboxes.connecting import on_engine  # noqa: PLC0415 (as above)
        from sandboxes.docker import connect  # noqa: PLC0415 (as above)

        return await on_engine(connect, ask, doing="look after the environments")


def _describe(name: str, found: Inspected) -> Environment:
    contents = Contents.model_validate_json(found.labels.get(LABEL) or "{}")
    return Environment(
        reference=name,
        digest=found.digest,
        packages=contents.packages,
        plugins=contents.plugins,
        modules=contents.modules,
        size_mib=round(found.size / 2**20, 1),
    )

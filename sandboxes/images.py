"""The sandbox image on this engine: present or built, listed, pruned."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import docker
from docker.errors import APIError, ImageNotFound

from sandboxes.base import Value
from sandboxes.bases import Base, find_base
from sandboxes.building import add_file, add_laid_out, add_tree, alone, docker_build, has_image, remove_unfinished
from sandboxes.connecting import Connect, on_engine
from sandboxes.environments.compiler import compiler_recipe
from sandboxes.environments.npm import install_modules
from sandboxes.environments.program import cpu_of, lay_out_program
from sandboxes.environments.wanted import Unresolved
from sandboxes.errors import ImageMissing, SandboxUnavailable
from sandboxes.programs import Log, ProgramFailed
from sandboxes.recipe import (
    BASE_REPOSITORY,
    IMAGE_REPOSITORY,
    NODE_REPOSITORY,
    PARTS_REPOSITORY,
    Recipe,
    read_recipe,
)
from sandboxes.web import node_recipe
from sandboxes.wheels import lay_out

_ABANDONED_SECONDS = 900
"""Age from which an untagged image of ours is left behind, and not another process's build under way."""
ENVIRONMENTS = "mendbox/environment"
_OUR_TAG = re.compile(rf"(?:{IMAGE_REPOSITORY}|{NODE_REPOSITORY}|{PARTS_REPOSITORY}|{BASE_REPOSITORY}):[0-9a-f]{{12}}")

_T = TypeVar("_T")
_E = TypeVar("_E", bound=BaseException)


class Image(Value):
    """One image of ours on the engine."""

    reference: str
    """Name and tag, such as ``mendbox/python:0123456789ab``."""
    digest: str
    size_mib: float
    created: str
    """ISO 8601."""
    current: bool
    """Whether the recipe in force names it."""


class BuildProgress(Value):
    """One line about a build, for a person who waits."""

    seconds: float
    """Since the build began."""
    line: str


class Images:
    """Makes, finds and removes the images of ours; making an instance touches neither disk nor engine.

    Args:
        image: A ready image to use instead of the recipe's.
        base_image: Base to pull where a registry is in reach; ``none`` skips the registry.
        debian_mirror: Where Debian packages come from; the usual mirror where None.
        cache: Folder for the lock and for half-made builds.
        connect: Makes a client of the engine.
        programs: Gives the sources, by path below the tools folder, whose bytecode the image is to hold.
    """

    def __init__(
        self,
        *,
        cache: Path,
        image: str | None = None,
        base_image: str = "debian:trixie-slim",
        debian_mirror: str | None = None,
        connect: Connect = docker.from_env,
        recipe: Recipe | None = None,
        programs: Callable[[], Mapping[str, bytes]] = dict,
    ) -> None:
        self._cache = cache
        self._ready = image
        self._base_image = base_image
        self._mirror = debian_mirror
        self._connect = connect
        self._given_recipe = recipe
        self._programs = programs

    @cached_property
    def _recipe(self) -> Recipe:
        return self._given_recipe or read_recipe(self._base_image, programs=self._programs())

    @property
    def reference(self) -> str:
        """The image boxes are made from: the ready one, or the recipe's tag."""
        return self._ready or self._recipe.tag

    @cached_property
    def _in_force(self) -> frozenset[str]:
        """What the recipe names, and what the same recipe with a compiler does, and with Node.js."""
        recipes = [self._recipe]
        for made_of in (compiler_recipe, node_recipe):
            with contextlib.suppress(ImageMissing):
                recipes.append(made_of(self._recipe))
        named = (name for recipe in recipes for name in (recipe.tag, recipe.parts_tag, recipe.base_tag))
        return frozenset((self.reference, *named))

    async def find(self) -> Image | None:
        """The image in force, where the engine has it.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        return await self._on_engine(self._find)

    async def ensure(self, on_progress: Callable[[BuildProgress], None] = lambda _: None) -> Image:
        """The image in force: at once where the engine has it, else built; two processes build it once.

        Raises:
            ImageMissing: It could not be built; `log` holds the end of what the build said.
            SandboxUnavailable: No engine answers.
        """
        if found := await self.find():
            return found
        if self._ready:
            raise ImageMissing(
                "images",
                f"the engine has no image {self._ready!r}",
                hint=f"docker pull {self._ready}, or unset MENDBOX_IMAGE (of Node.js: MENDBOX_NODE_IMAGE)",
            )
        began = time.monotonic()
        log = Log(lambda line: on_progress(BuildProgress(seconds=time.monotonic() - began, line=line)))
        async with self._lock(log):
            # Another process may have built it while this one waited.
            return await self.find() or await self._build(log)

    async def ensure_parts(self, on_progress: Callable[[BuildProgress], None] = lambda _: None) -> str:
        """Name of what the image is without the programs of ours: for images that have more, and the programs over it.

        Raises:
            ImageMissing: It could not be built.
            SandboxUnavailable: No engine answers.
        """
        if self._ready or not self._recipe.programs:
            return (await self.ensure(on_progress)).reference
        tag = self._recipe.parts_tag
        if not await self._on_engine(lambda client: has_image(client, tag)):
            await self.ensure(on_progress)
        if not await self._on_engine(lambda client: has_image(client, tag)):
            # the image itself is there, and its parts have lost their name
            await self.rebuild(on_progress)
        return tag

    async def rebuild(self, on_progress: Callable[[BuildProgress], None] = lambda _: None) -> Image:
        """Build the recipe's image even where the engine has one, of parts that are made anew too; its base is kept.

        Raises:
            ImageMissing: It could not be built.
            SandboxUnavailable: No engine answers.
        """
        began = time.monotonic()
        log = Log(lambda line: on_progress(BuildProgress(seconds=time.monotonic() - began, line=line)))
        async with self._lock(log):
            return await self._build(log, anew=True)

    async def list(self) -> tuple[Image, ...]:
        """Every image of ours on the engine, newest first.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        return await self._on_engine(self._list)

    async def prune(self) -> tuple[str, ...]:
        """Remove images of ours that no recipe in force names and no container uses, and what broken builds left.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        async with self._lock(Log(lambda _: None)):
            return await self._on_engine(self._prune)

    async def _build(self, log: Log, *, anew: bool = False) -> Image:
        folder = self._cache / "building"
        # Only the holder of the lock makes this folder: one that is there was left by a build that was killed.
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build = secrets.token_hex(8)
        recipe = self._recipe
        try:
            if not recipe.programs:
                await self._build_parts(folder, recipe.tag, build, log)
            else:
                if anew or not await self._on_engine(lambda client: has_image(client, recipe.parts_tag)):
                    await self._build_parts(folder, recipe.parts_tag, build, log)
                await self._build_programs(folder, build, log)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            with contextlib.suppress(SandboxUnavailable):
                await self._on_engine(lambda client: remove_unfinished(client, build))
        if image := await self.find():
            return image
        raise ImageMissing("images", f"{recipe.tag} was built and is gone again", log=log.tail)

    async def _build_parts(self, folder: Path, tag: str, build: str, log: Log) -> None:
        """All but the programs, named *tag*."""
        architecture = await self._on_engine(lambda client: str(client.version()["Arch"]))
        base = await self._gather_parts(folder, architecture, log)
        context = await asyncio.to_thread(_pack, folder, self._recipe, base, self._mirror)
        log.line(f"building {tag}")
        arguments = {"BASE": base.reference, "BUILD": build, **(_proxies() if base.needs_network else {})}
        await self._on_engine(
            lambda client: docker_build(client, context, tag, arguments, log, network=base.needs_network)
        )

    async def _build_programs(self, folder: Path, build: str, log: Log) -> None:
        """The programs' bytecode, laid over the parts."""
        recipe = self._recipe
        context = await asyncio.to_thread(pack_programs, folder, recipe)
        log.line(f"building {recipe.tag}")
        arguments = {"PARTS": recipe.parts_tag, "BUILD": build}
        await self._on_engine(lambda client: docker_build(client, context, recipe.tag, arguments, log))

    async def _gather_parts(self, folder: Path, architecture: str, log: Log) -> Base:
        """Base and packages side by side: one waits mostly for a disk, the others for their index."""
        requirements = folder / "requirements.txt"
        requirements.write_bytes(self._recipe.python["requirements.txt"])
        try:
            async with asyncio.TaskGroup() as both:
                packages = both.create_task(lay_out(requirements, folder / "site", architecture=architecture, log=log))
                both.create_task(self._lay_out_node(folder, architecture, log))
                base = both.create_task(
                    find_base(
                        self._recipe,
                        connect=self._connect,
                        mirror=self._mirror,
                        architecture=architecture,
                        folder=folder,
                        log=log,
                    )
                )
        except* ImageMissing as group:
            raise _first(group) from group
        except* ProgramFailed as group:
            raise ImageMissing(
                "images",
                f"the packages of the image could not be had: {_first(group)}: {log.last_line}",
                hint="check pip and its index settings (pip config list)",
                log=log.tail,
            ) from group
        packages.result()
        return base.result()

    async def _lay_out_node(self, folder: Path, architecture: str, log: Log) -> None:
        if not self._recipe.node:
            return
        cpu = cpu_of(architecture)
        try:
            await install_modules(self._recipe.node, folder / "tree", cpu=cpu, log=log)
        except Unresolved as error:
            raise ImageMissing(
                "images",
                f"the packages for Node.js could not be had: {error.message}",
                hint="check npm and its registry settings (npm config list)",
                log=error.evidence,
            ) from error
        await lay_out_program(folder / "tree", folder, cpu=cpu, log=log)

    def _find(self, client: docker.DockerClient) -> Image | None:
        try:
            found = client.images.get(self.reference)
        except ImageNotFound:
            return None
        return self._describe(self.reference, found.attrs)

    def _list(self, client: docker.DockerClient) -> tuple[Image, ...]:
        ours = [
            self._describe(reference, found.attrs)
            for found in client.images.list(filters={"label": "mendbox"})
            for reference in found.tags
            # those of projects are listed, and bounded, by themselves
            if not reference.startswith(ENVIRONMENTS)
        ]
        return tuple(sorted(ours, key=lambda image: image.created, reverse=True))

    def _describe(self, reference: str, attrs: dict[str, object]) -> Image:
        return Image(
            reference=reference,
            digest=str(attrs["Id"]),
            size_mib=round(int(str(attrs["Size"])) / 2**20, 1),
            created=str(attrs["Created"]),
            current=reference in self._in_force,
        )

    def _prune(self, client: docker.DockerClient) -> tuple[str, ...]:
        shutil.rmtree(self._cache / "building", ignore_errors=True)
        removed = []
        for image in self._list(client):
            if image.current or not _OUR_TAG.fullmatch(image.reference):
                continue
            # The engine refuses while a container, running or stopped, is made from it: then it stays.
            with contextlib.suppress(APIError):
                client.images.remove(image.reference)
                removed.append(image.reference)
        removed += remove_unfinished(client, older_than=_ABANDONED_SECONDS)
        return tuple(removed)

    async def _on_engine(self, ask: Callable[[docker.DockerClient], _T]) -> _T:
        """Ask the engine in a thread; what keeps it from answering is one kind of error."""
        return await on_engine(self._connect, ask, doing="look after the sandbox image")

    @asynccontextmanager
    async def _lock(self, log: Log) -> AsyncIterator[None]:
        """Hold the only right to build and to prune among the processes that share the cache folder."""

        def waiting() -> None:
            log.line("another process is building the image; waiting for it")

        async with alone(self._cache / "images.lock", waiting):
            yield


def _pack(folder: Path, recipe: Recipe, base: Base, mirror: str | None) -> Path:
    """Write the build context as a tar file: root's, without times or modes of this machine."""
    context = folder / "context.tar"
    with tarfile.open(context, "w") as tar:
        for name, data in recipe.python.items():
            add_file(tar, name, data, executable=name.endswith(".sh"))
        add_tree(tar, "guest", recipe.guest)
        for path in sorted((folder / "site").rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                add_file(tar, name, path.read_bytes(), executable=os.access(path, os.X_OK))
        if recipe.node:
            add_laid_out(tar, "tree", folder / "tree")
        if base.needs_network:
            add_file(tar, "mirror", (mirror or "").encode())
            add_file(tar, "host-ca.pem", _host_certificates())
    return context


def pack_programs(folder: Path, recipe: Recipe) -> Path:
    """Write the build context for the programs, whose Dockerfile has the usual name there."""
    context = folder / "programs.tar"
    with tarfile.open(context, "w") as tar:
        add_file(tar, "Dockerfile", recipe.python["programs.Dockerfile"])
        add_tree(tar, "programs", recipe.programs)
    return context


def _proxies() -> dict[str, str]:
    """The host's proxy settings as build arguments of the names that an engine keeps out of an image's history."""
    names = ("http_proxy", "https_proxy", "no_proxy")
    return {name: os.environ[name] for low in names for name in (low, low.upper()) if os.environ.get(name)}


def _host_certificates() -> bytes:
    """The bundle this host was told to trust, where it was told; such as a proxy's that opens TLS."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = Path(os.environ.get(name, ""))
        if path.is_file():
            return path.read_bytes()
    return b""


def _first(group: BaseExceptionGroup[_E]) -> _E:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError  # a group is never empty

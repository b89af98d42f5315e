"""An environment's image, made: packages chosen, source distributions built, everything laid over the sandbox image."""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import docker

from sandboxes.building import docker_build, has_image, remove_unfinished
from sandboxes.connecting import Connect, on_engine
from sandboxes.environments.fetching import Pip
from sandboxes.environments.identity import LABEL, Plan, parts_tag
from sandboxes.environments.libraries import add_library
from sandboxes.environments.packing import pack_site
from sandboxes.environments.resolving import Resolving
from sandboxes.environments.site import OURS, lay_out_site
from sandboxes.environments.wheelwright import Wheelwright
from sandboxes.errors import SandboxUnavailable
from sandboxes.failures import translated
from sandboxes.images import pack_programs
from sandboxes.programs import Log
from sandboxes.recipe import Recipe, read_environments_recipe

_T = TypeVar("_T")
_BUILDS = "builds"
"""Holds the names by which what the engine keeps of a build under way is told apart."""


class Making:
    """Makes images of environments in *folder*, whose user holds the only right to make the one in question."""

    def __init__(
        self, folder: Path, *, connect: Connect, wheelwright: Wheelwright, recipe: Recipe, mirror: str | None, log: Log
    ) -> None:
        self._folder = folder
        self._mirror = mirror
        self._connect = connect
        self._wheelwright = wheelwright
        self._recipe = recipe
        self._log = log
        self._build = secrets.token_hex(8)

    async def make(self, plan: Plan, key: str, *, stands_on: str, name: str) -> None:
        """Make the image *name*, over *stands_on*; it is there as a whole or not at all.

        Raises:
            Unresolved: The requirements are why it cannot be.
            ImageMissing, SandboxUnavailable: Something of this machine is.
        """
        packages = parts_tag(key)
        left = await self._clear_away()
        try:
            with translated(f"work in {str(self._folder)!r}"):
                await asyncio.to_thread(self._begin, left)
            if not await self._on_engine(lambda client: has_image(client, packages)):
                await self._make_packages(plan, key, stands_on)
            await self._lay_programs(key, name)
        finally:
            await self._clear_away()

    def _begin(self, left: Sequence[str]) -> None:
        self._folder.mkdir(parents=True)
        # The engine may still be at work for one that was killed a moment ago: its leavings are looked for once more.
        (self._folder / _BUILDS).write_text("\n".join((*left, self._build)), encoding="ascii")

    async def _clear_away(self) -> Sequence[str]:
        """What builds left: this one at its end, before it one that was killed; their names. Nobody else works here."""
        builds: list[str] = []
        with contextlib.suppress(OSError, SandboxUnavailable):
            text = await asyncio.to_thread((self._folder / _BUILDS).read_text, encoding="ascii")
            builds = text.split()
            await self._on_engine(lambda client: [remove_unfinished(client, build) for build in builds])
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        return builds

    async def _make_packages(self, plan: Plan, key: str, stands_on: str) -> None:
        architecture = await self._on_engine(lambda client: str(client.version()["Arch"]))
        pip = Pip(self._folder, architecture=architecture, log=self._log)
        resolving = Resolving(pip, self._folder, self._wheelwright, log=self._log, judging=_judging(self._recipe))
        wheels = await resolving.wheels(plan)
        site = self._folder / "site"
        contents = await lay_out_site(pip, wheels, site, log=self._log)
        root = self._folder / "root"
        await asyncio.to_thread(root.mkdir)
        if await asyncio.to_thread(_needs_library, site):
            await add_library(
                root,
                connect=self._connect,
                base=stands_on,
                architecture=architecture,
                mirror=self._mirror,
                log=self._log,
                cache=self._folder.with_name("libraries"),
            )
        with translated("write down the packages"):
            context = await asyncio.to_thread(pack_site, self._folder, site, root, read_environments_recipe())
        self._log.line(f"building {parts_tag(key)}")
        labels = {
            "mendbox": "environment",
            LABEL: contents.model_dump_json(),
            f"{LABEL}.key": key,
            f"{LABEL}.on": stands_on,
        }
        arguments = {"PARTS": stands_on, "BUILD": self._build}
        await self._on_engine(
            lambda client: docker_build(client, context, parts_tag(key), arguments, self._log, labels=labels)
        )
        await asyncio.to_thread(context.unlink)

    async def _lay_programs(self, key: str, name: str) -> None:
        """The bytecode of our programs, over the packages; they change more often."""
        if name == parts_tag(key):
            return
        context = await asyncio.to_thread(pack_programs, self._folder, self._recipe)
        arguments = {"PARTS": parts_tag(key), "BUILD": self._build}
        await self._on_engine(lambda client: docker_build(client, context, name, arguments, self._log))

    async def _on_engine(self, ask: Callable[[docker.DockerClient], _T]) -> _T:
        return await on_engine(self._connect, ask, doing="make an environment")


def _needs_library(site: Path) -> bool:
    """Whether a compiled module names C++'s library, which many wheels count on and a small Debian does not have."""
    for path in site.rglob("*.so*"):
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content.find(b"libstdc++.so.6") >= 0:
                return True
    return False


def _judging(recipe: Recipe) -> dict[str, str]:
    """Versions of the image's own packages that stay in force whatever a project asks for."""
    locked = re.findall(r"(?m)^([\w.-]+)==(\S+)", recipe.python["requirements.txt"].decode())
    return {name: version for name, version in locked if name in OURS}

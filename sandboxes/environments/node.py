"""Node.js and a project's packages over the image of the boxes: everything is fetched by the host's own npm, so that its
registry, proxy, certificate and credential settings hold and stay outside; no script of a package is ever run.

Packages stand in ``/node_modules``: the root is a parent of every work folder, so both ``require`` and ``import`` look there
last.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import docker

from sandboxes.building import add_file, add_laid_out, docker_build, remove_unfinished
from sandboxes.connecting import Connect, on_engine
from sandboxes.environments.contents import Contents
from sandboxes.environments.identity import LABEL
from sandboxes.environments.libraries import add_library
from sandboxes.environments.node_layers import DOCKERFILE, NodeLayer
from sandboxes.environments.npm import install_modules
from sandboxes.environments.program import cpu_of, lay_out_program
from sandboxes.errors import SandboxUnavailable
from sandboxes.failures import translated
from sandboxes.programs import Log

_T = TypeVar("_T")


class NodeMaking:
    """Makes images in *folder*, whose user holds the only right to make the one in question."""

    def __init__(self, folder: Path, *, connect: Connect, mirror: str | None, log: Log) -> None:
        self._folder = folder
        self._connect = connect
        self._mirror = mirror
        self._log = log

    async def make(self, layer: NodeLayer) -> None:
        """Make its image; it is there as a whole or not at all.

        Raises:
            Unresolved: The manifest, or its lock, is why it cannot be.
            ImageMissing, SandboxUnavailable: Something of this machine is.
        """
        build = secrets.token_hex(8)
        # Only the holder of the right works here: what is there was left by somebody who was killed.
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        try:
            with translated(f"work in {str(self._folder)!r}"):
                await asyncio.to_thread(self._folder.mkdir, parents=True)
            contents = await self._lay_out(layer, self._folder / "tree")
            with translated("write down the packages"):
                context = await asyncio.to_thread(_pack, self._folder)
            labels = {LABEL: contents.model_dump_json(), f"{LABEL}.key": layer.key, f"{LABEL}.on": layer.stands_on}
            arguments = {"BASE": layer.stands_on, "BUILD": build}
            self._log.line(f"building {layer.name}")
            await self._on_engine(
                lambda client: docker_build(client, context, layer.name, arguments, self._log, labels=labels)
            )
        finally:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            with contextlib.suppress(SandboxUnavailable):
                await self._on_engine(lambda client: remove_unfinished(client, build))

    async def _lay_out(self, layer: NodeLayer, tree: Path) -> Contents:
        architecture = await self._on_engine(lambda client: str(client.version()["Arch"]))
        cpu = cpu_of(architecture)
        if layer.node:
            return Contents(packages=dict(await install_modules(layer.node, tree, cpu=cpu, log=self._log)))
        await lay_out_program(tree, self._folder, cpu=cpu, log=self._log)
        await add_library(
            tree,
            connect=self._connect,
            base=layer.stands_on,
            architecture=architecture,
            mirror=self._mirror,
            log=self._log,
        )
        return Contents()

    async def _on_engine(self, ask: Callable[[docker.DockerClient], _T]) -> _T:
        return await on_engine(self._connect, ask, doing="make an environment")


def _pack(folder: Path) -> Path:
    context = folder / "context.tar"
    with tarfile.open(context, "w") as tar:
        add_file(tar, "Dockerfile", DOCKERFILE)
        add_laid_out(tar, "tree", folder / "tree")
    return context

"""Where the base of the sandbox image comes from: this engine, a registry, or Debian packages."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.utils import parse_repository_tag

from sandboxes.base import Value
from sandboxes.connecting import Connect
from sandboxes.errors import ImageMissing
from sandboxes.programs import Log, ProgramFailed, run_program
from sandboxes.recipe import BASE_REPOSITORY, NO_REGISTRY, Recipe

_REGISTRY_SILENCE = 10
"""Seconds a registry may say nothing before Debian packages are taken instead."""
_BOOTSTRAP_SECONDS = 900.0


class Base(Value):
    """An image to build upon."""

    reference: str
    needs_network: bool
    """Whether the preparation still has to install Python into it."""


async def find_base(
    recipe: Recipe, *, connect: Connect, mirror: str | None, architecture: str, folder: Path, log: Log
) -> Base:
    """Have a base on the engine: one that is there, else pulled, else made from Debian packages in *folder*.

    Raises:
        ImageMissing: The registry says there is no such image, or no way to a base works here.
    """
    present = await asyncio.to_thread(_present, connect, recipe)
    if present is not None:
        return present
    if recipe.base_image != NO_REGISTRY and await asyncio.to_thread(_pull, connect, recipe.base_image, log):
        return Base(reference=recipe.base_image, needs_network=True)
    return await _bootstrap(recipe, connect=connect, mirror=mirror, architecture=architecture, folder=folder, log=log)


def _present(connect: Connect, recipe: Recipe) -> Base | None:
    with closing(connect()) as client:
        for reference, needs_network in ((recipe.base_image, True), (recipe.base_tag, False)):
            try:
                if reference != NO_REGISTRY:
                    client.images.get(reference)
                    return Base(reference=reference, needs_network=needs_network)
            except ImageNotFound:
                continue
    return None


def _pull(connect: Connect, reference: str, log: Log) -> bool:
    """Whether *reference* could be pulled; a registry out of reach is an answer, a wrong name is an error."""
    log.line(f"asking the registry for {reference}")
    name, tag = parse_repository_tag(reference)
    try:
        # The read time-out counts between two lines of progress, so a slow pull is not cut.
        with closing(connect(timeout=_REGISTRY_SILENCE)) as client:
            for event in client.api.pull(name, tag=tag or "latest", stream=True, decode=True):
                _tell(event, log)
                if error := event.get("error"):
                    log.line(f"registry: {error}")
                    return False
    except NotFound as error:
        raise ImageMissing(
            "images", f"the registry has no {reference!r}", hint="check MENDBOX_BASE_IMAGE, or set it to none"
        ) from error
    except (APIError, DockerException, requests.RequestException) as error:
        log.line(f"no registry in reach: {error}")
        return False
    return True


def _tell(event: dict[str, Any], log: Log) -> None:
    """*event* is one JSON object of the engine's progress stream."""
    if "progressDetail" not in event or not event["progressDetail"]:
        log.line(str(event.get("status", "")))


async def _bootstrap(
    recipe: Recipe, *, connect: Connect, mirror: str | None, architecture: str, folder: Path, log: Log
) -> Base:
    log.line("making a base from Debian packages")
    script = folder / "bootstrap.sh"
    script.write_bytes(recipe.base["bootstrap.sh"])
    tree = folder / "base.tar"
    try:
        await run_program(
            ("/bin/sh", str(script), str(tree), architecture, *([mirror] if mirror else [])),
            log=log,
            seconds=_BOOTSTRAP_SECONDS,
            # dpkg's own programs stand in sbin, which a person's PATH often lacks.
            env={"PATH": _with_sbin(), "LC_ALL": "C.UTF-8"},
        )
    except ProgramFailed as error:
        raise ImageMissing(
            "images",
            f"no registry in reach, and no base from Debian packages: {error.reason}: {log.last_line}",
            hint="let the engine reach a registry, or install mmdebstrap and debian-archive-keyring",
            log=log.tail,
        ) from error
    await asyncio.to_thread(_import, connect, tree, recipe.base_tag)
    tree.unlink()
    return Base(reference=recipe.base_tag, needs_network=False)


def _import(connect: Connect, tree: Path, tag: str) -> None:
    with closing(connect(timeout=300)) as client:
        client.api.import_image_from_file(
            str(tree), repository=BASE_REPOSITORY, tag=tag.rpartition(":")[2], changes=["LABEL mendbox=base"]
        )


def _with_sbin() -> str:
    return os.pathsep.join((os.environ.get("PATH", "/usr/bin:/bin"), "/usr/local/sbin", "/usr/sbin", "/sbin"))

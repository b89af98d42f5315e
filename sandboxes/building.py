"""Making one image on the engine: its context packed the same everywhere, its steps heard, its broken halves removed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import io
import os
import stat
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import docker
from docker.errors import APIError, ImageNotFound

from sandboxes.errors import ImageMissing
from sandboxes.programs import Log

_SILENCE = 600
"""Seconds between two lines of the engine's build before it counts as dead."""
_EPOCH = 1_700_000_000
"""Time stamp of every file in a build context, so that equal recipes make equal contexts."""
_RUN_ONLY = 0o711
"""Of a program that others may run and not read."""


def docker_build(
    client: docker.DockerClient,
    context: Path,
    tag: str,
    arguments: Mapping[str, str],
    log: Log,
    *,
    labels: Mapping[str, str] | None = None,
    network: bool = False,
) -> None:
    """Build what the tar file *context* says. It has its name *tag* when all of it is done, and not before.

    Raises:
        ImageMissing: A step failed; `log` holds the end of what was said.
    """
    with context.open("rb") as stream:
        for event in client.api.build(
            fileobj=stream,
            custom_context=True,
            tag=tag,
            rm=True,
            forcerm=True,
            # A step taken over from an earlier build goes when that one's image is removed, also under our hands.
            nocache=True,
            decode=True,
            timeout=_SILENCE,
            # Where a proxy is on the host's loopback, only the host's own network reaches it.
            network_mode="host" if network else "none",
            buildargs=dict(arguments),
            labels=dict(labels or {}),
            use_config_proxy=network,
        ):
            for line in str(event.get("stream", "")).splitlines():
                log.line(line)
            if error := event.get("error"):
                log.line(str(error))
                raise ImageMissing("images", f"building {tag} failed: {log.last_line}", log=log.tail)


def has_image(client: docker.DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


@asynccontextmanager
async def alone(lock: Path, waiting: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the only right to what *lock* stands for among all processes and tasks; *waiting* is called, once, where
    another holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        told = False
        while not _locked(handle):
            if not told:
                waiting()
                told = True
            await asyncio.sleep(0.2)
        yield


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_unfinished(client: docker.DockerClient, build: str | None = None, *, older_than: float = 0) -> list[str]:
    """Remove what one *build* of ours left untagged, or whatever of ours has been without a tag for that long."""
    removed = []
    label = f"mendbox.build={build}" if build else "mendbox"
    # Asked for as a list: one by one, each might be gone by the time it is asked for.
    for layer in client.api.images(filters={"label": label, "dangling": True}):
        if time.time() - int(layer["Created"]) < older_than:
            continue
        # What a container or another build still stands on is theirs to leave.
        with contextlib.suppress(APIError):
            client.api.remove_image(str(layer["Id"]))
            removed.append(str(layer["Id"]))
    return removed


def add_tree(tar: tarfile.TarFile, tree: str, files: Mapping[str, bytes]) -> None:
    tar.addfile(_entry(tree, kind=tarfile.DIRTYPE, executable=True))
    for name, data in files.items():
        add_file(tar, f"{tree}/{name}", data)


def add_file(tar: tarfile.TarFile, name: str, data: bytes, *, executable: bool = False) -> None:
    entry = _entry(name, executable=executable)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def add_path(tar: tarfile.TarFile, name: str, path: Path, *, executable: bool = False) -> None:
    """The same for a file that may be large: it is never in memory as a whole."""
    with path.open("rb") as file:
        entry = _entry(name, executable=executable)
        entry.size = os.fstat(file.fileno()).st_size
        tar.addfile(entry, file)


def add_laid_out(tar: tarfile.TarFile, name: str, folder: Path) -> None:
    """Add all of *folder* as *name*, links as links: root's, writable by nobody else, without times of this machine. A program
    that others may run and not read stays so.
    """
    tar.add(folder, arcname=name, filter=_made_ours)


def _made_ours(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The same; what is no file, folder or link stays outside."""
    if not (entry.isreg() or entry.isdir() or entry.issym()):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = _EPOCH
    executable = entry.isdir() or bool(entry.mode & stat.S_IXUSR)
    if not entry.isreg() or stat.S_IMODE(entry.mode) != _RUN_ONLY:
        entry.mode = 0o755 if executable else 0o644
    return entry


def _entry(name: str, *, kind: bytes = tarfile.REGTYPE, executable: bool = False) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.mode = 0o755 if executable else 0o644
    entry.mtime = _EPOCH
    return entry

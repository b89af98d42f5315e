"""C++'s library for programs that were made elsewhere: a base from a registry has it, one made of Debian packages may not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath

from docker.errors import NotFound

from sandboxes.connecting import Connect
from sandboxes.errors import ImageMissing
from sandboxes.failures import translated
from sandboxes.programs import Log, ProgramFailed, run_program

PACKAGE = "libstdc++6"
_TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
_SECONDS = 300.0


async def add_library(
    tree: Path,
    *,
    connect: Connect,
    base: str,
    architecture: str,
    mirror: str | None,
    log: Log,
    cache: Path | None = None,
) -> None:
    """Lay the library into *tree*, the root of what is copied over *base*, where that lacks it. What was fetched stays in
    *cache*.

    Raises:
        ImageMissing: It lacks it, and no Debian packages can be had here.
    """
    folder = PurePosixPath("usr/lib") / _TRIPLETS[architecture]
    if await asyncio.to_thread(_holds, connect, base, f"/{folder}/libstdc++.so.6"):
        return
    kept = cache / architecture if cache else None
    if kept is not None and kept.is_dir():
        await asyncio.to_thread(shutil.copytree, kept, tree, symlinks=True, dirs_exist_ok=True)
        return
    package = tree.with_name("library.tar")
    log.line(f"fetching {PACKAGE}")
    try:
        await run_program(
            (
                *("mmdebstrap", "--quiet", "--variant=extract", f"--architectures={architecture}"),
                *(f"--include={PACKAGE}", "trixie", str(package), *([mirror] if mirror else [])),
            ),
            log=log,
            seconds=_SECONDS,
            # dpkg's own programs stand in sbin, which a person's PATH often lacks.
            env={"PATH": f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"},
        )
    except ProgramFailed as error:
        raise ImageMissing(
            "node",
            f"the boxes lack {PACKAGE}, and it could not be had: {error.reason}: {log.last_line}",
            hint="install mmdebstrap and debian-archive-keyring, or let the engine reach a registry",
            log=log.tail,
        ) from error
    await asyncio.to_thread(_take, package, folder, tree)
    if kept is not None:
        await asyncio.to_thread(_keep, tree, kept)


def _keep(tree: Path, kept: Path) -> None:
    """Copy it so that it is there as a whole or not at all; another may have done the same meanwhile."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as made, contextlib.suppress(OSError):
        shutil.copytree(tree, Path(made) / "tree", symlinks=True)
        (Path(made) / "tree").rename(kept)


def _take(package: Path, folder: PurePosixPath, tree: Path) -> None:
    target = tree / folder
    target.mkdir(parents=True)
    with tarfile.open(package) as tar:
        for entry in tar:
            name = PurePosixPath(entry.name)
            if name.parent != folder or not name.name.startswith("libstdc++.so.6"):
                continue
            if entry.issym():
                (target / name.name).symlink_to(PurePosixPath(entry.linkname).name)
            elif (source := tar.extractfile(entry)) is not None:
                (target / name.name).write_bytes(source.read())
    package.unlink()


def _holds(connect: Connect, image: str, path: str) -> bool:
    """Whether *image* has *path*: looked up in a container that is never started."""
    with translated(f"look into the image {image!r}"), closing(connect()) as client:
        made = str(client.api.create_container(image, command=["none"])["Id"])
        try:
            client.api.get_archive(made, path)
        except NotFound:
            return False
        else:
            return True
        finally:
            client.api.remove_container(made, force=True)

"""Our image with a folder of Python packages added, for a peer whose server runs inside of its containers."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException

from engine.speed.contender import NotMeasured
from engine.speed.engine_room import EngineRoom
from sandboxes.hardening import LABEL, OWNER_LABEL

REPOSITORY = "mendbox/speed"
_PLACE = "opt/peer"
_PROGRAM = """#!/usr/bin/python3 -I
import sys
sys.path.insert(0, "/opt/peer")
from swerex.server import main
main()
"""
"""The server that SWE-ReX starts by this name; its packages are found by this program alone, and by no test."""


@contextmanager
def image_with(room: EngineRoom, packages: Path | None) -> Iterator[str]:
    """The name of an image that has *packages*, removed when the context ends; our own where there are none to add.

    Raises:
        NotMeasured: It cannot be made.
    """
    if packages is None:
        yield room.image
        return
    if not packages.is_dir():
        raise NotMeasured(f"{packages.name!r} is missing: make bench-peers")
    client, tag = room.client, secrets.token_hex(6)
    try:
        labels = {LABEL: "box", OWNER_LABEL: room.owner}
        made = client.api.create_container(room.image, labels=labels, network_disabled=True)["Id"]
        try:
            client.api.put_archive(made, "/", _packed(packages))
            client.api.commit(made, repository=REPOSITORY, tag=tag, changes=["USER root", "ENTRYPOINT []"])
        finally:
            client.api.remove_container(made, force=True, v=True)
    except DockerException as error:
        raise NotMeasured(f"no image with its packages could be made: {error}") from error
    name = f"{REPOSITORY}:{tag}"
    try:
        yield name
    finally:
        client.images.remove(name, force=True)


def _packed(folder: Path) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, arcname=_PLACE)
        entry = tarfile.TarInfo("usr/local/bin/swerex-remote")
        entry.size, entry.mode = len(_PROGRAM), 0o755
        tar.addfile(entry, io.BytesIO(_PROGRAM.encode()))
    return archive.getvalue()

"""The environments on this engine: described, listed, used last, and removed when there are too many."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.images import Image

from sandboxes.base import Value
from sandboxes.building import remove_unfinished
from sandboxes.environments.contents import Contents
from sandboxes.environments.identity import LABEL, REPOSITORY, TAG
from sandboxes.environments.uses import LastUse

GRACE_SECONDS = 3_600.0
"""How long an environment that was asked for stays whatever its size: a run may be between two of its boxes."""
_ABANDONED_SECONDS = 900


class Kept(Value):
    """One environment on the engine."""

    key: str
    references: tuple[str, ...]
    """Every name that stands for it, with and without the programs of ours."""
    size_mib: float
    """What it takes beside the image it stands on."""
    created: str
    """ISO 8601."""
    used: float
    """When it was last asked for, in seconds since 1970; when it was made, where nobody has noted that."""
    packages: Mapping[str, str] = {}


def read_all(client: docker.DockerClient, uses: LastUse) -> tuple[Kept, ...]:
    """Every environment, the one used last first."""
    found: dict[str, list[tuple[str, Image]]] = {}
    for image in client.images.list(filters={"label": f"{LABEL}.key"}):
        for reference in image.tags:
            if match := TAG.fullmatch(reference):
                found.setdefault(match["key"], []).append((reference, image))
    kept = [_describe(client, key, images, uses) for key, images in found.items()]
    return tuple(sorted(kept, key=lambda each: each.used, reverse=True))


def evict(client: docker.DockerClient, uses: LastUse, *, most_mib: float, spare: str = "") -> tuple[str, ...]:
    """Remove what was used longest ago until the rest takes *most_mib* at most; never *spare*, nor what is in use."""
    kept = read_all(client, uses)
    total = sum(each.size_mib for each in kept)
    removed: list[str] = []
    for each in reversed(kept):
        if total <= most_mib:
            break
        if each.key == spare or time.time() - each.used < GRACE_SECONDS:
            continue
        if names := remove(client, each, uses):
            removed += names
            total -= each.size_mib
    return tuple(removed)


def remove(client: docker.DockerClient, kept: Kept, uses: LastUse) -> tuple[str, ...]:
    """Remove one, with all its names; nothing of it where a container is made from it."""
    ids = {client.images.get(reference).id for reference in kept.references}
    if any(container.attrs.get("ImageID") in ids for container in client.containers.list(all=True, sparse=True)):
        return ()
    removed = []
    # those that stand on others first
    for reference in sorted(kept.references, key=lambda name: not name.startswith(f"{REPOSITORY}:")):
        with contextlib.suppress(APIError):
            client.images.remove(reference)
            removed.append(reference)
    uses.forget(kept.key)
    return tuple(removed)


def remove_broken(client: docker.DockerClient) -> tuple[str, ...]:
    """What broken builds left, long enough ago that it is no build under way."""
    return tuple(remove_unfinished(client, older_than=_ABANDONED_SECONDS))


def read_contents_label(labels: Mapping[str, str]) -> Contents:
    return Contents.model_validate_json(labels.get(LABEL) or "{}")


def _describe(client: docker.DockerClient, key: str, images: Iterable[tuple[str, Image]], uses: LastUse) -> Kept:
    images = list(images)
    newest = max((image for _, image in images), key=lambda image: str(image.attrs["Created"]))
    size = max(int(image.attrs["Size"]) for _, image in images)
    below = _size(client, newest.labels.get(f"{LABEL}.on", ""))
    created = str(newest.attrs["Created"])
    return Kept(
        key=key,
        references=tuple(sorted(reference for reference, _ in images)),
        size_mib=round(max(0, size - below) / 2**20, 1),
        created=created,
        used=uses.of(key) or _seconds(created),
        packages=read_contents_label(newest.labels).packages,
    )


def _size(client: docker.DockerClient, reference: str) -> int:
    try:
        return int(client.images.get(reference).attrs["Size"]) if reference else 0
    except ImageNotFound:
        return 0


def _seconds(created: str) -> float:

    return datetime.fromisoformat(created[:19]).replace(tzinfo=UTC).timestamp()

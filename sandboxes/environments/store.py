"""The environments on this engine: described, listed, used last, and removed when there are too many."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import docker
from docker.errors import APIError
from pydantic import BaseModel, Field

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
    digests: tuple[str, ...]
    size_mib: float
    """What it takes beside the image it stands on."""
    created: str
    """ISO 8601."""
    used: float
    """When it was last asked for, in seconds since 1970; when it was made, where nobody has noted that."""
    packages: Mapping[str, str] = {}


class _Listed(BaseModel):
    """What we need of the engine's list of images."""

    names: list[str] | None = Field(default=None, alias="RepoTags")
    labels: dict[str, str] | None = Field(default=None, alias="Labels")
    digest: str = Field(alias="Id")
    size: int = Field(alias="Size")
    created: float = Field(alias="Created")


def read_all(client: docker.DockerClient, uses: LastUse) -> tuple[Kept, ...]:
    """Every environment, the one used last first."""
    found: dict[str, list[tuple[str, _Listed]]] = {}
    for image in _listed(client, f"{LABEL}.key"):
        for reference in image.names or ():
            if match := TAG.fullmatch(reference):
                found.setdefault(match["key"], []).append((reference, image))
    sizes = {name: image.size for image in _listed(client, "mendbox") for name in image.names or ()}
    kept = [_describe(key, images, uses, sizes) for key, images in found.items()]
    return tuple(sorted(kept, key=lambda each: each.used, reverse=True))


def _listed(client: docker.DockerClient, label: str) -> list[_Listed]:
    return [_Listed.model_validate(image) for image in client.api.images(filters={"label": label})]


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
    if any(container["ImageID"] in kept.digests for container in client.api.containers(all=True)):
        return ()
    removed = []
    # those that stand on others first
    for reference in sorted(kept.references, key=lambda name: not name.startswith(f"{REPOSITORY}:")):
        with contextlib.suppress(APIError):
            client.api.remove_image(reference)
            removed.append(reference)
    uses.forget(kept.key)
    return tuple(removed)


def remove_broken(client: docker.DockerClient) -> tuple[str, ...]:
    """What broken builds left, long enough ago that it is no build under way."""
    return tuple(remove_unfinished(client, older_than=_ABANDONED_SECONDS))


def read_contents_label(labels: Mapping[str, str]) -> Contents:
    return Contents.model_validate_json(labels.get(LABEL) or "{}")


def _describe(key: str, images: list[tuple[str, _Listed]], uses: LastUse, sizes: Mapping[str, int]) -> Kept:
    newest = max((image for _, image in images), key=lambda image: image.created)
    labels = newest.labels or {}
    below = sizes.get(labels.get(f"{LABEL}.on", ""), 0)
    return Kept(
        key=key,
        references=tuple(sorted(reference for reference, _ in images)),
        digests=tuple(sorted({image.digest for _, image in images})),
        size_mib=round(max(0, max(image.size for _, image in images) - below) / 2**20, 1),
        created=datetime.fromtimestamp(newest.created, tz=UTC).isoformat(timespec="seconds"),
        used=uses.of(key) or newest.created,
        packages=read_contents_label(labels).packages,
    )

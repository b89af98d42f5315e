"""Boxes whose maker is gone: removed at the next start, and never anybody else's."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog
from docker import DockerClient
from docker.errors import APIError

from . import owner
from .failures import translated
from .hardening import DEADLINE_LABEL, LABEL, OWNER_LABEL

log = structlog.get_logger(__name__)


def reap(client: DockerClient, *, now: float | None = None) -> tuple[str, ...]:
    """Remove abandoned boxes; their ids.

    A box is abandoned when its maker, a process of this machine, is dead, or when nobody here can judge its maker
    and its deadline has passed. A box of a living process stays, however late it is.

    Raises:
        SandboxUnavailable: The engine does not answer.
    """
    moment = time.time() if now is None else now
    with translated("list the boxes that were left behind"):
        found = client.api.containers(all=True, filters={"label": [LABEL]})
    removed = []
    for container in found:
        if not is_abandoned(container.get("Labels") or {}, moment):
            continue
        try:
            client.api.remove_container(container["Id"], v=True, force=True)
        except APIError as error:
            if error.status_code not in {404, 409}:  # gone, or going
                log.warning("box_not_removed", box=container["Id"][:12], error=str(error)[:300])
                continue
        removed.append(container["Id"])
        log.info("box_reaped", box=container["Id"][:12])
    return tuple(removed)


def is_abandoned(labels: Mapping[str, str], now: float) -> bool:
    """Whether the box with these labels has nobody left who would close it."""
    maker = owner.parse(labels.get(OWNER_LABEL, ""))
    deadline = labels.get(DEADLINE_LABEL, "")
    if maker is None or not deadline.isdigit():
        return False  # not a label of ours: not ours to judge
    judgement = owner.judge(maker)
    return judgement == "dead" or (judgement == "unknown" and now > int(deadline))

"""How a box is closed in: everything the engine is told when it makes the container."""

from __future__ import annotations

import json
import secrets
import time
from functools import cache
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.types import LogConfig, Ulimit

from .base import Limits

LABEL = "mendbox"
OWNER_LABEL = "mendbox.owner"
RUN_LABEL = "mendbox.run"
DEADLINE_LABEL = "mendbox.deadline"
USER = 1000
"""User and group of everything in a box; the image gives them the name `box`."""
GUEST = ("/usr/bin/python3", "-I", "/opt/mendbox/guest/__main__.py")

_CPU_PERIOD = 100_000
_LATE = 60
"""Seconds after the box's own end at which it counts as forgotten, whoever made it."""


@cache
def seccomp() -> str:
    """Our own profile, as the engine wants it."""
    return json.dumps(json.loads(Path(__file__).with_name("seccomp.json").read_text(encoding="utf-8")))


def container(
    api: APIClient, *, name: str, image: str, limits: Limits, runtime: str | None, owner: str, run_id: str
) -> dict[str, Any]:
    """The arguments of `docker.APIClient.create_container`. There is no bind mount, no device and no network in it."""
    memory = limits.memory_mib << 20
    host = api.create_host_config(
        network_mode="none",
        ipc_mode="private",
        read_only=True,
        tmpfs={
            "/box": f"rw,exec,nosuid,nodev,size={limits.work_mib}m,nr_inodes={limits.work_files},"
            f"uid={USER},gid={USER},mode=0700",
            # for programs that write there by name; TMPDIR points into /box
            "/tmp": "rw,noexec,nosuid,nodev,size=1m,nr_inodes=256,mode=1777",  # noqa: S108  (a path in the box)
        },
        shm_size=16 << 20,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true", f"seccomp={seccomp()}"],
        mem_limit=memory,
        memswap_limit=memory,  # memory and swap together: no swap
        cpu_period=_CPU_PERIOD,
        cpu_quota=max(1_000, round(limits.cpus * _CPU_PERIOD)),
        pids_limit=limits.processes,
        ulimits=[
            Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
            Ulimit(name="fsize", soft=limits.file_mib << 20, hard=limits.file_mib << 20),
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="memlock", soft=65_536, hard=65_536),
        ],
        log_config=LogConfig(type="none"),
        # With stdin closed by the engine when we die, the guest ends and nothing of the box is left.
        auto_remove=True,
        runtime=runtime,
    )
    return {
        "image": image,
        "name": name,
        "entrypoint": list(GUEST),
        "command": [json.dumps({"life": limits.seconds})],
        "user": f"{USER}:{USER}",
        # one that nobody can know: what is submitted should find nothing to recognise a box by
        "hostname": secrets.token_hex(6),
        "working_dir": "/",
        "environment": {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
        # the user's docker configuration may name a proxy, with its password
        "use_config_proxy": False,
        "healthcheck": {"test": ["NONE"]},
        "stdin_open": True,
        "tty": False,
        "labels": {
            LABEL: "box",
            OWNER_LABEL: owner,
            RUN_LABEL: run_id,
            DEADLINE_LABEL: str(int(time.time() + limits.seconds + _LATE)),
        },
        "host_config": host,
    }

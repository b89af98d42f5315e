"""The hardening of our boxes as flags of `docker run`, so that the contenders that use the command are closed in alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docker import APIClient

from sandboxes.base import Limits
from sandboxes.hardening import container

_UNSAID = frozenset({"AutoRemove"})
"""Said by the command itself: `--rm`."""


def hardened(
    api: APIClient, *, name: str, image: str, limits: Limits, owner: str, runtime: str | None
) -> dict[str, Any]:
    """A box of ours as the engine is asked for it, but for its first program."""
    return container(api, name=name, image=image, limits=limits, runtime=runtime, owner=owner, run_id="speed")


def run_flags(made: Mapping[str, Any], *, folder: Path) -> list[str]:
    """The flags that say what *made*, the arguments of `create_container`, say. The seccomp profile goes to *folder*.

    Raises:
        ValueError: Something of it has no flag here, so that the contender would be closed in less than a box is.
    """
    flags = ["--name", str(made["name"]), "--user", str(made["user"]), "--hostname", str(made["hostname"])]
    flags += ["--workdir", str(made["working_dir"]), "--no-healthcheck"]
    for name, value in made["environment"].items():
        flags += ["--env", f"{name}={value}"]
    for name, value in made["labels"].items():
        flags += ["--label", f"{name}={value}"]
    for key, value in made["host_config"].items():
        if key in _UNSAID:
            continue
        if key not in _FLAGS:
            raise ValueError(f"no flag of docker run is known for {key}")
        flags += _FLAGS[key](value, folder)
    return flags


def _one(flag: str) -> Callable[[Any, Path], list[str]]:
    return lambda value, _: [flag, str(value)]


def _tmpfs(value: Mapping[str, str], _: Path) -> list[str]:
    return [word for path, options in value.items() for word in ("--tmpfs", f"{path}:{options}")]


def _ulimits(value: list[Mapping[str, Any]], _: Path) -> list[str]:
    return [word for one in value for word in ("--ulimit", f"{one['Name']}={one['Soft']}:{one['Hard']}")]


def _security(value: list[str], folder: Path) -> list[str]:
    def said() -> Iterator[str]:
        for option in value:
            kind, _, profile = option.partition("=")
            if kind == "seccomp":
                file = folder / "seccomp.json"
                file.write_text(profile, encoding="utf-8")
                yield f"seccomp={file}"
            else:
                yield option

    return [word for option in said() for word in ("--security-opt", option)]


_FLAGS: Mapping[str, Callable[[Any, Path], list[str]]] = {
    "NetworkMode": _one("--network"),
    "IpcMode": _one("--ipc"),
    "ReadonlyRootfs": lambda value, _: ["--read-only"] if value else [],
    "Tmpfs": _tmpfs,
    "ShmSize": _one("--shm-size"),
    "CapDrop": lambda value, _: [word for one in value for word in ("--cap-drop", one)],
    "SecurityOpt": _security,
    "Memory": _one("--memory"),
    "MemorySwap": _one("--memory-swap"),
    "CpuPeriod": _one("--cpu-period"),
    "CpuQuota": _one("--cpu-quota"),
    "PidsLimit": _one("--pids-limit"),
    "Ulimits": _ulimits,
    "LogConfig": lambda value, _: ["--log-driver", str(value["Type"])],
    "Runtime": _one("--runtime"),
}

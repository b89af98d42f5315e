"""Whether this machine can run boxes safely: one line for each thing looked at, with what to do where it is not well."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import docker

from sandboxes import advisories
from sandboxes.base import Limits, Measured, Sandbox, Value
from sandboxes.connecting import Connect
from sandboxes.enforced import weaker
from sandboxes.errors import LimitNotEnforced, SandboxError
from sandboxes.failures import translated
from sandboxes.images import Images

State = Literal["ok", "warn", "fail"]

_GIT_DESCRIBED = re.compile(r"-\d+-g[0-9a-f]{7,}$")

_OLDEST_API = (1, 41)
"""Of Docker Engine 20.10, the oldest that was tried."""
_LITTLE_DISK, _TOO_LITTLE_DISK = 5 * 2**30, 2**30
_PACKAGES = {"runc": ("runc", "containerd.io"), "containerd": ("containerd", "containerd.io")}
"""Debian packages that bring each program, the distribution's own first."""
_TRACKER = "cannot tell from the version; look the package up in your distribution's security tracker"


class Diagnosis(Value):
    """What was seen of one thing."""

    name: str
    state: State
    seen: str
    advice: str = ""
    """What to do next; empty where all is well."""


class Engine(Value):
    """What an engine says of itself."""

    address: str
    version: str
    api: str
    components: tuple[tuple[str, str], ...]
    """Name and version of each program it is made of, with the distribution's patch level where it is told."""
    cgroup: str
    storage: str
    root: str
    runtimes: tuple[str, ...]
    default_runtime: str
    local: bool
    """Whether it runs on this very system, so that its packages and disk can be looked at."""


async def examine(
    *,
    images: Images,
    node: Images | None = None,
    sandbox: Sandbox | None = None,
    limits: Limits | None = None,
    runtime: str | None = None,
    connect: Connect = docker.from_env,
) -> tuple[Diagnosis, ...]:
    """Look at the engine, its programs, its disk, the image, and the limits as a box itself measures them.

    Never raises for what it finds: a machine without an engine is a diagnosis. No image is built. *node* are the images
    for pages and Node.js, which not everybody needs.
    """
    try:
        engine = await asyncio.to_thread(_ask, connect)
    except SandboxError as error:
        return (
            Diagnosis(name="engine", state="fail", seen=error.what, advice=error.hint),
            Diagnosis(
                name="box",
                state="warn",
                seen="versions, disk, image and limits were not looked at, as no engine answers",
                advice="start the engine, then run this again",
            ),
        )
    image = await _image(images)
    return (
        _engine(engine),
        *await asyncio.to_thread(lambda: tuple(_programs(engine))),
        _runtime(engine, runtime),
        Diagnosis(name="cgroup", state="ok", seen=engine.cgroup),
        _storage(engine),
        _disk(engine),
        image,
        *([await _node_image(node)] if node else []),
        await _limits(sandbox, limits or Limits(), image),
    )


def _ask(connect: Connect) -> Engine:
    with translated("ask the Docker Engine about itself"), closing(connect()) as client:
        version, info = client.version(), client.info()
        address = str(client.api.base_url)
    return Engine(
        address=os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock",
        version=str(version.get("Version", "unknown")),
        api=str(version.get("ApiVersion", "0")),
        components=tuple(_components(version)),
        cgroup=f"version {info.get('CgroupVersion') or '1'}, driver {info.get('CgroupDriver') or 'unknown'}",
        storage=str(info.get("Driver", "unknown")),
        root=str(info.get("DockerRootDir", "/var/lib/docker")),
        runtimes=tuple(sorted(info.get("Runtimes") or {})),
        default_runtime=str(info.get("DefaultRuntime", "runc")),
        # A socket handed into a container, or a desktop's virtual machine, answers under another name.
        local=address.startswith("http+docker://") and info.get("Name") == socket.gethostname(),
    )


def _components(version: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """*version* is the engine's own JSON; a distribution writes its full version where upstream has a commit."""
    for part in version.get("Components") or ():
        name, plain = str(part.get("Name", "")), str(part.get("Version", ""))
        full = str((part.get("Details") or {}).get("GitCommit", ""))
        yield name, full if plain and full.startswith(plain) and not _GIT_DESCRIBED.search(full) else plain


def _engine(engine: Engine) -> Diagnosis:
    seen = f"Docker Engine {engine.version}, API {engine.api}, at {engine.address}"
    numbers = tuple(int(part) for part in engine.api.split(".") if part.isdigit())
    if numbers < _OLDEST_API:
        return Diagnosis(name="engine", state="fail", seen=seen, advice="install Docker Engine 20.10 or newer")
    return Diagnosis(name="engine", state="ok", seen=seen)


def _programs(engine: Engine) -> Iterator[Diagnosis]:
    told = dict(engine.components)
    for name in ("runc", "containerd"):
        version = (_installed(name) if engine.local else None) or told.get(name) or ""
        if name == "runc" and not version and engine.local:
            version = _runc_says()
        if not version:
            yield Diagnosis(
                name=name, state="warn", seen="its version is not told", advice="see how this engine was installed"
            )
        elif name == "runc":
            yield _runc(version)
        else:
            yield Diagnosis(name=name, state="ok", seen=version)


def _runc(version: str) -> Diagnosis:
    judged = {advisory.cve: advisories.judge(version, advisory) for advisory in advisories.RUNC}
    unclosed = [f"{hole.cve} ({hole.what})" for hole in advisories.RUNC if judged[hole.cve] == "open"]
    unknown = [cve for cve, judgement in judged.items() if judgement == "unknown"]
    if unclosed:
        return Diagnosis(
            name="runc",
            state="fail",
            seen=f"{version}, open to {', '.join(unclosed)}",
            advice="update runc to 1.2.8, 1.3.3, 1.4.0 or newer: code in a box may get out",
        )
    if unknown:
        return Diagnosis(
            name="runc", state="warn", seen=f"{version}, fixes for {', '.join(unknown)} not certain", advice=_TRACKER
        )
    return Diagnosis(name="runc", state="ok", seen=f"{version}, all holes we know of closed")


def _installed(name: str) -> str | None:
    """Version of the Debian package that brings *name*; for runc from containerd.io there is none of its own."""
    if shutil.which("dpkg-query") is None:
        return None
    for package in _PACKAGES[name]:
        asked = _said("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}", package)
        status, _, version = asked.partition(" ")
        if status == "installed" and (name, package) != ("runc", "containerd.io"):
            return version.strip()
    return None


def _runc_says() -> str:
    """Version from the first line of ``runc --version``, which reads ``runc version 1.2.3``."""
    words = _said("runc", "--version").split()
    return words[2] if words[:2] == ["runc", "version"] and len(words) > 2 else ""


def _said(*argv: str) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _runtime(engine: Engine, wanted: str | None) -> Diagnosis:
    if wanted is None:
        return Diagnosis(name="runtime", state="ok", seen=f"{engine.default_runtime}, the engine's default")
    if wanted in engine.runtimes:
        return Diagnosis(name="runtime", state="ok", seen=f"{wanted}, as configured")
    return Diagnosis(
        name="runtime",
        state="fail",
        seen=f"{wanted!r} is configured, the engine has {', '.join(engine.runtimes) or 'none'}",
        advice=f"add {wanted} to the engine's runtimes, or unset MENDBOX_RUNTIME",
    )


def _storage(engine: Engine) -> Diagnosis:
    if engine.storage == "vfs":
        return Diagnosis(
            name="storage",
            state="warn",
            seen="vfs: every box is a full copy of its image",
            advice="let the engine use overlay2 (its root must not lie on an overlay itself)",
        )
    return Diagnosis(name="storage", state="ok", seen=engine.storage)


def _disk(engine: Engine) -> Diagnosis:
    folder = Path(engine.root)
    if not engine.local:
        return Diagnosis(
            name="disk",
            state="warn",
            seen=f"the engine's {engine.root} cannot be seen from here",
            advice="on the engine's machine, run: docker system df",
        )
    # The root itself is closed to ordinary users; the folder above is on the same disk unless it was moved.
    while not os.access(folder, os.X_OK) and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    seen = f"{free / 2**30:.1f} GiB free at {engine.root}"
    if free < _LITTLE_DISK:
        state: State = "fail" if free < _TOO_LITTLE_DISK else "warn"
        return Diagnosis(name="disk", state=state, seen=seen, advice="free space: docker system df, then prune")
    return Diagnosis(name="disk", state="ok", seen=seen)


async def _image(images: Images) -> Diagnosis:
    try:
        found = await images.find()
    except SandboxError as error:
        return Diagnosis(name="image", state="fail", seen=error.what, advice=error.hint)
    if found is None:
        return Diagnosis(
            name="image",
            state="warn",
            seen=f"{images.reference} is not built yet",
            advice="run: mendbox images build (or wait about a minute at the first use)",
        )
    return Diagnosis(name="image", state="ok", seen=f"{found.reference}, {found.size_mib:.0f} MiB")


async def _node_image(images: Images) -> Diagnosis:
    name = "node image"
    try:
        found = await images.find()
    except SandboxError as error:
        return Diagnosis(name=name, state="fail", seen=error.what, advice=error.hint)
    if found is not None:
        return Diagnosis(name=name, state="ok", seen=f"{found.reference}, {found.size_mib:.0f} MiB")
    seen = f"{images.reference} is not built yet; only JavaScript, TypeScript and pages need it"
    if shutil.which("npm") is None:
        advice = "install npm, which fetches what is in it, before you run any of these"
        return Diagnosis(name=name, state="warn", seen=f"{seen}, and this machine has no npm", advice=advice)
    seen += "; made at the first use in 2 to 3 minutes, or by: mendbox images build node"
    return Diagnosis(name=name, state="ok", seen=seen)


async def _limits(sandbox: Sandbox | None, limits: Limits, image: Diagnosis) -> Diagnosis:
    if sandbox is None:
        return Diagnosis(name="limits", state="warn", seen="not measured: no sandbox was given", advice="give one")
    if image.state != "ok":
        return Diagnosis(
            name="limits", state="warn", seen="not measured: there is no image to open a box from", advice=image.advice
        )
    try:
        async with sandbox.open(run_id="doctor", limits=limits) as box:
            measured = box.measured
    except LimitNotEnforced as error:
        return Diagnosis(
            name="limits", state="fail", seen=error.what, advice="see the engine's cgroup and seccomp set-up"
        )
    except SandboxError as error:
        return Diagnosis(name="limits", state="fail", seen=f"no box could be opened: {error.what}", advice=error.hint)
    if wrong := tuple(weaker(measured, limits)):
        return Diagnosis(
            name="limits", state="fail", seen="; ".join(wrong), advice="see the engine's cgroup and seccomp set-up"
        )
    return Diagnosis(name="limits", state="ok", seen=", ".join(_in_force(measured)))


def _in_force(measured: Measured) -> Iterator[str]:
    """Every limit as the box measured it, in a few words each."""
    yield f"user {measured.uid}"
    yield "no capabilities, no new privileges, system calls filtered, root read-only"
    yield "no network, no core dumps, first process not traceable"
    yield f"memory {measured.memory_mib} MiB without swap"
    yield f"{measured.cpus:g} processor cores"
    yield f"{measured.processes} processes"
    yield f"work folder {measured.work_mib} MiB and {measured.work_files} files"
    yield f"files up to {measured.file_mib} MiB, {measured.open_files} open"

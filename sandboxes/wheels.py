"""The packages of an image, laid out by the host's own pip, so that its index, proxy and certificate settings hold."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from sandboxes.programs import Log, ProgramFailed, run_program

PYTHON = "3.13"
_SECONDS = 600.0
_KEPT_PROGRAMS = frozenset({"ruff"})
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_GLIBC = range(41, 4, -1)
"""Minor versions of glibc 2 whose wheels run on Debian 13, newest first."""


async def lay_out(requirements: Path, target: Path, *, architecture: str, log: Log) -> None:
    """Install the hash-locked *requirements* below *target* for the image's interpreter, as plain files.

    Only wheels, each with a known hash; nothing is run, nothing of this machine is left in the tree.

    Raises:
        ProgramFailed: pip is missing or refused.
    """
    await run_program(
        (
            *_pip(),
            *("install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-script-location"),
            *("--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes"),
            *("--implementation", "cp", "--python-version", PYTHON),
            *(word for platform in platforms(architecture) for word in ("--platform", platform)),
            *("--target", str(target), "--requirement", str(requirements)),
        ),
        log=log,
        seconds=_SECONDS,
        # Both would contradict --target where a person has set them for themselves.
        env={"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"},
    )
    _remove_host_traces(target)


def _pip() -> tuple[str, ...]:
    if importlib.util.find_spec("pip") is not None:
        return (sys.executable, "-m", "pip")
    # Some tools make environments without pip; any pip can install for another interpreter.
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return (found,)
    raise ProgramFailed.missing("pip")


def machine(architecture: str) -> str:
    """What Python calls the engine's *architecture*."""
    return _MACHINES.get(architecture, architecture)


def platforms(architecture: str) -> tuple[str, ...]:
    """Platform tags of the wheels that run in a box, best first."""
    name = machine(architecture)
    return (*(f"manylinux_2_{minor}_{name}" for minor in _GLIBC), f"manylinux2014_{name}")


def _remove_host_traces(target: Path) -> None:
    programs = target / "bin"
    for program in programs.iterdir() if programs.is_dir() else ():
        # The others are scripts whose first line names this machine's interpreter.
        if program.name not in _KEPT_PROGRAMS:
            program.unlink()
    for startup in target.glob("*.pth"):
        # coverage's hook into every interpreter start: nobody asked for it inside a box.
        startup.unlink()
    for name in ("direct_url.json", "REQUESTED"):
        for trace in target.glob(f"*.dist-info/{name}"):
            trace.unlink()

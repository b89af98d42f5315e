"""The search's own files, as they are sent into a box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_WORKER = Path(__file__).parent / "worker"
_BESIDE = ("launch.py", "pytest.ini")
PACKAGE = "mendbox_search"
"""Name of the package inside the box; unlikely to be that of a module under repair."""
ARGV = ("python", "{tools}/launch.py")


@cache
def tools() -> Mapping[str, str]:
    """Text by path below the tools folder."""
    found = {name: (_WORKER / name).read_text(encoding="utf-8") for name in _BESIDE}
    for file in sorted(_WORKER.rglob("*.py")):
        path = file.relative_to(_WORKER).as_posix()
        if path not in _BESIDE:
            found[f"{PACKAGE}/{path}"] = file.read_text(encoding="utf-8")
    return MappingProxyType(found)

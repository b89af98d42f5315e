"""Where a path of an image stands in a box: each stage has a folder that is its root."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container

from sandboxes.base import WORK

STUBS = f"{WORK}/.stubs"
_SYSTEM = ("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/dev/", "/proc/", "/sys/", "/box/", "/node_modules/")
"""What the box has of its own."""
_ABSOLUTE = re.compile(r"(?P<before>^|[\s=:\"'(;&|<>])(?P<path>/(?!/)(?:[\w.@+,~%*?-]+/?)*)")
_PYTHON_M_PIP = re.compile(r"\bpython3?(?:\.\d+)? -m pip\b")
_MAKES_VENV = re.compile(r"\bpython3?(?:\.\d+)? -m (?:venv|virtualenv)\b")


def root_of(stage: int) -> str:
    """The folder that is the root of a stage, from the work folder."""
    return f"stage{stage}"


def place_of(stage: int, path: str) -> str:
    """Where *path*, absolute in the image, stands in the box, from the work folder."""
    return posixpath.normpath(f"{root_of(stage)}/{path.lstrip('/')}")


def moved(text: str, stage: int, there: Container[str] = ()) -> str:
    """*text* of a shell with the paths of the image as they are in the box. Programs of an image's own folders, and of an
    environment that nothing has made here, are looked for by their name; *there* are paths that were copied.
    """

    def place(match: re.Match[str]) -> str:
        path = match["path"]
        if path.startswith(_SYSTEM) or path.rstrip("/") in {"/dev", "/proc", "/sys", "/bin"}:
            return match[0]
        if posixpath.basename(posixpath.dirname(path)) in {"bin", "sbin"} and path not in there:
            return match["before"] + posixpath.basename(path)
        return f"{match['before']}{WORK}/{root_of(stage)}{path}"

    text = _PYTHON_M_PIP.sub("pip", _MAKES_VENV.sub("mkdir -p", text))
    return _ABSOLUTE.sub(place, text)


def moved_value(value: str, stage: int) -> str:
    """The same of a variable's value: a path, or several with colons between."""
    if not value.startswith("/"):
        return value
    return ":".join(
        part if part.startswith(_SYSTEM) or not part.startswith("/") else f"{WORK}/{place_of(stage, part)}"
        for part in value.split(":")
    )

"""Which judge this is: a hash of every text that a verdict could come out of differently."""

from __future__ import annotations

import functools
import hashlib
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("engine", "sandboxes")
_FACES = Path("engine", "cli")
"""What it looks like on a screen changes no verdict."""
_KINDS = frozenset({".py", ".ini", ".json"})


@functools.cache
def fingerprint() -> str:
    """Content hash of the judge's source and of the interpreter that runs it, taken once.

    It is that of the files on the disk: take it when the process begins, before they can be replaced under it. More than
    the judge is in it, because what is forgotten here would let a new Mendbox serve verdicts of an old one; the programs
    inside a box and the linter are known by the image's digest.
    """
    taken = hashlib.sha256(sys.version.encode())
    for path in files():
        content = (_ROOT / path).read_bytes()
        taken.update(f"\0{path.as_posix()}\0{len(content)}\0".encode() + content)
    return taken.hexdigest()


def files() -> tuple[Path, ...]:
    """The files that are hashed, relative to the folder of the packages, in order."""
    found = (path.relative_to(_ROOT) for package in _PACKAGES for path in (_ROOT / package).rglob("*.*"))
    return tuple(sorted(path for path in found if path.suffix in _KINDS and not path.is_relative_to(_FACES)))

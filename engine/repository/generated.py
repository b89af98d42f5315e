"""Modules that a project's build writes and its repository ignores: those that hold its version.

Whoever works on the project has them from installing it once. Here nothing of it is built, so they are made of what its
settings say; without them nothing that imports them would run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from engine.dependencies.tables import below, read_toml, text
from engine.repository.own_metadata import UNKNOWN, read

_SCM = """\
# made of the project's settings, as its build would
__version__ = version = {version!r}
__version_tuple__ = version_tuple = {parts!r}
__commit_id__ = commit_id = None
"""


def generated(files: Mapping[str, str]) -> Mapping[str, str]:
    """Text of the modules that are missing among *files*, which are all of the project's, by path."""
    folders = {above for path in files for above in PurePosixPath(path).parents}
    said = [path for path in _said(files.get("pyproject.toml", "")) if _is_module(path) and path not in files]
    missing = [path for path in said if PurePosixPath(path).parent in folders]
    if not missing:
        return {}
    found = read(files)
    version = (found.version if found else "") or UNKNOWN
    parts = tuple(int(part) if part.isdigit() else part for part in version.replace("+", ".").split("."))
    return dict.fromkeys(missing, _SCM.format(version=version, parts=parts))


def _said(pyproject: str) -> Iterator[str]:
    """Where setuptools-scm, hatch-vcs and pdm are told to write the version."""
    document = read_toml(pyproject)
    if isinstance(document, str):
        return
    scm = below(document, "tool", "setuptools_scm") or below(document, "tool", "setuptools-scm")
    yield from (text(scm.get("version_file")), text(scm.get("write_to")))
    yield text(below(document, "tool", "hatch", "build", "hooks", "vcs").get("version-file"))
    pdm = text(below(document, "tool", "pdm", "version").get("write_to"))
    yield from (pdm, f"src/{pdm}" if pdm else "")


def _is_module(path: str) -> bool:
    """Whether it names a Python file inside the project."""
    parts = PurePosixPath(path).parts
    return path.endswith(".py") and bool(parts) and ".." not in parts and not path.startswith("/")

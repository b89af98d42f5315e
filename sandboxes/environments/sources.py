"""A source distribution looked into without running, or even unpacking, anything of it: what does its build need?"""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from sandboxes.environments.wanted import Unresolved

LEGACY = ("setuptools>=40.8",)
"""What a build needs that does not say so, as PEP 517 has it."""
_MOST_BYTES = 1 << 20
_SHALLOWEST = 2
"""Parts of the path of ``NAME-VERSION/pyproject.toml``."""


class _BuildSystem(BaseModel):
    requires: tuple[str, ...] = Field(default=LEGACY, max_length=200)


class _Pyproject(BaseModel):
    build_system: _BuildSystem = Field(default=_BuildSystem(), alias="build-system")


def build_requires(archive: Path) -> tuple[str, ...]:
    """Lines of PEP 508 that ``pyproject.toml`` in *archive* states, or those of the time before there were any.

    Raises:
        Unresolved: *archive* is none, or its ``pyproject.toml`` is not readable.
    """
    try:
        text = _read_pyproject(archive)
        return _Pyproject.model_validate(tomllib.loads(text.decode())).build_system.requires if text else LEGACY
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, ValueError, ValidationError) as error:
        raise Unresolved(
            "build", f"{archive.name} is not readable: {type(error).__name__}", requirement=archive.name
        ) from error


def _read_pyproject(archive: Path) -> bytes | None:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                if _is_pyproject(name):
                    with packed.open(name) as file:
                        return _bounded(file.read(_MOST_BYTES + 1))
        return None
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isreg() and _is_pyproject(member.name):
                content = tar.extractfile(member)
                return _bounded(content.read(_MOST_BYTES + 1)) if content else None
    return None


def _is_pyproject(name: str) -> bool:
    parts = name.removeprefix("./").split("/")
    return len(parts) == _SHALLOWEST and parts[-1] == "pyproject.toml"


def _bounded(text: bytes) -> bytes:
    if len(text) > _MOST_BYTES:
        raise ValueError("too long")
    return text

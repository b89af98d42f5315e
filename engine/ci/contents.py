"""What is proven, as the bytes of files: encodings, byte order marks and line ends are those that were there."""

from __future__ import annotations

from collections.abc import Mapping

from engine.inputs.text import encode_like, encode_source
from engine.repository.project import Project

PYTHON = (".py", ".pyi")


def before(project: Project, names: tuple[str, ...]) -> dict[str, bytes]:
    """The bytes that were read of *names*; new ones are not there."""
    return {name: project.origins[name].raw for name in names if name in project.origins}


def after(project: Project, texts: Mapping[str, str]) -> dict[str, bytes]:
    """*texts*, by name, as the bytes to be written in the place of what was read."""
    return {name: _encoded(project, name, text) for name, text in texts.items()}


def _encoded(project: Project, name: str, text: str) -> bytes:
    origin = project.origins.get(name)
    if not name.endswith(PYTHON):
        return text.encode()
    return encode_source(text) if origin is None else encode_like(origin.raw, text)

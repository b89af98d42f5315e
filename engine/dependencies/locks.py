"""Lock files: which versions somebody has settled on. They say what is taken of what is wanted, and want nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from engine.dependencies.manifest import Manifest, Writing
from engine.dependencies.tables import Table, items, read_toml, table, text
from sandboxes.environments.target import markers as markers_of_boxes

MACHINE = "amd64"
"""Locks part versions by the Python and by the system; where they do so by the processor, it is mostly for this one."""


def read_lock(path: str, source: str) -> Manifest:
    """The pins of ``uv.lock``, ``poetry.lock``, ``pdm.lock``, ``pylock.toml`` (PEP 751) or ``Pipfile.lock``."""
    writing = Writing(path)
    if PurePosixPath(path).name == "Pipfile.lock":
        _read_pipfile_lock(source, writing)
        return writing.manifest
    document = read_toml(source)
    if isinstance(document, str):
        writing.give_up(f"no TOML ({document})")
        return writing.manifest
    packages = [table(each) for key in ("package", "packages") for each in items(document.get(key))]
    versions: dict[str, set[str]] = {}
    for package in packages:
        if _from_an_index(package) and text(package.get("version")) and _meant_for_boxes(package):
            versions.setdefault(canonicalize_name(text(package.get("name"))), set()).add(text(package.get("version")))
    several = [name for name, found in versions.items() if len(found) > 1]
    if several:
        writing.note(f"{path}: {', '.join(several[:20])}: locked to several versions each, so that none is held to")
    for name, found in versions.items():
        if name and len(found) == 1:
            _pin(name, *found, writing=writing)
    return writing.manifest


def _meant_for_boxes(package: Table) -> bool:
    """Whether this entry, perhaps one of several with the name, is for surroundings like those of a box."""
    given = package.get("resolution-markers") or package.get("marker") or package.get("markers")
    markers = [given] if isinstance(given, str) else [text(each) for each in items(given)]
    return not markers or any(_holds(marker) for marker in markers)


def _holds(marker: str) -> bool:
    try:
        return Marker(marker).evaluate(dict(markers_of_boxes(MACHINE)))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return True


def _read_pipfile_lock(source: str, writing: Writing) -> None:
    try:
        document: object = json.loads(source)
    except (ValueError, RecursionError) as error:
        writing.give_up(f"no JSON ({type(error).__name__})")
        return
    for name, version in _of_pipfile_lock(table(document)):
        _pin(name, version, writing=writing)


def _of_pipfile_lock(document: Table) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for section in ("default", "develop"):
        for name, entry in table(document.get(section)).items():
            version = text(table(entry).get("version"))
            if version.startswith("==") and seen.setdefault(name, version) == version:
                yield name, version.removeprefix("==")


def _from_an_index(package: Mapping[str, object]) -> bool:
    """Not the project itself, nor what is taken from a repository, a folder or an address."""
    source = table(package.get("source"))
    elsewhere = any(package.get(key) for key in ("vcs", "directory", "archive", "path", "git", "url"))
    if not source:
        return not elsewhere
    return not elsewhere and (bool(source.get("registry")) or text(source.get("type")) == "legacy")


def _pin(name: str, version: str, *, writing: Writing) -> None:
    try:
        # a local version, such as +cpu, is somebody's own build
        public = Version(version).public
    except InvalidVersion:
        writing.note(f"{writing.path}: {name} is locked to something that is no version")
        return
    writing.pin(f"{name}=={public}")

"""What a lock says of requirements and of the wheels that were chosen for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename
from packaging.version import InvalidVersion, Version

from sandboxes.environments.requirements import Line
from sandboxes.environments.wanted import Unresolved

_PINNED = re.compile(r"[\w.\[\],\s-]+===?\s*(?P<version>[^*,;\s]+)\s*(?:;|$)")


def require_current(lines: Iterable[Line], lock: Iterable[Line]) -> None:
    """A lock says of each of *lines* a version that the line allows."""
    versions = {line.name: version for line in lock if (version := version_of(line))}
    for line in lines:
        version = versions.get(line.name, "")
        if version and not line.url and not Requirement(line.text).specifier.contains(version, prereleases=True):
            raise Unresolved(
                "conflict",
                f"the project asks for {line.shown}, and its lock says {version}: it is out of date",
                requirement=line.shown,
            )


def version_of(line: Line) -> str:
    """The one version that *line* allows; empty where there are more."""
    found = _PINNED.match(line.text)
    try:
        return str(Version(found["version"])) if found else ""
    except InvalidVersion:
        return ""


def known_of(wheel: Path, known: Iterable[Line]) -> Line:
    """The line of a lock that is about *wheel*."""
    chosen = exactly(wheel)
    version = Version(version_of(chosen))
    for line in known:
        if line.name == chosen.name and Version(version_of(line) or str(version)) == version:
            return chosen.model_copy(update={"hashes": line.hashes})
    raise Unresolved("invalid", f"{chosen.text} is needed, and the lock has no hash of it", requirement=chosen.text)


def unhashed(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line.model_copy(update={"hashes": ()}) for line in lines)


def exactly(wheel: Path) -> Line:
    name, version, *_ = parse_wheel_filename(wheel.name)
    return Line(text=f"{name}=={version}", name=name)

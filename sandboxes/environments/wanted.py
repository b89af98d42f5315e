"""What an environment is to hold, what it came to, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sandboxes.base import Value

Cause = Literal["unknown", "conflict", "python", "build", "invalid", "not allowed"]
"""`unknown`: no such name or version. `conflict`: the requirements exclude each other. `python`: not for the boxes'
Python. `build`: a source distribution could not be built. `invalid`: no requirement at all. `not allowed`: nobody who
may has asked for that name."""


class Wanted(Value):
    """Requirements of a project, as its manifests, its lock or its user state them. Equal ones make equal environments."""

    requirements: tuple[str, ...] = ()
    """PEP 508 lines, direct ones; with hashes (`` --hash=sha256:...``) where a lock has them."""
    constraints: tuple[str, ...] = ()
    """PEP 508 lines that say which versions, and not what is installed: a lock's."""
    requires_python: str = ""
    """Version specifier, such as ``>=3.10``."""
    compiler: bool = False
    """Whether the boxes themselves need a C compiler and Python's headers, for what is built of the project's sources."""
    build_requirements: tuple[str, ...] = ()
    """What building the project itself needs, such as ``setuptools``; installed beside the rest."""
    node: Mapping[str, str] = {}
    """``package.json`` and its lock file by name, for a project in JavaScript."""

    @property
    def nothing(self) -> bool:
        """Whether the usual image will do."""
        return not (self.requirements or self.compiler or self.build_requirements or self.node)


class Environment(Value):
    """An image that has what was wanted."""

    reference: str
    """Name and tag of the image, for `sandboxes.base.Limits.environment`; empty for the usual image."""
    digest: str = ""
    packages: Mapping[str, str] = {}
    """Version by normalised name of every distribution installed."""
    plugins: tuple[str, ...] = ()
    """Modules of the ``pytest11`` entry points of these distributions."""
    modules: Mapping[str, str] = {}
    """Distribution by top-level module that it brings."""
    size_mib: float = 0.0
    built: bool = False
    """Whether it was made just now, rather than found."""
    seconds: float = 0.0


class Unresolved(Exception):
    """There is no such environment, and the requirements are why: a finding about the project, not about the machinery.

    Attributes:
        cause: What kind of reason.
        requirement: The line at fault, where it is known; never with a credential.
        message: One sentence.
        evidence: The end of what the resolver or the build said, at most 16 KiB, credentials blotted out.
    """

    def __init__(self, cause: Cause, message: str, *, requirement: str = "", evidence: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        self.requirement = requirement
        self.message = message
        self.evidence = evidence

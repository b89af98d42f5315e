"""A project as it was read: what may be changed, what is fixed, how its tests are run, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.base import Suite
from engine.domain import Declared, Language, Value
from engine.inputs.files import Found
from sandboxes.environments.wanted import Wanted


class Project(Value):
    """Everything that is known of a project before anything of it has run."""

    root: Path
    """The folder that all names below are relative to."""
    language: Language = "python"
    files: Mapping[str, str]
    """Text that may be changed, by name."""
    tests: Mapping[str, str]
    """Frozen text: the test files, their conftests, and what stands among them."""
    data: Mapping[str, str] = {}
    """Files that are no text, base64, by name; frozen."""
    suite: Suite = Suite()
    wanted: Wanted = Wanted()
    manifests: tuple[str, ...] = ()
    """Names, among `files`, of the files that `wanted` was read from: a change of one may change the environment."""
    declared: Declared | None = None
    """What the judge has to know of the manifests; for `engine.domain.Task.dependencies`."""
    origins: Mapping[str, Found] = {}
    """Where each of `files` came from, and what it held then."""
    collected: tuple[str, ...] = ()
    """Names, among `tests`, of the files that pytest collects by the project's own rules."""
    commit: str = ""
    """The commit that is checked out; empty outside a git repository."""
    seen: Mapping[str, str] = {}
    """SHA-256 of the bytes of every file that was read, by name: what the verdicts rest on."""
    listing: str = ""
    """Hash of all names that belonged to the project, read or not, and of the commit."""
    notes: tuple[str, ...] = ()
    """What was left out and why, what was assumed, one line each."""

"""A project as it was read: what may be changed, what is fixed, how its tests are run, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.base import Suite
from engine.domain import Language, Value
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
    origins: Mapping[str, Found] = {}
    """Where each of `files` came from, and what it held then."""
    commit: str = ""
    """The commit that is checked out; empty outside a git repository."""
    notes: tuple[str, ...] = ()
    """What was left out and why, what was assumed, one line each."""

"""The projects of this folder as work trees of their own, and what is said about each."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
WHO = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")


class About(BaseModel):
    """What is known of a project's fault."""

    model_config = ConfigDict(extra="forbid")

    what: str
    kind: str
    red: tuple[str, ...]
    """Node ids that are red, and paths of test files that cannot be collected."""
    changed: tuple[str, ...]
    """Files that a fix changes."""
    offline: bool
    """Whether the author without a model mends it."""


def names() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/about.toml"))


def about(name: str) -> About:
    data: dict[str, Any] = tomllib.loads((HERE / name / "about.toml").read_text(encoding="utf-8"))
    return About(**data)


def script(name: str) -> Path:
    return HERE / name / "script.json"


def check_out(name: str, to: Path) -> Path:
    """A git work tree of project *name* in the folder *to*, with one commit."""
    root = to / name
    shutil.copytree(HERE / name / "project", root, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for words in (("init", "-q"), ("add", "-A"), (*WHO, "commit", "-qm", "As it is")):
        git(root, *words)
    return root


def git(root: Path, *words: str) -> str:
    return subprocess.run(("git", *words), cwd=root, check=True, capture_output=True, text=True).stdout

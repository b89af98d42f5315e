"""A real git repository with the project of `tests.ci.projects` in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from engine.domain import sha256
from engine.inputs.files import Found
from engine.repository.project import Project
from tests.ci.projects import CODE, TESTS

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nowhere",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@localhost",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@localhost",
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    return done.stdout.decode()


def commit_all(folder: Path, message: str = "first") -> str:
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


def lay(root: Path, files: dict[str, bytes]) -> None:
    for name, raw in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(raw)


def project_in(root: Path, *, commit: str, ends: str = "\n") -> Project:
    """The project as it is read from *root*, where its files are laid with these line *ends*."""
    origins = {
        name: Found(
            base=root,
            path=root / name,
            real=root / name,
            whole_folder=True,
            raw=text.replace("\n", ends).encode(),
            text=text,
        )
        for name, text in CODE.items()
    }
    return Project(
        root=root,
        files=CODE,
        tests=TESTS,
        origins=origins,
        commit=commit,
        seen={name: sha256(found.raw) for name, found in origins.items()},
    )


def laid(root: Path, *, ends: str = "\n") -> Project:
    """The project laid into *root* and committed, as it is read again."""
    lay(root, {name: text.replace("\n", ends).encode() for name, text in (CODE | TESTS).items()})
    return project_in(root, commit=commit_all(root), ends=ends)

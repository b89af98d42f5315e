"""Real git repositories for tests, made in a temporary folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

IDENTITY = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.example", "GIT_COMMITTER_NAME": "A"}
IDENTITY |= {"GIT_COMMITTER_EMAIL": "a@b.example", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
CODE = {
    "pyproject.toml": '[project]\nname = "calc"\nversion = "1"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
    "src/calc/__init__.py": "",
    "src/calc/core.py": "def add(a, b):\n    return a - b\n",
    "tests/test_core.py": "from calc.core import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env=os.environ | IDENTITY,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode().strip()


def lay(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def repository(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """A repository in *folder* with everything committed."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    lay(folder, dict(CODE) if files is None else files)
    commit(folder)
    return folder


def commit(folder: Path, subject: str = "Begin") -> str:
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", subject)
    return git(folder, "rev-parse", "HEAD")


def open_to_all(folder: Path) -> None:
    """Let everybody go to *folder*, which pytest keeps for its own user."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.getuid() and path.name.startswith(("pytest-", "test_", folder.name)):
            path.chmod(0o755)


def as_nobody(program: str) -> str:
    """What *program* prints as a user who owns nothing: root may read and write whatever it likes."""
    begin = """
import os
from pathlib import Path
from engine.inputs.writing import NotApplied
from engine.repository.applying import apply
from engine.repository.reading import read_project
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
"""
    done = subprocess.run(
        [sys.executable, "-c", begin + program],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

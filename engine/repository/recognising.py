"""Whether a PATH means a whole project, or only what stands there."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from engine.errors import BadInput
from engine.inputs.walking import IGNORED
from engine.repository.git import in_work_tree

MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "noxfile.py", "package.json", "manage.py")
"""What stands at the top of a project."""
_LOOKED_AT = 2_000


def is_project(path: Path) -> bool:
    """Whether *path* is a folder that a project's own settings stand in, or one of a git work tree that holds tests."""
    try:
        if not path.is_dir():
            return False
        if any((path / mark).exists() for mark in MARKS):
            return True
        return in_work_tree(path.resolve()) and _holds_tests(path)
    except OSError:
        return False


def require_work_tree(path: Path) -> None:
    """Nothing, where files of a project may stand in *path*.

    Raises:
        BadInput: It is a bare git repository, whose files are in no work tree.
    """
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
    if bare and not (path / ".git").exists():
        raise BadInput(
            f"{str(path)!r} is a bare git repository, and there are no files to mend",
            hint="make a work tree: git worktree add FOLDER",
        )


def _holds_tests(path: Path) -> bool:
    """Whether there is a test file, as pytest names them, in *path* or in a folder of its that is named after tests."""
    folders = [path, *(path / name for name in ("tests", "test") if name not in IGNORED)]
    return any(
        entry.name.endswith(".py") and (entry.name.startswith("test_") or entry.name.endswith("_test.py"))
        for folder in folders
        if folder.is_dir()
        for entry in islice(folder.rglob("*.py") if folder != path else folder.iterdir(), _LOOKED_AT)
    )

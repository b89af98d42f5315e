"""What of a folder belongs to the project: what git tracks, and what it would if it were asked to add everything."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from engine.checks.shape import unsafe
from engine.domain import Value
from engine.errors import BadInput
from engine.inputs.walking import IGNORED
from engine.repository.git import Git, GitFailed, in_work_tree

_SUBMODULE = b"160000"
_WALKED = 200_000
"""Folder entries looked at without git before the folder is taken for a slip."""
_HIDDEN = frozenset({".coveragerc", ".pytest.ini", ".pytest.toml"})
"""Hidden files that are taken without git too."""


class Listing(Value):
    """Names below a root, with slashes, in order, and what is known of them all."""

    names: tuple[str, ...]
    tracked: frozenset[str] = frozenset()
    """Those that are in the repository already; all others are new."""
    outside: frozenset[str] = frozenset()
    """Those that stand in a checked-out submodule, which is another repository: they are read and never written."""
    commit: str = ""
    git: bool = False
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Equal for the same names and the same commit."""
        return hashlib.sha256("\0".join((self.commit, *self.names)).encode()).hexdigest()


def list_project(root: Path) -> Listing:
    """Every name that belongs to the project at *root*, whether or not a file is there.

    Raises:
        BadInput: Git cannot answer, or there is too much to walk.
    """
    if in_work_tree(root):
        return _by_git(root)
    return _by_walking(root)


def _by_walking(root: Path) -> Listing:
    notes = [f"{str(root)!r} is in no git work tree: everything there is taken but hidden files and environments"]
    names: list[str] = []
    ignores = False
    seen = 0
    for folder, inner, files in os.walk(root, onerror=lambda error: notes.append(_unreadable(root, error))):
        here = Path(folder)
        seen += len(inner) + len(files)
        if seen > _WALKED:
            raise BadInput(f"{str(root)!r} holds more than {_WALKED} files", hint="name the part that matters")
        links = [name for name in inner if (here / name).is_symlink()]
        inner[:] = sorted(name for name in inner if name not in links and _meant(here / name))
        ignores = ignores or ".gitignore" in files
        for name in (*files, *links):
            if not name.startswith(".") or name in _HIDDEN:
                plain = _plain(os.fsencode((here / name).relative_to(root).as_posix()), notes)
                names += [plain] if plain is not None else []
    ignored = _ignored(root, notes) if ignores else frozenset()
    names = [
        name
        for name in names
        if ignored.isdisjoint((name, *(above.as_posix() for above in PurePosixPath(name).parents)))
    ]
    return Listing(names=tuple(sorted(names)), notes=tuple(notes))


def _ignored(root: Path, notes: list[str]) -> frozenset[str]:
    """Files and folders that git would ignore if *root* were a work tree.

    Not those of an unpacked source distribution: whoever published it has put them in, such as a module that its build
    has made.
    """
    if (root / "PKG-INFO").is_file():
        return frozenset()
    if shutil.which("git") is None:
        notes.append("its .gitignore is not heeded: there is no program git that could read it")
        return frozenset()
    words = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    with tempfile.TemporaryDirectory() as nowhere:
        try:
            Git(Path(nowhere)).ask("init", "-q", "--bare", ".")
            found = Git(root).listed("--git-dir", nowhere, "--work-tree", str(root), *words)
        except GitFailed as error:
            raise BadInput(
                f"git cannot tell what {str(root)!r} ignores: {error}", hint="look at its .gitignore"
            ) from None
    if found:
        notes.append("what its .gitignore names is left out")
    return frozenset(os.fsdecode(name).rstrip("/") for name in found)


def _meant(folder: Path) -> bool:
    name = folder.name
    return not (
        name.startswith(".") or name in IGNORED or name.endswith(".egg-info") or (folder / "pyvenv.cfg").is_file()
    )


def _unreadable(root: Path, error: OSError) -> str:
    name = os.path.relpath(error.filename, root)
    return f"left out everything in {name!r}: {error.strerror}"


def _by_git(root: Path) -> Listing:
    git = Git(root)
    notes: list[str] = []
    try:
        entries = git.listed("ls-files", "-z", "--cached", "--stage")
        others = git.listed("ls-files", "-z", "--others", "--exclude-standard")
    except GitFailed as error:
        raise BadInput(f"git cannot list {str(root)!r}: {error}", hint="look at `git status` there") from None
    tracked: dict[str, None] = {}
    outside: dict[str, None] = {}
    merging = False
    for entry in entries:
        how, _, raw = entry.partition(b"\t")
        mode, commit, stage = how.split(b" ")
        name = _plain(raw, notes)
        if name is None:
            continue
        if mode == _SUBMODULE:
            outside.update(dict.fromkeys(_of_submodule(root, name, commit.decode(), notes)))
            continue
        merging = merging or stage != b"0"
        tracked[name] = None
    if merging:
        notes.append("a merge goes on: files with conflicts are read as they stand in the work tree")
    new: dict[str, None] = {}
    for raw in others:
        name = _plain(raw, notes)
        if name is None:
            continue
        if name.endswith("/"):
            notes.append(f"left out {name!r}: another repository")
        else:
            new[name] = None
    return Listing(
        names=tuple(sorted({*tracked, *new, *outside})),
        tracked=frozenset(tracked),
        outside=frozenset(outside),
        commit=git.head(),
        git=True,
        notes=tuple(notes),
    )


def _of_submodule(root: Path, name: str, commit: str, notes: list[str]) -> list[str]:
    """What a submodule holds where it is checked out; a suite may well need it. Not what its own submodules hold."""
    folder = root / name
    if not (folder / ".git").exists() or folder.is_symlink():
        notes.append(f"left out the submodule {name!r} ({commit[:12]}): it is not checked out")
        return []
    git = Git(folder)
    try:
        entries = git.listed("ls-files", "-z", "--cached", "--stage")
    except GitFailed as error:
        notes.append(f"left out the submodule {name!r} ({commit[:12]}): git cannot list it: {error}")
        return []
    found = [
        inner
        for how, _, raw in (entry.partition(b"\t") for entry in entries)
        if not how.startswith(_SUBMODULE) and (inner := _plain(raw, notes)) is not None
    ]
    head = git.head()
    moved = f", and at {head[:12]} now" if head and head != commit else ""
    notes.append(f"the submodule {name!r} ({commit[:12]}{moved}) is read and never changed: it is another repository")
    return [f"{name}/{inner}" for inner in found]


def _plain(raw: bytes, notes: list[str]) -> str | None:
    """A name as text; None, with a note, where it is none that a box takes."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        notes.append(f"left out {os.fsdecode(raw)!r}: its name is no valid UTF-8")
        return None
    # another repository is listed as a folder
    if why := unsafe(name.rstrip("/")):
        notes.append(f"left out {name[:200]!r}: {why}")
        return None
    return name

"""The door: a folder in, the project out. Nothing of it is run."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from engine.dependencies.reading import read_wanted
from engine.domain import Value, sha256
from engine.errors import BadInput
from engine.inputs.files import Found
from engine.inputs.languages import language_of
from engine.inputs.text import Undecodable, decode_source, encode_source
from engine.repository import javascript
from engine.repository.choosing import choose
from engine.repository.collecting import FOLDERS, Rules, collected, test_folders
from engine.repository.detecting import detect
from engine.repository.entries import Entry, Gone, LeftOut, Looking, read
from engine.repository.own_metadata import read as read_metadata
from engine.repository.project import Project
from engine.repository.recognising import is_project
from engine.repository.secrets import named_as_secret, named_like_secret, secret_in
from engine.repository.sizing import limits_for
from engine.repository.tracked import Listing, list_project
from engine.repository.words import counted

__all__ = ["is_project", "limits_for", "read_project"]

MOST_TEXT_BYTES = 2**20
"""A larger file is nothing that anybody mends, and is laid into the box as it is."""
MOST_ALIKE = 10
"""Notes of one kind that are told one by one."""
_PYTHON = (".py", ".pyi")
FROZEN = frozenset(
    {
        "conftest.py",
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "tox.toml",
        "noxfile.py",
        ".coveragerc",
    }
)
"""Files that say how tests are run, wherever they stand."""


OF_PYTEST = frozenset({"iniconfig", "packaging", "pluggy", "pygments", "pytest"})
"""Distributions that a session of pytest has loaded before its first test."""


class _Raw(Value):
    entry: Entry
    raw: bytes
    text: str | None
    """None where it is no text, or not the same text when it is written out again."""


def read_project(
    root: Path, *, only: Sequence[str] = (), allowed: Sequence[str] = (), allow_new: bool = False
) -> Project:
    """Everything of the project at *root* that goes into boxes; with *only*, what these files and folders hold, and what
    says how tests are run.

    *allowed* and *allow_new* are what the user says of dependencies; see `engine.dependencies.read_wanted`.

    Raises:
        BadInput: One line that says what is wrong. Nothing was written.
    """
    root = _folder(root)
    listing = list_project(root)
    notes = _Notes(listing.notes)
    names = _chosen(root, listing.names, only)
    entries = _look(root, listing, names, notes)
    return _Reader(root, listing, notes).project(entries, allowed=allowed, allow_new=allow_new)


class _Reader:
    """Reads the entries of one project, each once."""

    def __init__(self, root: Path, listing: Listing, notes: _Notes) -> None:
        self._root = root
        self._listing = listing
        self._notes = notes
        self._read: dict[str, _Raw] = {}

    def project(self, entries: Sequence[Entry], *, allowed: Sequence[str], allow_new: bool) -> Project:
        names = [entry.name for entry in entries]
        by_name = {entry.name: entry for entry in entries}
        folders = test_folders(names, Rules())
        kept = choose(entries, frozenset(_below(names, folders)), _packages(names), self._notes.plain)
        for entry in kept:
            self._take(entry)
        texts = {name: found.text for name, found in self._read.items() if found.text is not None}
        if javascript.is_javascript_project(self._read):
            return self._javascript(texts, by_name)
        dependencies = read_wanted(texts, allowed=allowed, allow_new=allow_new)
        found = detect(texts, [name for name in names if name in self._read], packages=dependencies.known)
        self._notes.plain += found.notes
        frozen = frozenset(self._frozen(found.rules))
        for name in frozen:
            self._keep_exact(name)
        self._leave_out_secrets(frozen)
        texts = {name: raw.text for name, raw in self._read.items() if raw.text is not None}
        tests = {**{name: text for name, text in texts.items() if name in frozen}, **found.added}
        files = {name: text for name, text in texts.items() if name not in frozen}
        if not any(name.endswith(_PYTHON) for name in files):
            raise BadInput(
                f"no Python file in {str(self._root)!r} that may be changed", hint="name the project's own folder"
            )
        data = {name: base64.b64encode(raw.raw).decode() for name, raw in self._read.items() if raw.text is None}
        self._notes.plain += _loaded_before(texts)
        return Project(
            root=self._root,
            files=files,
            tests=tests,
            data=data,
            suite=found.suite,
            collected=collected(sorted(tests), found.rules),
            wanted=dependencies.wanted,
            manifests=dependencies.manifests,
            declared=dependencies.declared,
            origins={name: self._origin(by_name[name], text) for name, text in files.items()},
            commit=self._listing.commit,
            seen={name: sha256(raw.raw) for name, raw in self._read.items()},
            listing=self._listing.digest,
            notes=(*self._notes.told(), *dependencies.notes),
        )

    def _javascript(self, texts: Mapping[str, str], by_name: Mapping[str, Entry]) -> Project:
        """The project where all of it is JavaScript."""
        told = javascript.read_tests(texts)
        frozen = told.frozen | self._listing.outside
        self._leave_out_secrets(frozen)
        kept = {name: raw.text for name, raw in self._read.items() if raw.text is not None}
        files = {name: text for name, text in kept.items() if name not in frozen}
        return Project(
            root=self._root,
            language=language_of(kept),
            files=files,
            tests={name: text for name, text in kept.items() if name in frozen},
            data={name: base64.b64encode(raw.raw).decode() for name, raw in self._read.items() if raw.text is None},
            suite=told.suite,
            collected=tuple(name for name in told.collected if name in kept),
            wanted=javascript.wanted(texts),
            origins={name: self._origin(by_name[name], text) for name, text in files.items()},
            commit=self._listing.commit,
            seen={name: sha256(raw.raw) for name, raw in self._read.items()},
            listing=self._listing.digest,
            notes=(*self._notes.told(), *told.notes),
        )

    def _origin(self, entry: Entry, text: str) -> Found:
        raw = self._read[entry.name].raw
        return Found(base=self._root, path=entry.path, real=entry.real, whole_folder=True, raw=raw, text=text)

    def _take(self, entry: Entry) -> None:
        try:
            raw = read(entry)
        except LeftOut as why:
            self._notes.left_out(entry.name, str(why))
            return
        self._read[entry.name] = _Raw(entry=entry, raw=raw, text=_text(entry.name, raw))

    def _frozen(self, rules: Rules) -> list[str]:
        """What belongs to the tests, or to another repository."""
        names = list(self._read)
        folders = test_folders(names, rules)
        belongs = set(_below(names, folders)) | {name for name in names if rules.matches(name)} | self._listing.outside
        return [name for name in names if name in belongs or PurePosixPath(name).name in FROZEN]

    def _keep_exact(self, name: str) -> None:
        """A frozen Python file is laid byte by byte where it is no test file: a test may well read it."""
        found = self._read[name]
        if found.text is not None and name.endswith(_PYTHON) and encode_source(found.text) != found.raw:
            plain = found.raw.replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf")
            if encode_source(found.text) != plain or not _is_module(name):
                self._read[name] = found.model_copy(update={"text": None})

    def _leave_out_secrets(self, frozen: frozenset[str]) -> None:
        test_data = {name for name in frozen if name in self._listing.tracked or not self._listing.commit}
        shown = 0
        for name, found in list(self._read.items()):
            if not (what := secret_in(name, found.raw)) and (named_like_secret(name) or named_as_secret(name)):
                what = "it is named like a secret"
            if what and name in test_data:
                shown += 1
            elif what:
                self._notes.left_out(name, what if what.startswith("it") else f"it holds {what}")
                del self._read[name]
        if shown:
            self._notes.plain.append(
                f"{counted(shown, 'file')} among the tests would be left out as secrets elsewhere, and are taken for data of theirs"
            )


class _Notes:
    """Notes of a kind are told one by one as long as they are few."""

    def __init__(self, plain: Sequence[str]) -> None:
        self.plain = list(plain)
        self._left_out: list[tuple[str, str]] = []

    def left_out(self, name: str, why: str) -> None:
        self._left_out.append((name, why))

    def told(self) -> tuple[str, ...]:
        counts = Counter(why for _, why in self._left_out)
        few = [f"left out {name!r}: {why}" for name, why in self._left_out if counts[why] <= MOST_ALIKE]
        many = []
        for why, count in counts.items():
            if count > MOST_ALIKE:
                example = next(name for name, each in self._left_out if each == why)
                many.append(f"left out {count} files such as {example!r}: {why}")
        return (*self.plain, *few, *many)


def _loaded_before(texts: Mapping[str, str]) -> list[str]:
    """A note where the project is a part of pytest, whose own copy of it the tests meet."""
    found = read_metadata(texts)
    if found is None or found.name.casefold() not in OF_PYTEST:
        return []
    said = f"pytest itself is made of {found.name}: the tests in a box run on pytest's own copy of it"
    return [f"{said}, so no change of this one can be shown to do anything"]


def _folder(root: Path) -> Path:
    try:
        root = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(f"no such folder: {str(root)!r}") from error
    if not root.is_dir():
        raise BadInput(f"{str(root)!r} is no folder", hint="name the folder of the project")
    return root


def _chosen(root: Path, names: Sequence[str], only: Sequence[str]) -> list[str]:
    if not only:
        return list(names)
    wanted = []
    for given in only:
        path = Path(given) if Path(given).is_absolute() else root / given
        if not path.exists() or not path.resolve().is_relative_to(root):
            raise BadInput(f"{given!r} is no part of the project {str(root)!r}")
        wanted.append(path.resolve().relative_to(root).as_posix())
    roots = {"" if each == "." else each for each in wanted}
    above = {parent.as_posix() for each in roots for parent in PurePosixPath(each).parents}
    return [
        name
        for name in names
        if any(not each or name == each or name.startswith(f"{each}/") for each in roots)
        # what stands beside the way down says how tests are run, and what they need
        or (PurePosixPath(name).parent.as_posix() in above and _steers(PurePosixPath(name).name))
    ]


def _steers(last: str) -> bool:
    return last in FROZEN | {"pyproject.toml", "setup.cfg", "setup.py", "manage.py", "__init__.py"} or last.startswith(
        ("requirements", "README", "Pipfile", "poetry.lock", "uv.lock", "pdm.lock")
    )


def _look(root: Path, listing: Listing, names: Sequence[str], notes: _Notes) -> list[Entry]:
    looking = Looking(root, frozenset(listing.names))
    found: dict[str, Entry] = {}
    gone = 0
    for name in names:
        if ".git" in name.casefold().split("/"):
            continue
        if named_as_secret(name) and not _is_data(name, listing):
            notes.left_out(name, "it is named as a secret")
            continue
        try:
            entry = looking.look(name)
        except Gone:
            gone += 1
            continue
        except LeftOut as why:
            notes.left_out(name, str(why))
            continue
        if named_as_secret(entry.real.name) and not _is_data(entry.real.relative_to(root).as_posix(), listing):
            notes.left_out(name, "a link to a secret")
        elif name.casefold() in found:
            notes.left_out(name, f"its name differs from {found[name.casefold()].name!r} by case only")
        else:
            found[name.casefold()] = entry
    if gone:
        notes.plain.append(f"{gone} files that git knows are not there")
    return list(found.values())


def _is_data(name: str, listing: Listing) -> bool:
    """Whether what is named as a secret is a specimen: committed, in a folder of its own somewhere among the tests."""
    above = [part.casefold() for part in PurePosixPath(name).parts[:-2]]
    return not FOLDERS.isdisjoint(above) and (name in listing.tracked if listing.commit else not listing.git)


def _below(names: Sequence[str], folders: frozenset[str]) -> list[str]:
    return [name for name in names if any(f"{above.as_posix()}/" in folders for above in PurePosixPath(name).parents)]


def _packages(names: Sequence[str]) -> frozenset[str]:
    return frozenset(f"{name.removesuffix('__init__.py')}" for name in names if name.endswith("/__init__.py"))


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in PurePosixPath(name).with_suffix("").parts)


def _text(name: str, raw: bytes) -> str | None:
    if len(raw) > MOST_TEXT_BYTES or b"\0" in raw:
        return None
    try:
        return decode_source(raw) if name.endswith(_PYTHON) else raw.decode()
    except (Undecodable, UnicodeDecodeError):
        return None

"""What one file says a project needs, in the same words whatever the file's format is."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from engine.domain import Value

MOST_STATED = 2_000
"""Requirements that are read of one file; what comes after them is noted and left out."""
MOST_NOTES = 50
SHOWN = 80


class Stated(Value):
    """One requirement, as somebody states it."""

    line: str
    """PEP 508, with hashes behind it where the file has them."""
    name: str
    """Normalised."""
    group: str = ""
    """Extra or group that it stands in, normalised; empty where it is always needed."""
    path: str
    """The file that states it."""
    pinned: str = ""
    """The version, where it is a single one."""


class Manifest(Value):
    """All that one file says."""

    path: str
    project: str = ""
    """Normalised name of the project itself, where it is told."""
    stated: tuple[Stated, ...] = ()
    pins: tuple[Stated, ...] = ()
    """Which versions, of whatever is installed."""
    own_extras: tuple[str, ...] = ()
    """Extras of the project itself that are asked for, as in ``-e .[test]``."""
    includes: tuple[str, ...] = ()
    """Other files that it was read from, by name."""
    requires_python: str = ""
    build: tuple[str, ...] = ()
    """What building the project needs."""
    compiled: bool = False
    """Whether the project has extension modules of its own."""
    notes: tuple[str, ...] = ()
    unreadable: str = ""
    """Why nothing of it is known."""


class Writing:
    """A manifest while it is being read: whatever is no requirement becomes a note, and nothing raises."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.project = ""
        self.requires_python = ""
        self.compiled = False
        self.unreadable = ""
        self.own_extras: list[str] = []
        self.includes: list[str] = []
        self.build: list[str] = []
        self._stated: list[Stated] = []
        self._pins: list[Stated] = []
        self._notes: list[str] = []

    def give_up(self, why: str) -> None:
        """Nothing can be known of this file."""
        self.unreadable = why
        self.note(f"{self.path}: {why}, so that nothing of it is known")

    def note(self, text: str) -> None:
        """Remember what was left out and why, in one line."""
        if len(self._notes) < MOST_NOTES and text not in self._notes:
            self._notes.append(text)

    def state(self, line: object, *, group: str = "", hashes: str = "", where: str = "") -> None:
        """A requirement of the project; *group* is the extra or the group that it stands in."""
        stated = self._read(line, group=group, hashes=hashes, where=where)
        if stated is None:
            return
        if len(self._stated) >= MOST_STATED:
            self.note(f"{self.path}: more than {MOST_STATED} requirements; the others are left out")
            return
        if stated.name == self.project and self.project:
            self.own_extras += sorted(Requirement(without_hashes(stated.line)).extras) if is_chosen(group) else []
        self._stated.append(stated)

    def take(self, other: Manifest) -> None:
        """All that another file says, which this one includes."""
        self._stated += other.stated
        self._pins += other.pins
        self.own_extras += other.own_extras
        self.includes += other.includes
        for note in other.notes:
            self.note(note)

    def pin(self, line: object, *, where: str = "") -> None:
        """Which version of something is meant, without a wish that it is installed."""
        stated = self._read(line, group="", hashes="", where=where)
        if stated is not None and len(self._pins) < MOST_STATED:
            self._pins.append(stated)

    def needs_python(self, specifier: object) -> None:
        if not isinstance(specifier, str) or not specifier.strip() or self.requires_python:
            return
        try:
            self.requires_python = str(SpecifierSet(specifier))
        except InvalidSpecifier:
            self.note(f"{self.path}: {shown(specifier)} is no range of Python versions")

    def builds_with(self, lines: Iterable[object]) -> None:
        for line in lines:
            stated = self._read(line, group="", hashes="", where="")
            if stated is not None and stated.line not in self.build:
                self.build.append(stated.line)

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            path=self.path,
            project=self.project,
            stated=tuple(self._stated),
            pins=tuple(self._pins),
            own_extras=tuple(dict.fromkeys(self.own_extras)),
            includes=tuple(self.includes),
            requires_python=self.requires_python,
            build=tuple(self.build),
            compiled=self.compiled,
            notes=tuple(self._notes),
            unreadable=self.unreadable,
        )

    def _read(self, line: object, *, group: str, hashes: str, where: str) -> Stated | None:
        place = where or self.path
        if not isinstance(line, str):
            self.note(f"{place}: {shown(repr(line))} is no requirement")
            return None
        text = line.strip()
        if not text:
            return None
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, ValueError, RecursionError):
            # the text may hold an address with a password, which no note repeats
            what = "a requirement with an address" if "://" in text else shown(text)
            self.note(f"{place}: left out {what}: no PEP 508 requirement of a package")
            return None
        name = canonicalize_name(requirement.name)
        if requirement.url and not requirement.url.lower().startswith(("https://", "http://")):
            self.note(
                f"{place}: left out {name!r}: it is taken from an address, and only an index's packages are installed"
            )
            return None
        return Stated(
            line=f"{requirement}{f' {hashes}' if hashes else ''}",
            name=name,
            group=canonicalize_name(group) if group else "",
            path=self.path,
            pinned=_pinned(requirement),
        )


def is_chosen(group: str) -> bool:
    """Whether the tests are given what stands in the extra or group of this name."""
    return not group or canonicalize_name(group) in TEST_GROUPS


FOR_TESTS = frozenset(
    "test tests testing unittest unittests unit-test unit-tests pytest test-dependencies test-requirements".split()
)
"""Extras and groups, by their normalised names, that hold what a project's tests need, and nothing else."""
FOR_DEVELOPMENT = frozenset("dev develop development devel dev-dependencies dev-requirements".split())
"""Those that may hold it beside much else."""
TEST_GROUPS = FOR_TESTS | FOR_DEVELOPMENT


def shown(text: str) -> str:
    """Somebody's text, quoted and cut."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def name_of(line: str) -> str:
    """Normalised name that a requirement, which is one, asks for."""
    return canonicalize_name(Requirement(without_hashes(line)).name)


def without_hashes(line: str) -> str:
    return line.partition(" --hash=")[0]


def _pinned(requirement: Requirement) -> str:
    specifiers = list(requirement.specifier)
    if len(specifiers) == 1 and specifiers[0].operator in {"==", "==="} and "*" not in specifiers[0].version:
        return specifiers[0].version
    return ""

"""Requirement lines as pip may be given them: checked one by one, so that none is an option, a path or a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from sandboxes.base import Value
from sandboxes.environments.target import FULL_PYTHON
from sandboxes.environments.wanted import Unresolved, Wanted
from sandboxes.programs import blotted
from sandboxes.wheels import PYTHON

_HASHES = re.compile(r"(?:\s+--hash[= ](?:sha256:[0-9a-fA-F]{64}|sha384:[0-9a-fA-F]{96}|sha512:[0-9a-fA-F]{128}))*")

_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
"""pip puts the variable's value in its place: into an address that the project chose."""


class Line(Value):
    """One requirement."""

    text: str
    """PEP 508."""
    hashes: tuple[str, ...] = ()
    """Such as ``sha256:...``."""
    name: str
    """Normalised."""
    url: str = ""

    @property
    def shown(self) -> str:
        """The requirement without a credential."""
        return blotted(self.text)

    def with_hashes(self) -> str:
        """As a requirements file has it."""
        return " ".join((self.text, *(f"--hash={each}" for each in self.hashes)))


def read_lines(lines: Iterable[str], *, what: str = "requirement") -> tuple[Line, ...]:
    """Each of *lines*, in their order, each once.

    Raises:
        Unresolved: One is no requirement, or asks for something that is not fetched.
    """
    return tuple(dict.fromkeys(_read(line.strip(), what) for line in lines if line.strip()))


def _read(line: str, what: str) -> Line:
    text, _, rest = line.partition(" --hash")
    hashes = f" --hash{rest}" if rest else ""
    if any(sign in line for sign in "\r\n\0") or not _HASHES.fullmatch(hashes):
        raise Unresolved("invalid", f"not a {what}: {blotted(line[:200])!r}", requirement=blotted(line[:200]))
    if _VARIABLE.search(line):
        raise Unresolved(
            "not allowed",
            f"{blotted(text[:200])!r} names a variable of this machine's environment, which nothing of a project may read",
            requirement=blotted(text[:200]),
        )
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise Unresolved(
            "invalid", f"not a {what}: {blotted(text[:200])!r}", requirement=blotted(text[:200])
        ) from error
    if requirement.url:
        _require_archive(requirement.url, text)
    return Line(
        text=text.strip(),
        hashes=tuple(re.findall(r"sha\d+:[0-9a-fA-F]+", hashes)),
        name=canonicalize_name(requirement.name),
        url=requirement.url or "",
    )


def _require_archive(url: str, text: str) -> None:
    """A file that anybody can fetch and hash. A repository would be checked out by programs of this machine that run what
    its configuration says, and a path is of this machine, which nothing of a project may read.
    """
    scheme = urlsplit(url).scheme.lower()
    if scheme in {"http", "https"}:
        return
    kind = "a repository" if "+" in scheme else "a path of this machine" if scheme in {"", "file"} else f"{scheme}:"
    raise Unresolved(
        "not allowed",
        f"{blotted(text[:200])!r} asks for {kind}; only releases of an index, and archives by http(s), are fetched",
        requirement=blotted(text[:200]),
    )


def require_python(wanted: Wanted) -> None:
    """The boxes' Python is one that the project is for.

    Raises:
        Unresolved: It is not.
    """
    try:
        allowed = SpecifierSet(wanted.requires_python)
    except InvalidSpecifier as error:
        raise Unresolved("invalid", f"requires-python is no version specifier: {wanted.requires_python!r}") from error
    if not allowed.contains(FULL_PYTHON, prereleases=True):
        raise Unresolved(
            "python", f"the project asks for Python {wanted.requires_python}, and the boxes have Python {PYTHON}"
        )

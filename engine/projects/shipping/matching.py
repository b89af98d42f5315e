"""Whether the box has what an install of a RUN line would have brought."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from engine.projects.shipping.installs import (
    installed_by,
    installs_everything,
    is_install,
    named_by_pip,
    requirement_files,
)
from engine.projects.shipping.packages import declared
from engine.projects.shipping.probing import Had

_NETWORK = frozenset({"curl", "wget", "git", "gem", "cargo", "go", "yarn", "pnpm", "poetry", "uv", "pipx", "corepack"})
SYSTEM = frozenset({"apt-get", "apt", "apk"})


def lacking(words: Sequence[str], texts: Mapping[str, str], cwd: str, had: Had) -> Iterator[str]:
    """Packages of an install that the box does not have, by the names in its manifests and its own words."""
    program = posixpath.basename(words[0])
    if program == "npm" and is_install(words):
        yield from _of_npm(words, texts, cwd, had)
    elif is_install(words) and program not in SYSTEM:
        wanted = {_plain(each) for each in named_by_pip(words)}
        for name in requirement_files(words):
            file = texts.get(posixpath.normpath(posixpath.join(cwd, name)), "")
            wanted |= declared({"requirements.txt": file}).packages
        own = declared({"pyproject.toml": installed_by(words, texts, cwd).get("pyproject.toml", "")})
        wanted |= own.packages - {own.name}
        yield from sorted(wanted - had.python - {"pip", "setuptools", "wheel"})


def _of_npm(words: Sequence[str], texts: Mapping[str, str], cwd: str, had: Had) -> Iterator[str]:
    made = declared({"package.json": texts.get(posixpath.join(cwd, "package.json"), "{}")})
    wanted = made.all if installs_everything(words) else made.packages
    named = [re.sub(r"(?<=.)@.*", "", word) for word in words[2:] if not word.startswith("-")]
    yield from sorted((wanted | set(named)) - had.node)


def _plain(requirement: str) -> str:
    return canonicalize_name(re.split(r"[\[<>=!~;@ ]", requirement, maxsplit=1)[0])


def fetches(words: Sequence[str]) -> bool:
    """Whether it needs a network, or brings what no manifest tells of."""
    program = posixpath.basename(words[0])
    return program in _NETWORK or (program in SYSTEM and "install" in words) or (program == "apk" and "add" in words)

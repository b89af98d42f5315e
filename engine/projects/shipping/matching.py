"""Whether the box has what an install of a RUN line would have brought."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.projects.shipping.installs import installs_everything, is_install
from engine.projects.shipping.packages import declared
from engine.projects.shipping.pip import asked_of_pip, installed_by
from engine.projects.shipping.probing import Had

_NETWORK = frozenset({"curl", "wget", "git", "gem", "cargo", "go", "yarn", "pnpm", "poetry", "uv", "pipx", "corepack"})
SYSTEM = frozenset({"apt-get", "apt", "apk"})


def lacking(words: Sequence[str], texts: Mapping[str, str], cwd: str, had: Had) -> Iterator[str]:
    """Packages of an install that the box does not have, by the names in its manifests and its own words."""
    asked = asked_of_pip(words)
    if asked is not None:
        wanted = set(asked.names)
        for name in asked.files:
            file = texts.get(posixpath.normpath(posixpath.join(cwd, name)), "")
            wanted |= declared({"requirements.txt": file}).packages
        own = declared({"pyproject.toml": installed_by(words, texts, cwd).get("pyproject.toml", "")})
        wanted |= own.packages - {own.name}
        yield from sorted(wanted - had.python - {"pip", "setuptools", "wheel"})
    elif posixpath.basename(words[0]) == "npm" and is_install(words) and words[1] in {"ci", "install", "i", "add"}:
        yield from _of_npm(words, texts, cwd, had)


def _of_npm(words: Sequence[str], texts: Mapping[str, str], cwd: str, had: Had) -> Iterator[str]:
    made = declared({"package.json": texts.get(posixpath.join(cwd, "package.json"), "{}")})
    wanted = made.all if installs_everything(words) else made.packages
    named = [re.sub(r"(?<=.)@.*", "", word) for word in words[2:] if not word.startswith("-")]
    yield from sorted((wanted | set(named)) - had.node)


def fetches(words: Sequence[str]) -> bool:
    """Whether it needs a network, or brings what no manifest tells of."""
    program = posixpath.basename(words[0])
    return program in _NETWORK or (program in SYSTEM and "install" in words) or (program == "apk" and "add" in words)

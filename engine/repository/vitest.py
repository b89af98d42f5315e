"""What a project's configuration of vitest says of its tests, as far as it stands there in so many words: it is read, and
never run.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping

from engine.domain import Value

CONFIGURATIONS = tuple(
    f"{kind}.config.{ending}" for kind in ("vitest", "vite") for ending in "ts mts js mjs cts cjs".split()
)
_SETUP = re.compile(r"""\bsetupFiles\s*:\s*(\[[^\]]*\]|["'][^"'\n]+["'])""")
_QUOTED = re.compile(r"""["'](?:\./|/)?([^"'\n]+)["']""")
_ALIAS = re.compile(r"""["']([@~#][\w-]*)/?["']\s*:\s*[^\n}]*?["'](?:\./|/)?([\w./-]+?)/?["']""")
_PAGE = re.compile(r"""\benvironment\s*:\s*["'](?:jsdom|happy-dom)["']""")


class Configured(Value):
    """Paths are relative to the project."""

    setup: tuple[str, ...] = ()
    """Files that are run before each file of tests."""
    alias: Mapping[str, str] = {}
    """Folder that a name stands for."""
    page: bool = False
    """Whether every test runs in a document."""

    @property
    def flags(self) -> tuple[str, ...]:
        """As `engine.checks.javascript.asking` reads them."""
        page = ("--page",) if self.page else ()
        return (
            *page,
            *(f"--setup={path}" for path in self.setup),
            *(f"--alias={n}={p}" for n, p in self.alias.items()),
        )


def configured(texts: Mapping[str, str]) -> Configured:
    """What the project's own configuration says. What is put together by a program is not seen."""
    text = next((texts[name] for name in CONFIGURATIONS if name in texts), "")
    setup = [path for found in _SETUP.findall(text) for path in map(posixpath.normpath, _QUOTED.findall(found))]
    alias = dict(_ALIAS.findall(text)) | dict(_paths(texts.get("tsconfig.json", "")))
    folders = {folder for name in texts for folder in _above(name)}
    return Configured(
        setup=tuple(path for path in setup if path in texts),
        alias={
            name: posixpath.normpath(place) for name, place in alias.items() if posixpath.normpath(place) in folders
        },
        page=_PAGE.search(text) is not None,
    )


def _paths(text: str) -> Iterator[tuple[str, str]]:
    """Names that TypeScript's configuration has for folders, where it is plain JSON."""
    try:
        options = json.loads(text)["compilerOptions"]["paths"].items()
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return
    for name, places in options:
        place = places[0] if isinstance(places, list) and places and isinstance(places[0], str) else ""
        if re.fullmatch(r"[@~#][\w-]*/\*", name) and place.endswith("/*"):
            yield name[:-2], place.removeprefix("./")[:-2]


def _above(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name

"""In which language a set of files is, by their names; and which of JavaScript's imports stand among them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from engine.checks.javascript.paths import SUFFIXES, TYPED
from engine.domain import Language

PROGRAMS: Mapping[Language, tuple[str, ...]] = {
    "python": ("python",),
    "javascript": ("node",),
    "typescript": ("node", "--no-warnings", "--experimental-transform-types"),
}
"""What runs one file, by its language."""
RUN_BY_NODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
"""What Node.js runs as it is; the others have to be built first."""
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}/[^"'\n]+)["']""")
_OUT = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
"""What TypeScript may call a file by the name of what comes of it."""


def language_of(files: Mapping[str, str]) -> Language:
    """Python where any of *files* is; else TypeScript where any is, also in a component; else JavaScript, if there is some."""
    if any(path.endswith((".py", ".pyi")) for path in files):
        return "python"
    if any(path.endswith(TYPED) or (path.endswith(".vue") and 'lang="ts' in text) for path, text in files.items()):
        return "typescript"
    return "javascript" if any(path.endswith(SUFFIXES) for path in files) else "python"


def relative_imports(files: Mapping[str, str]) -> Iterator[str]:
    """Every path that one of *files* imports, from the root, as it is written."""
    for path, text in files.items():
        for found in _IMPORTED.findall(text):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), found))


def accounted(path: str, there: Collection[str]) -> str | None:
    """The one of *there* that an import of *path* means."""
    stem, suffix = posixpath.splitext(path)
    candidates = (
        path,
        *(f"{path}{ending}" for ending in (*SUFFIXES, ".json")),
        *(f"{path}/index{ending}" for ending in SUFFIXES),
        *(f"{stem}{ending}" for ending in _OUT.get(suffix, ())),
    )
    return next((candidate for candidate in candidates if candidate in there), None)


def count_resolved(importing: Iterable[str], there: Collection[str]) -> int:
    """How many of *importing*, paths from the root, stand among *there*."""
    return sum(accounted(path, there) is not None for path in set(importing))

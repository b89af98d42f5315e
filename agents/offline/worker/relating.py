"""Which test files are likely to run some files under repair, by what they import: of a large suite only those are collected."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

MOST = 60
"""Test files that are collected beside those with failing tests."""
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+([^\n#]+)|import[ \t]+([^\n#]+))", re.MULTILINE)
_PER_NAME, _PER_PACKAGE = 3, 1


def related(tests: Mapping[str, str], modules: Collection[str], most: int = MOST) -> list[str]:
    """Paths of *tests* that import some of the *modules*, or a package around one; those first that name most of them."""
    scores: dict[str, int] = {}
    packages = {name.rpartition(".")[0] for name in modules} - {""}
    stems = {name.rpartition(".")[2] for name in modules}
    for path, text in tests.items():
        named = imported(text)
        score = _PER_NAME * len(named & set(modules)) + _PER_PACKAGE * len(named & packages)
        score += _PER_NAME * any(stem in path.rsplit("/", 1)[-1] for stem in stems if len(stem) > 3)
        if score:
            scores[path] = score
    return sorted(scores, key=lambda path: (-scores[path], path))[:most]


def imported(text: str) -> set[str]:
    """Names of modules, or of what may be one, that a file's import lines name."""
    found: set[str] = set()
    for source, names, modules in _IMPORT.findall(text):
        if source:
            found.add(source)
            found.update(f"{source}.{name.split()[0]}" for name in names.strip("( )").split(",") if name.strip())
        found.update(name.split()[0] for name in modules.split(",") if name.strip())
    return found

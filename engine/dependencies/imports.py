"""Modules that sources cannot do without: what is imported at once, and not only where it happens to be there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

IN_EVERY_BOX = frozenset("pytest _pytest hypothesis coverage pluggy iniconfig ruff packaging sortedcontainers".split())
"""Top-level modules of the packages that every box has."""
AT_THE_MARGIN = re.compile(r"^(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w. \t,]+))", re.MULTILINE)


def foreign_imports(texts: Mapping[str, str], among: Iterable[str]) -> dict[str, str]:
    """Dotted names of modules that these sources import absolutely when they are loaded, each with a file that does so.

    Only those that are neither the standard library's, nor in every box, nor of the project whose files are *among*.
    What stands in a function, a condition or a ``try`` is left out: whoever wrote that can do without.
    """
    own = top_level(among) | sys.stdlib_module_names | IN_EVERY_BOX
    found: dict[str, str] = {}
    seen: set[str] = set()
    for path, text in texts.items():
        if not path.endswith(".py"):
            continue
        # of thousands of files, only those are parsed that may import something that no other one does
        lines = {line for line in _at_the_margin(text) if line.partition(".")[0] not in own}
        if lines <= seen:
            continue
        seen |= lines
        for module in _of_source(text):
            if module.partition(".")[0] not in own:
                found.setdefault(module, path)
    return found


def top_level(files: Iterable[str]) -> frozenset[str]:
    """Names by which *files* may be imported, wherever a project's import roots are."""
    names: set[str] = set()
    for path in files:
        parts = PurePosixPath(path).parts
        if parts and parts[-1].endswith((".py", ".pyi", ".pyx", ".c", ".so")):
            names |= {part for part in parts[:-1] if part.isidentifier()}
            names.add(parts[-1].partition(".")[0])
    return frozenset(names)


def _at_the_margin(text: str) -> Iterator[str]:
    for match in AT_THE_MARGIN.finditer(text):
        yield from (word.split()[0] for word in (match[1] or match[2]).split(",") if word.strip())


def _of_source(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" if alias.name != "*" else node.module for alias in node.names)

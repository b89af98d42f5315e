"""Which files of a project a file of it imports: by its text alone, as nothing of a project is run on this machine."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.context.parts import SCRIPTS
from agents.context.trees import parse

_RELATIVE = re.compile(r"""['"](\.{1,2}/[^'"\n]{1,300})['"]""")
_MOST_FILES = 3_000
"""Files that are followed from the failing tests; nearest first."""


class Imports:
    """The import graph of a project, read as far as it is asked for."""

    def __init__(self, texts: Mapping[str, str], folders: Sequence[str] = ()) -> None:
        """*folders* come first on the import path, as the project's own settings say."""
        self._texts = texts
        self._modules = _modules(texts, folders)
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """Files of the project that *path* imports itself, each once."""
        if path not in self._known:
            found = self._of_python(path) if path.endswith(".py") else self._of_script(path)
            self._known[path] = tuple(dict.fromkeys(other for other in found if other != path))
        return self._known[path]

    def distances(self, start: Iterable[str]) -> dict[str, int]:
        """How many imports each file that is reached is away from *start*, breadth first."""
        distances = {path: 0 for path in start if path in self._texts}
        waiting = deque(distances)
        while waiting and len(distances) < _MOST_FILES:
            path = waiting.popleft()
            for other in self.of(path):
                if other not in distances:
                    distances[other] = distances[path] + 1
                    waiting.append(other)
        return distances

    def _of_script(self, path: str) -> Iterator[str]:
        if not path.endswith(SCRIPTS):
            return
        for written in _RELATIVE.findall(self._texts[path]):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
            stem = re.sub(r"\.(?:js|jsx|mjs|cjs)$", "", target)
            ends = ("", *SCRIPTS, ".json", *(f"/index{end}" for end in SCRIPTS))
            yield from ([name for base in (target, stem) for end in ends if (name := base + end) in self._texts][:1])

    def _of_python(self, path: str) -> Iterator[str]:
        tree = parse(self._texts[path])
        if tree is None:
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._module(alias.name.split("."))
            elif isinstance(node, ast.ImportFrom):
                yield from self._from(path, node)

    def _from(self, path: str, node: ast.ImportFrom) -> Iterator[str]:
        named = node.module.split(".") if node.module else []
        for alias in node.names:
            if node.level:
                folder = path.split("/")[: -node.level]
                inside = self._file("/".join([*folder, *named, alias.name]))
                package = self._file("/".join([*folder, *named]))
            else:
                inside = self._modules.get(".".join([*named, alias.name]))
                package = self._modules.get(".".join(named))
            if inside is not None:
                yield inside
            elif package is not None:
                yield from self._handed_on(package, alias.name)
                yield package
        if not node.level:
            yield from self._module(named)

    def _handed_on(self, package: str, name: str) -> Iterator[str]:
        """Where a package takes *name* from, that it only passes on: as near as the package itself."""
        if not package.endswith("__init__.py"):
            return
        tree = parse(self._texts[package])
        for node in tree.body if tree else ():
            if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
                named = node.module.split(".") if node.module else []
                folder = package.split("/")[: -node.level] if node.level else []
                found = self._file("/".join([*folder, *named])) if node.level else self._modules.get(".".join(named))
                if found is not None and found != package:
                    yield found

    def _module(self, dotted: Sequence[str]) -> Iterator[str]:
        """The module itself, else the nearest package around it; and the packages around, which run first."""
        for count in range(len(dotted), 0, -1):
            found = self._modules.get(".".join(dotted[:count]))
            if found is not None:
                yield found

    def _file(self, stem: str) -> str | None:
        stem = stem.strip("/")
        names = (f"{stem}.py", f"{stem}/__init__.py") if stem else ("__init__.py",)
        return next((name for name in names if name in self._texts), None)


def _modules(texts: Mapping[str, str], folders: Sequence[str]) -> dict[str, str]:
    """Path by dotted name. A file has a name from each folder that may be on the import path; the first one counts."""
    python = sorted(path for path in texts if path.endswith(".py"))
    packages = {posixpath.dirname(path) for path in python if path.endswith("__init__.py")}
    names: dict[str, str] = {}
    for root in dict.fromkeys([*(folder.strip("./") for folder in folders), "", "src", "lib"]):
        for path in python:
            if not root or path.startswith(f"{root}/"):
                names.setdefault(_dotted(path, root), path)
    for path in python:
        names.setdefault(_dotted(path, _top(path, packages)), path)
    return names


def _dotted(path: str, root: str) -> str:
    inside = path[len(root) + 1 :] if root else path
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _top(path: str, packages: set[str]) -> str:
    """The folder around the outermost package that *path* is in."""
    folder = posixpath.dirname(path)
    while folder in packages and folder:
        folder = posixpath.dirname(folder)
    return folder

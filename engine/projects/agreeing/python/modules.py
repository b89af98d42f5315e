"""The modules of one component, found as the interpreter would find them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from engine.dependencies.tables import below, items, read_toml
from engine.projects.agreeing.parts import shown
from engine.projects.agreeing.python.packages import MOST_OF_A_MANIFEST
from engine.projects.agreeing.python.source import IMPLICIT, Source, parsed, source_of
from engine.projects.agreeing.python.testing import is_python_test
from engine.repository.importing import import_path

_COMPILED = (".pyi", ".pyx", ".so", ".pyd", ".c")
_MOST_OF_ONE = 400_000
_MOST_READ = 2_000_000
"""Characters of one file, and of all, that are read."""
_MOST_HOPS = 12
"""Modules that a name is followed through."""


class Unparsed(NamedTuple):
    """A file that this interpreter does not parse; without a message where another one may."""

    path: str
    line: int
    message: str


class Modules:
    """All that can be imported of *files*, by path from the component's folder, where it is started by *command*."""

    def __init__(self, files: Mapping[str, str], command: Iterable[str] = ()) -> None:
        self.files = files
        self.sources: dict[str, Source] = {}
        self.unparsed: list[Unparsed] = []
        self._known: dict[str, frozenset[str] | None] = {}
        self._shown: dict[str, str] = {}
        read = 0
        for path, text in sorted(files.items()):
            if not path.endswith(".py"):
                continue
            read += len(text)
            if read > _MOST_READ or len(text) > _MOST_OF_ONE:
                # it is there, and what it holds is not known
                continue
            tree = parsed(text)
            if isinstance(tree, str):
                line, _, message = tree.partition(":")
                self.unparsed.append(Unparsed(path, int(line), message))
            else:
                self.sources[path] = source_of(path, text, tree)
        self._compiled = {path[: path.find(".", path.rfind("/") + 1)] for path in files if path.endswith(_COMPILED)}
        self._folders = {
            above for path in files if path.endswith((".py", *_COMPILED)) for above in _folders_above(path)
        }
        self._roots = tuple(dict.fromkeys(self._all_roots(list(command))))

    def _all_roots(self, command: list[str]) -> Iterator[str]:
        """Folders that modules are found in: ``""`` for the component's own, others end with a slash."""
        yield ""
        small = {path: text for path, text in self.files.items() if len(text) < MOST_OF_A_MANIFEST}
        document = read_toml(small.get("pyproject.toml", ""))
        pytest = below(document, "tool", "pytest", "ini_options").get("pythonpath")
        said = [pytest] if isinstance(pytest, str) else [str(each) for each in items(pytest)]
        for folder in ("src", *import_path(small, list(self.files), said)):
            yield f"{folder}/" if folder != "." else ""
        for word in command:
            # what is run by its path has its own folder on the path
            if word in self.files:
                yield word[: word.rfind("/") + 1]
            yield f"{word.strip('./')}/"
        for path in self.files:
            # pytest puts the first folder that is no package on the path
            if is_python_test(path) or path.endswith("conftest.py"):
                yield self._above_packages(path)

    def _above_packages(self, path: str) -> str:
        folder = path[: path.rfind("/") + 1]
        while folder and f"{folder}__init__.py" in self.files:
            folder = folder[: folder[:-1].rfind("/") + 1]
        return folder

    @cached_property
    def patched(self) -> frozenset[str]:
        """Names of attributes that some file sets from outside: by assignment, or as a test's stand-in does."""
        found: set[str] = set()
        for source in self.sources.values():
            for node in source.nodes:
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    found.add(node.attr)
                elif isinstance(node, ast.Call) and re.search(r"patch|setattr|object|dict", _called(node)):
                    for given in node.args:
                        if isinstance(given, ast.Constant) and isinstance(given.value, str):
                            found.add(given.value.rpartition(".")[2])
        return frozenset(found)

    @cached_property
    def is_hooked(self) -> bool:
        """Whether some file has a hand in how modules are found."""
        return any(word in text for text in self.files.values() for word in ("sys.modules", "meta_path", "__path__"))

    def is_own(self, module: str, importer: str) -> bool:
        """Whether the topmost name of *module* is one of the component's."""
        return any(self._exists(root + module.partition(".")[0]) for root in self._roots_for(importer))

    def find(self, module: str, importer: str) -> str | None:
        """Where the dotted *module* is, as a path without its ending; None where it is nowhere."""
        place = module.replace(".", "/")
        return next((root + place for root in self._roots_for(importer) if self._exists(root + place)), None)

    def beside(self, importer: str, level: int, module: str | None) -> str | None:
        """Where a relative import leads: None where it leads to nothing, or out of the component."""
        folder = importer.split("/")[:-1]
        if level - 1 > len(folder):
            return None
        steps = [*folder[: len(folder) - (level - 1)], *(module.split(".") if module else [])]
        place = "/".join(steps)
        return place if not place or self._exists(place) else None

    def is_package(self, place: str) -> bool:
        return f"{place}.py" not in self.files and place in self._folders

    def path_of(self, place: str) -> str:
        """The file of the module at *place*; a folder without ``__init__.py`` is its own."""
        return next((path for path in (f"{place}.py", _init(place)) if path in self.files), place)

    def source_at(self, place: str) -> Source | None:
        """The source of the module at *place*; None for a folder without ``__init__.py``, and for what is not parsed."""
        return self.sources.get(f"{place}.py") if f"{place}.py" in self.files else self.sources.get(_init(place))

    def is_known(self, place: str) -> bool:
        """Whether all names of the module at *place* are known."""
        return self._all_names(place) is not None

    def has(self, place: str, name: str) -> bool:
        """Whether the module at *place* may have *name*."""
        names = self._all_names(place)
        return (
            names is None
            or name in names
            or name in IMPLICIT
            or name in self.patched
            or self._exists(f"{place}/{name}" if place else name)
        )

    def names(self, place: str) -> frozenset[str]:
        return self._all_names(place) or frozenset()

    def shown(self, place: str) -> str:
        """Some of its names, for a message."""
        if place not in self._shown:
            self._shown[place] = shown(self.names(place))
        return self._shown[place]

    def _all_names(self, place: str) -> frozenset[str] | None:
        if place not in self._known:
            self._known[place] = self._names(place)
        return self._known[place]

    def _names(self, place: str) -> frozenset[str] | None:
        """All names of the module at *place*, and of those whose names it takes in; None where they are not all known."""
        found: set[str] = set()
        seen = {place}
        left = [place]
        while left:
            each = left.pop()
            source = self.source_at(each)
            if source is None:
                is_namespace = f"{each}.py" not in self.files and _init(each) not in self.files
                if not is_namespace or {each, f"{each}/__init__"} & self._compiled:
                    return None
                continue
            targets = [self.target(source, star) for star in source.stars]
            if source.opened or None in targets:
                return None
            found |= source.top
            more = {target for target in targets if target is not None} - seen
            seen |= more
            left += more
        return frozenset(found)

    def target(self, source: Source, node: ast.ImportFrom) -> str | None:
        """Where the module that *node* takes names from is, if it is the component's own."""
        if node.level:
            return self.beside(source.path, node.level, node.module)
        return self.find(node.module or "", source.path)

    def defined(self, place: str, name: str) -> tuple[Source, ast.stmt] | None:
        """The one statement that binds *name* in the module at *place*, followed through imports; None where that is
        not sure.
        """
        for _ in range(_MOST_HOPS):
            source = self.source_at(place)
            if source is None or name in self.patched or source.opened or (statement := source.statement(name)) is None:
                return None
            if not isinstance(statement, ast.ImportFrom):
                return source, statement
            alias = next(alias for alias in statement.names if (alias.asname or alias.name) == name)
            target = self.target(source, statement)
            if target is None or self._exists(f"{target}/{alias.name}"):
                return None
            place, name = target, alias.name
        return None

    def hides(self, place: str, name: str) -> bool:
        """Whether the package at *place* may have something else by the name of a module of its own."""
        own = self.source_at(place)
        if own is None or not (name in own.top or own.opened or own.stars):
            return False
        # it may have taken in just that module
        node, alias = own.imported.get(name, (None, None))
        is_it = isinstance(node, ast.ImportFrom) and alias is not None and alias.name == name and own.bound[name] == 1
        return not (is_it and isinstance(node, ast.ImportFrom) and self.target(own, node) == place)

    def submodule(self, place: str, name: str) -> str | None:
        inner = f"{place}/{name}" if place else name
        return inner if self._exists(inner) else None

    def _roots_for(self, importer: str) -> Iterator[str]:
        yield from self._roots
        folder = importer[: importer.rfind("/") + 1]
        if f"{folder}__init__.py" not in self.files:
            # it may be run by its path
            yield folder

    def _exists(self, place: str) -> bool:
        return f"{place}.py" in self.files or place in self._folders or place in self._compiled


def _init(place: str) -> str:
    return f"{place}/__init__.py" if place else "__init__.py"


def _folders_above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")

"""Imports in the tests' process: frozen modules from memory, the candidate's as far modules, and nothing from the disk.

The files of the tests are not in the box at all: where pytest wants to see them, empty ones stand. So the candidate's
process can neither read nor change what it is tested with.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .near import Exporter


class Frozen:
    """The frozen files, by absolute path, and the folders that imports are resolved from."""

    def __init__(
        self, here: str, sources: Mapping[str, str], data: Mapping[str, bytes], folders: Sequence[str]
    ) -> None:
        self.sources = {os.path.join(here, path): text for path, text in sources.items()}
        self.data = {os.path.join(here, path): content for path, content in data.items()}
        beside = {os.path.dirname(path) for path in self.sources}
        self.roots = [*folders, *sorted(beside - set(folders))]
        for path, text in self.sources.items():
            # what tracebacks quote; without a time of change it is never looked up on the disk
            linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)

    def find(self, name: str) -> tuple[str, bool] | None:
        """Path of the frozen file of a dotted module name, and whether it is a package."""
        part = name.replace(".", "/")
        for root in self.roots:
            for tail, package in ((f"{part}/__init__.py", True), (f"{part}.py", False)):
                path = os.path.join(root, tail)
                if path in self.sources:
                    return path, package
        return None

    def is_folder(self, name: str) -> list[str]:
        """Folders of this dotted name that hold frozen modules without being a package."""
        below = [os.path.join(root, name.replace(".", "/")) for root in self.roots]
        return [folder for folder in below if any(path.startswith(f"{folder}/") for path in self.sources)]

    def name_of(self, path: str) -> str:
        """The module name that pytest gives a file: with those of the packages above it."""
        parts = [os.path.basename(path).removesuffix(".py")]
        folder = os.path.dirname(path)
        while os.path.join(folder, "__init__.py") in self.sources:
            parts.insert(0, os.path.basename(folder))
            folder = os.path.dirname(folder)
        if parts[-1] == "__init__" and len(parts) > 1:
            parts.pop()
        return ".".join(parts)


class FrozenFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads frozen modules from memory."""

    def __init__(self, frozen: Frozen, exporter: Exporter) -> None:
        self._frozen = frozen
        self._exporter = exporter

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> importlib.machinery.ModuleSpec | None:
        found = self._frozen.find(name)
        if found is not None:
            spec = importlib.machinery.ModuleSpec(name, self, origin=found[0], is_package=found[1])
            spec.has_location = True
            return spec
        folders = self._frozen.is_folder(name)
        if not folders:
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = folders
        return spec

    def exec_module(self, module: types.ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None
        path = spec.origin or ""
        self._exporter.modules.add(module.__name__)
        tree = ast.parse(self._frozen.sources[path], path)
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)  # the frozen tests, and nothing else

    def load(self, path: str) -> types.ModuleType:
        """The module of the frozen file at *path*, as `_pytest.pathlib.import_path` gives it.

        Raises:
            ImportError: There is no such frozen file: somebody has put it there meanwhile.
        """
        if path not in self._frozen.sources:
            raise ImportError(f"{path} is no frozen file")
        name = self._frozen.name_of(path)
        known = sys.modules.get(name)
        if known is None or getattr(known, "__file__", None) != path:
            if known is not None and name in self._exporter.modules:
                raise ImportError(f"two frozen files have the module name {name}")
            sys.modules.pop(name, None)
            spec = importlib.machinery.ModuleSpec(name, self, origin=path, is_package=path.endswith("/__init__.py"))
            spec.has_location = True
            if "." in name:
                importlib.import_module(name.rpartition(".")[0])
            known = importlib.util.module_from_spec(spec)
            sys.modules[name] = known
            try:
                self.exec_module(known)
            except BaseException:
                sys.modules.pop(name, None)
                raise
        return known


class FarFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the candidate's modules in its own process, whatever the name is spelt like."""

    def __init__(self, tops: frozenset[str], import_there: Callable[[str], types.ModuleType]) -> None:
        self._tops = tops
        self._import_there = import_there

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in self._tops:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._import_there(spec.name)

    def exec_module(self, _module: types.ModuleType) -> None:
        """Nothing: it has run where it belongs."""


def serve_from_memory(frozen: Frozen) -> None:
    """Let `open` give the frozen data files as they were, whatever has become of them on the disk."""
    real = io.open

    def opened(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        content = frozen.data.get(os.path.abspath(os.fspath(file))) if isinstance(file, (str, os.PathLike)) else None
        if content is None or set(mode) & set("wax+"):
            return real(file, mode, *arguments, **named)
        if "b" in mode:
            return io.BytesIO(content)
        options = dict(zip(("buffering", "encoding", "errors", "newline"), arguments, strict=False)) | named
        options.pop("buffering", None)
        options.pop("closefd", None)
        options.pop("opener", None)
        return io.TextIOWrapper(io.BytesIO(content), **{"encoding": "utf-8", **options})

    # pathlib asks `io` each time
    io.open = opened
    builtins.open = opened

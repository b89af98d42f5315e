"""Lets a process import the files under test from memory, so that each child can have its own version of one."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType


class Served(MetaPathFinder, Loader):
    """Comes before all other finders once it is `install`-ed, which is done in a child only."""

    def __init__(self, root: Path, names: Mapping[str, str], texts: Mapping[str, str]) -> None:
        self._root = root
        self._codes: dict[str, CodeType] = {}
        self._paths = {name: path for path, name in names.items()}
        self.put_in(texts)

    def put_in(self, texts: Mapping[str, str]) -> None:
        """Other texts for some paths; what does not compile raises when it is imported."""
        for path, text in texts.items():
            try:
                self._codes[path] = compile(text, self.file(path), "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                self._codes.pop(path, None)

    @property
    def codes(self) -> list[CodeType]:
        return list(self._codes.values())

    def file(self, path: str) -> str:
        """The name that code of *path* has."""
        return str(self._root / path)

    def install(self) -> None:
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of the files; None for all other modules."""
        del path, target
        at = self._paths.get(fullname)
        if at is None or at not in self._codes:
            return None
        spec = ModuleSpec(fullname, self, origin=self.file(at), is_package=at.endswith("__init__.py"))
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str((self._root / at).parent))
        spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        del spec
        return None  # the usual kind of module

    def exec_module(self, module: ModuleType) -> None:
        exec(self._codes[self._paths[module.__name__]], vars(module))  # noqa: S102  # the code under test

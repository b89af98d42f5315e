"""Where a name of a frozen test comes from: the code under test, or anything else."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import PurePosixPath

TOOLS = frozenset(("pytest", "_pytest", "pluggy", "hypothesis", "coverage", "ruff"))


def module_names(path: str) -> tuple[str, ...]:
    """The dotted names by which the file *path* may be imported from the root, or from `src`."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts and parts[-1] == "__init__":
        del parts[-1]
    names = [".".join(parts)]
    if parts and parts[0] == "src":
        names.append(".".join(parts[1:]))
    return tuple(name for name in names if name)


class Origins:
    """Knows the modules of one task."""

    def __init__(self, code: Collection[str], tests: Collection[str]) -> None:
        """*code* and *tests* are paths."""
        self._code = frozenset(code)
        self._modules = {name for path in code if path.endswith(".py") for name in module_names(path)}
        self._packages = {name.split(".", 1)[0] for name in self._modules}
        # A frozen file is found from the root, and from its own folder.
        frozen = [path for path in tests if path.endswith(".py") and path not in self._code]
        self._frozen = {name for path in frozen for name in (*module_names(path), PurePosixPath(path).stem)}

    def is_code(self, dotted: str) -> bool:
        """Whether *dotted* is of the code under test, which may not have been written yet."""
        heads = {dotted[:at] for at, sign in enumerate(dotted) if sign == "."} | {dotted}
        if heads & self._frozen:
            return False
        first = dotted.split(".", 1)[0]
        return first in self._packages or (first not in sys.stdlib_module_names and first not in TOOLS)

    def is_module(self, dotted: str) -> bool:
        return dotted in self._modules

    def beside(self, path: str, dotted: str) -> str:
        """*dotted*, told apart from a module of that name elsewhere: by its folder, where the test at *path* has its own."""
        folder = PurePosixPath(path).parent
        first = dotted.split(".", 1)[0]
        near = (f"{folder}/{first}.py", f"{folder}/{first}/__init__.py")
        return f"{folder}/{dotted}" if str(folder) != "." and self._code & set(near) else dotted

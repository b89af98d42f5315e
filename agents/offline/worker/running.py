"""The running modules of the files under repair: their functions found, and exchanged for those of a candidate."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType

from .codes import Where, by_name
from .guard import Steps

Undo = list[tuple[FunctionType, CodeType]]


@dataclass(frozen=True)
class Candidate:
    """A change of one file: functions to exchange, or a statement to run again."""

    path: str
    change: dict[Where, CodeType] | CodeType


class Unimportable(Exception):
    """The module could not be imported with this candidate."""


class Running:
    """What was made from the files under repair, of which a process has imported some."""

    def __init__(self, paths: Mapping[str, str], texts: Mapping[str, str], steps: Steps) -> None:
        """*paths* gives the path for each name that a file's code may have; *steps* are counted in what comes in."""
        self._paths = paths
        self._texts = texts
        self._steps = steps
        self._made: dict[str, list[FunctionType]] = {}
        self._found: dict[str, dict[Where, list[FunctionType]]] = {}

    def gather(self) -> None:
        """Look for all functions that were made from the files, wherever they are held.

        To be called while the collector still knows them: what is frozen (`gc.freeze`) it does not tell of.
        """
        self._made.clear()
        self._found.clear()
        for thing in gc.get_objects():
            if type(thing) is FunctionType and thing.__code__.co_filename in self._paths:
                self._made.setdefault(thing.__code__.co_filename, []).append(thing)

    def find(self, paths: Collection[str]) -> None:
        """Tell apart the functions of these files by where they are written, unless that was done before."""
        wanted = {path for path in paths if path in self._texts} - self._found.keys()
        if not wanted:
            return
        self._found |= {path: {} for path in wanted}
        for name, path in self._paths.items():
            if path not in wanted or name not in self._made:
                continue
            code = compile(self._texts[path], name, "exec", dont_inherit=True)
            known = {function: where for where, function in by_name(code).items()}
            for function in self._made[name]:
                where = known.get(function.__code__)
                if where is not None:
                    self._found[path].setdefault(where, []).append(function)

    def functions(self, path: str) -> Mapping[Where, list[FunctionType]]:
        return self._found.get(path, {})

    def modules(self) -> list[ModuleType]:
        """Those that are imported."""
        return [m for m in list(sys.modules.values()) if getattr(m, "__file__", None) in self._paths]

    def put_in(self, candidate: Candidate) -> Undo | None:
        """Let the candidate be in the place of the code as handed in; None where that cannot be done.

        Raises:
            Unimportable: A statement that was to run again has raised.
        """
        if isinstance(candidate.change, CodeType):
            return [] if self._rebuild(candidate.path, candidate.change) else None
        return self._exchange(candidate.path, candidate.change)

    def _exchange(self, path: str, codes: dict[Where, CodeType]) -> Undo | None:
        """Put the new code into the functions; what was there before, or None where it does not fit."""
        undo: Undo = []
        fitted = False
        for where, code in codes.items():
            for function in self.functions(path).get(where, ()):
                old = function.__code__
                new = _placed(code, old.co_filename)
                self._steps.watch(new)
                try:
                    function.__code__ = new
                except ValueError:  # another number of free variables
                    continue
                undo.append((function, old))
                fitted = True
        return undo if fitted else None

    def _rebuild(self, path: str, code: CodeType) -> bool:
        """Run a top-level statement again, and let everybody who holds what it made before hold what it makes now.

        There is no way back; False where it cannot be done.
        """
        module = next((m for m in self.modules() if self._paths[str(m.__file__)] == path), None)
        if module is None:
            return False
        space = vars(module)
        before = dict(space)
        name = str(module.__file__)
        placed = _placed(code, name)
        self._steps.watch(placed)
        try:
            exec(placed, space)  # noqa: S102  # this process is in a box, and is for running candidates
        except BaseException as error:  # whatever it raises, it would raise on import
            raise Unimportable from error
        for key, new in list(space.items()):
            old = before.get(key)
            if old is new:
                continue
            if (
                type(old) is FunctionType
                and type(new) is FunctionType
                and len(old.__code__.co_freevars) == len(new.__code__.co_freevars)
            ):
                old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
                space[key] = old
            elif isinstance(old, type) and isinstance(new, type):
                _take_over(old, new)
                space[key] = old
            else:
                for other in list(sys.modules.values()):
                    if getattr(other, "__dict__", {}).get(key) is old and key in vars(other):
                        vars(other)[key] = new
        return True


def take_out(undo: Undo | None) -> None:
    """Let what was exchanged be as it was."""
    for function, code in undo or ():
        function.__code__ = code


def _placed(code: CodeType, name: str) -> CodeType:
    """*code* and all below it as of the file *name*."""
    consts = tuple(_placed(c, name) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=name, co_consts=consts)


def _take_over(old: type, new: type) -> None:
    """Give the class *old* what *new* has, so that those who imported it see the change."""
    for name, value in vars(new).items():
        if name not in ("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"):
            with contextlib.suppress(AttributeError, TypeError):
                setattr(old, name, value)

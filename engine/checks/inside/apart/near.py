"""What of the tests' own objects the candidate's process may hold, ask and call. Everything else stays here.

It is handed only what a test hands it, and of that only public names: no way leads from there to the frames, the module
or the runner of the tests.
"""

from __future__ import annotations

import functools
import io
import operator
import random
import sys
import types
from typing import Any

from . import far, owner
from .peer import Peer, named
from .plain import Wire

_PASSED_ON: tuple[type, ...] = (io.StringIO, io.BytesIO, random.Random, types.SimpleNamespace)
_NAMES_OF_FUNCTIONS = frozenset({"__name__", "__qualname__", "__doc__", "__module__"})
_PARAMETER_DEFAULTS = (int, float, str, bool, bytes, type(None))


class Exporter:
    """Knows which modules are the tests' own."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        """Names of the frozen modules that are loaded."""

    def may_know(self, kind: type) -> bool:
        """Whether a class is one of the tests' own, or known by its name everywhere."""
        return kind.__module__ in self.modules or named(kind) is not None

    def export(self, peer: Peer, value: Any) -> Wire:
        """A handle of *value*.

        Raises:
            Unseparable: The tests hand over something that no other process can use.
        """
        kind = type(value)
        if kind is owner.Bound:
            return ["Y", peer.encode(value.owner), value.name]
        if isinstance(value, BaseException):
            return far.encode_exception(peer, value)
        if isinstance(value, type) and (value.__module__ in self.modules or issubclass(value, BaseException)):
            return far.describe(peer, value)
        if kind is types.FunctionType and value.__module__ in self.modules:
            doc = value.__doc__ if type(value.__doc__) is str else None
            about = [value.__name__, value.__qualname__, value.__module__, doc, _parameters(value)]
            return ["F", peer.number_of(value), *about]
        if kind is types.MethodType and self._may_go(value.__self__):
            return ["Y", peer.encode(value.__self__), value.__name__]
        if kind is functools.partial or kind in (operator.itemgetter, operator.attrgetter, operator.methodcaller):
            # as a function of ours: it is called here
            return ["F", peer.number_of(value), "partial", "partial", "functools", None, None]
        if self._may_go(value):
            return ["o", peer.number_of(value), far.describe(peer, kind)]
        raise far.impossible(f"the tests hand over a {kind.__module__}.{kind.__qualname__}")

    def permit(self, operation: str, target: Any, arguments: list[Any]) -> None:
        """Raise `AttributeError` where the candidate asks for more than a public name.

        That it has a handle of *target* at all was seen before: it came from `export`.
        """
        if operation in {"get", "set"}:
            name = arguments[0]
            function = isinstance(target, (types.FunctionType, types.MethodType, types.BuiltinMethodType))
            if function and operation == "get" and name in _NAMES_OF_FUNCTIONS:
                return
            if type(name) is not str or name.startswith("_") or function:
                raise AttributeError(name)
            if operation == "set" and not self.is_ours(target):
                raise AttributeError(name)
        elif (
            operation == "op"
            and arguments[0] not in far.FORWARDED
            and arguments[0] not in {"is instance", "is subclass"}
        ):
            raise AttributeError(arguments[0])

    def _may_go(self, value: Any) -> bool:
        kind = type(value)
        return (
            kind is object
            or kind in _PASSED_ON
            or self.is_ours(value)
            or isinstance(value, types.GeneratorType)
            or (hasattr(kind, "__next__") and kind.__module__ in {"builtins", "itertools"})
        )

    def is_ours(self, value: Any) -> bool:
        """Whether it is an instance of a class of the tests, or one of their mocks."""
        mock = sys.modules.get("unittest.mock")
        return type(value).__module__ in self.modules or (
            mock is not None and isinstance(value, (mock.NonCallableMock, mock._SentinelObject, type(mock.ANY)))  # noqa: SLF001
        )


def _parameters(function: types.FunctionType) -> list[list[Any]] | None:
    """(name, kind, has a default, plain default) of each parameter, as `inspect` numbers the kinds."""
    code = function.__code__
    names = code.co_varnames
    positional, by_name = code.co_argcount, code.co_kwonlyargcount
    defaults = function.__defaults__ or ()
    found: list[list[Any]] = []
    for index in range(positional):
        at = index - (positional - len(defaults))
        default = defaults[at] if at >= 0 else None
        found.append([names[index], 0 if index < code.co_posonlyargcount else 1, at >= 0, _plain(default)])
    if code.co_flags & 0x04:
        found.append([names[positional + by_name], 2, False, None])
    for index in range(positional, positional + by_name):
        given = function.__kwdefaults__ or {}
        found.append([names[index], 3, names[index] in given, _plain(given.get(names[index]))])
    if code.co_flags & 0x08:
        found.append([names[positional + by_name + bool(code.co_flags & 0x04)], 4, False, None])
    return found


def _plain(value: Any) -> Any:
    return value if type(value) in _PARAMETER_DEFAULTS else None

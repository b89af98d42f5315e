"""Sees that what runs and reports the tests was not replaced by what they import.

It raises the price of a deceit, and is no proof: code in the same process can put everything back in time.
"""

from __future__ import annotations

import importlib
import json
import operator
import os
import sys
import types
import unittest
from collections.abc import Callable, Iterable, Iterator
from json import encoder as json_encoder

import _pytest.assertion.rewrite
import _pytest.python
import _pytest.raises
import _pytest.reports
import _pytest.runner
import _pytest.skipping
import _pytest.unittest
import pytest

RUNNERS: tuple[types.ModuleType, ...] = (
    _pytest.assertion.rewrite,
    _pytest.python,
    _pytest.raises,
    _pytest.reports,
    _pytest.runner,
    _pytest.skipping,
    _pytest.unittest,
    *(sys.modules[name] for name in ("pluggy._callers", "pluggy._hooks", "pluggy._manager")),
    unittest.case,
)
"""Where it is decided what becomes of a test. Input, output and clocks are not here: honest tests replace those."""
# Bound here, before submitted code can put something else in their place.
ALL, MAP, IS = all, map, operator.is_
SITE = "/opt/mendbox/site/"
"""Where the packages of an environment stand."""


def encoder() -> Callable[[object], str]:
    """What makes one line of JSON of plain values, by compiled code alone: nobody can give it other words."""
    make = getattr(json_encoder, "c_make_encoder", None)
    if make is None:
        return json.dumps
    sort_keys, skip_keys, allow_nan = False, False, True
    words = json_encoder.encode_basestring_ascii
    encode = make(None, None, words, None, ": ", ", ", sort_keys, skip_keys, allow_nan)
    return lambda value: "".join(encode(value, 0))


def not_loaded_from(item: pytest.Item) -> bool:
    """Whether the module of *item* is another one than pytest itself loads from the frozen file."""
    module = getattr(item, "module", None)
    if module is None:
        return False  # a doctest of a text file
    spec = getattr(module, "__spec__", None)
    loader = getattr(spec, "loader", None)
    return type(loader) is not _pytest.assertion.rewrite.AssertionRewritingHook or getattr(spec, "origin", "") != str(
        item.path
    )


class Originals:
    """The functions as they were before the first submitted line ran."""

    def __init__(self, *ours: type) -> None:
        self._names: list[str] = []
        self._places: list[tuple[Callable[[str], object], str]] = []
        self._values: list[object] = []
        self._functions: list[types.FunctionType] = []
        self._codes: list[types.CodeType] = []
        self._tests: dict[str, tuple[types.FunctionType, types.CodeType]] = {}
        self._recoded = False
        self._trusted: frozenset[types.CodeType] = frozenset()
        self._add([(module.__name__, module) for module in RUNNERS])
        self._add([(f"{place.__module__}.{place.__name__}", place) for place in ours])

    def watch(self, library: Iterable[str]) -> None:
        """Watch these modules as well, which the tests import, like those that run them."""
        self._add([(name, importlib.import_module(name)) for name in library])

    def trust(self, plugins: Iterable[str]) -> None:
        """Let functions of these plugins of the environment stand in others' places: some mend pytest as they begin.

        What their functions are is read from their files, which nobody in a box can change, before any submitted code runs.
        """
        codes: set[types.CodeType] = set()
        for name in plugins:
            # by its place, because to look a module up by name imports the package around it, before pytest wants to
            place = SITE + name.replace(".", "/")
            for path in (f"{place}.py", f"{place}/__init__.py"):
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        codes |= codes_in(compile(file.read(), path, "exec", dont_inherit=True))
        self._trusted = frozenset(codes)

    def _add(self, places: Iterable[tuple[str, object]]) -> None:
        for of, module in places:
            for name, place in spaces(of, module):
                space = vars(place)
                for key, value in space.items():
                    function = function_of(value)
                    if function is not None:
                        self._names.append(f"{name}.{key}")
                        self._places.append((space.get, key))
                        self._values.append(value)
                        self._functions.append(function)
                        self._codes.append(function.__code__)

    def add_tests(self, items: Iterable[pytest.Item]) -> None:
        """Watch the code of the collected tests as well, each around its own run."""
        for item in items:
            function = getattr(item, "function", None)
            if isinstance(function, types.FunctionType):
                self._tests[item.nodeid] = function, function.__code__

    def on_audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Hear that a function was given other code: nobody can have it done without the interpreter telling."""
        if event == "object.__setattr__" and arguments[1] == "__code__":
            self._recoded = True

    def is_other(self, test: str) -> bool:
        """Whether the function of *test* has other code than it was collected with."""
        function, code = self._tests.get(test, (None, None))
        return function is not None and function.__code__ is not code

    def replaced(self) -> list[str]:
        """Names of what is another function now, or has another code; at most five."""
        # Looked at after every test, so by compiled code alone; who it is is only asked where something differs.
        now = [get(key) for get, key in self._places]
        if not self._recoded and ALL(MAP(IS, now, self._values)):
            return []
        rows = zip(self._names, now, self._values, self._functions, self._codes, strict=True)
        other = [
            name
            for name, new, old, function, code in rows
            if function.__code__ is not code or (new is not old and not self._is_trusted(new))
        ]
        return other[:5]

    def _is_trusted(self, value: object) -> bool:
        function = function_of(value)
        return function is not None and function.__code__ in self._trusted


def codes_in(code: types.CodeType) -> set[types.CodeType]:
    """The code of every function that is defined in *code*, at any depth."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return {*inner, *(deeper for each in inner for deeper in codes_in(each))}


def spaces(name: str, module: object) -> Iterator[tuple[str, object]]:
    yield name, module
    yield from classes_in(name, module)


def classes_in(name: str, module: object) -> Iterator[tuple[str, type]]:
    for key, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == name:
            yield f"{name}.{key}", value


def function_of(value: object) -> types.FunctionType | None:
    """The function behind a method or property, or itself; None for anything else."""
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", value) if isinstance(value, (classmethod, staticmethod)) else value
    return value if isinstance(value, types.FunctionType) else None

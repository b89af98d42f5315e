"""Sees that what runs and reports the tests was not replaced by what they import.

It raises the price of a deceit, and is no proof: code in the same process can put everything back in time.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
import unittest
from collections.abc import Callable, Iterable, Iterator, Mapping
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
        self._seen: list[tuple[str, Mapping[str, object], str, object, types.CodeType | None]] = []
        self._tests: list[tuple[str, types.FunctionType, types.CodeType]] = []
        self._add([(module.__name__, module) for module in RUNNERS])
        self._add([(f"{place.__module__}.{place.__name__}", place) for place in ours])

    def watch(self, library: Iterable[str]) -> None:
        """Watch these modules as well, which the tests import, like those that run them."""
        self._add([(name, importlib.import_module(name)) for name in library])

    def _add(self, places: Iterable[tuple[str, object]]) -> None:
        self._seen += [
            (f"{name}.{key}", vars(place), key, value, code_of(value))
            for name, module in places
            for name, place in ((name, module), *classes_in(name, module))
            for key, value in vars(place).items()
            if code_of(value) is not None
        ]

    def add_tests(self, items: Iterable[pytest.Item]) -> None:
        """Watch the code of the collected tests as well."""
        for item in items:
            function = getattr(item, "function", None)
            if isinstance(function, types.FunctionType):
                self._tests.append((item.nodeid, function, function.__code__))

    def replaced(self) -> list[str]:
        """Names of what is another function now, or has another code; at most five."""
        found = [
            name
            for name, space, key, value, code in self._seen
            if space.get(key) is not value or code_of(value) is not code
        ]
        found += [name for name, function, code in self._tests if function.__code__ is not code]
        return found[:5]


def classes_in(name: str, module: object) -> Iterator[tuple[str, type]]:
    for key, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == name:
            yield f"{name}.{key}", value


def code_of(value: object) -> types.CodeType | None:
    """The code behind a function, method or property; None for anything else."""
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", value) if isinstance(value, (classmethod, staticmethod)) else value
    return value.__code__ if isinstance(value, types.FunctionType) else None

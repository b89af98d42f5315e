"""One collected test, run as directly as its kind allows."""

from __future__ import annotations

import copy
import inspect
import unittest
from collections.abc import Callable
from typing import Any

import pytest
from _pytest.runner import runtestprotocol


class Red(Exception):
    """The test did not pass, and pytest has kept the exception to itself."""


class Trial:
    """A test of which it is known how to run it."""

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.id = item.nodeid
        self._call, self.direct = _way(item)

    def run(self) -> None:
        """Run it; raises whatever it raises, and returns where it passes."""
        self._call()

    def use_protocol(self) -> None:
        """From now on, run it with everything that pytest does around a test."""
        self._call, self.direct = (lambda: _protocol(self.item)), False


def _way(item: pytest.Item) -> tuple[Callable[[], None], bool]:
    marks = {mark.name for mark in item.iter_markers()}
    if isinstance(item, pytest.Function) and not marks & {"skip", "skipif", "xfail", "usefixtures", "asyncio", "anyio"}:
        case = item.cls if isinstance(item.cls, type) and issubclass(item.cls, unittest.TestCase) else None
        if case is None and not inspect.iscoroutinefunction(item.obj):
            plain = _plain(item)
            if plain is not None:
                return plain, True
    return (lambda: _protocol(item)), False


def _plain(item: pytest.Function) -> Callable[[], None] | None:
    """A call without fixtures: the function and its parameters, or None where it needs more."""
    parameters: dict[str, Any] = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    wanted = set(item._fixtureinfo.argnames)  # noqa: SLF001  # pytest tells it nowhere else
    closure = set(item._fixtureinfo.names_closure) - {"request"}  # noqa: SLF001  # pytest tells it nowhere else
    if wanted - parameters.keys() or closure - parameters.keys():
        return None
    arguments = {name: parameters[name] for name in item._fixtureinfo.argnames}  # noqa: SLF001  # pytest tells it nowhere else
    name = getattr(item, "originalname", item.name)
    owner = item.cls
    function = item.obj if owner is None else None

    def call() -> None:
        # a test may change what it is given, and the next candidate must not see that
        given = copy.deepcopy(arguments)
        (function or getattr(owner(), name))(**given)

    return call


def _protocol(item: pytest.Item) -> None:
    reports = runtestprotocol(item, log=False, nextitem=None)
    if not all(report.passed for report in reports):
        raise Red

"""One collected test, run as directly as its kind allows."""

from __future__ import annotations

import copy
import inspect
import unittest
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import pytest
from _pytest.assertion import rewrite
from _pytest.runner import runtestprotocol

SPECIAL = frozenset(("skip", "skipif", "xfail", "usefixtures", "asyncio", "anyio"))
"""Marks of tests that pytest does not simply call."""


class Red(Exception):
    """The test did not pass, and pytest has kept the exception to itself."""


class Runnable(Protocol):
    def run(self) -> None: ...


class Idle:
    """Runs as a direct `Trial` does, and does nothing; divided by zero, it fails."""

    def __init__(self, divided_by: int = 0) -> None:
        self._call = direct(_divide, {"number": divided_by})

    def run(self) -> None:
        self._call()


class Trial:
    """A test of which it is known how to run it."""

    def __init__(self, item: pytest.Item) -> None:
        self.id = item.nodeid
        self.plain: tuple[Callable[..., object], dict[str, Any]] | None = None
        """The function and what it is given, where the test is no more than that."""
        self._call = self._way(item)

    def run(self) -> None:
        """Run it; raises whatever it raises, and returns where it passes."""
        self._call()

    def _way(self, item: pytest.Item) -> Callable[[], None]:
        marks = {mark.name for mark in item.iter_markers()}
        if isinstance(item, pytest.Function) and not marks & SPECIAL:
            case = item.cls if isinstance(item.cls, type) and issubclass(item.cls, unittest.TestCase) else None
            if case is None and not inspect.iscoroutinefunction(item.obj):
                self.plain = _plain(item)
                if self.plain is not None:
                    return direct(*self.plain)
        return lambda: _protocol(item)


def _plain(item: pytest.Function) -> tuple[Callable[..., object], dict[str, Any]] | None:
    """A call without fixtures: the function and its parameters, or None where it needs more."""
    parameters: dict[str, Any] = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    wanted = set(item._fixtureinfo.argnames)  # noqa: SLF001  # pytest tells it nowhere else
    closure = set(item._fixtureinfo.names_closure) - {"request"}  # noqa: SLF001  # pytest tells it nowhere else
    if wanted - parameters.keys() or closure - parameters.keys():
        return None
    arguments = {name: parameters[name] for name in item._fixtureinfo.argnames}  # noqa: SLF001  # pytest tells it nowhere else
    name = getattr(item, "originalname", item.name)
    owner = item.cls
    return (item.obj if owner is None else partial(_method, owner, name)), arguments


def _method(owner: type, name: str, **given: object) -> None:
    """Call it on an object of its own, as pytest does."""
    getattr(owner(), name)(**given)


def direct(function: Callable[..., object], arguments: dict[str, Any]) -> Callable[[], None]:
    """A call of *function* with copies of the *arguments*."""

    def call() -> None:
        # a test may change what it is given, and the next one must not see that
        function(**(copy.deepcopy(arguments) if arguments else arguments))

    return call


def _protocol(item: pytest.Item) -> None:
    reports = runtestprotocol(item, log=False, nextitem=None)
    if not all(report.passed for report in reports):
        raise Red


def _divide(number: int) -> None:
    1 / number


def hush() -> None:
    """Let failed assertions say nothing from now on: to word what they say takes ten times as long as most tests."""
    for name in ("_saferepr", "_format_explanation", "_format_assertmsg", "_format_boolop", "_call_reprcompare"):
        setattr(rewrite, name, _nothing)
    setattr(rewrite, "_should_repr_global_name", _no)  # noqa: B010  # private, and no name for type checkers


def _nothing(*_: object) -> str:
    return ""


def _no(_: object) -> bool:
    return False

"""One collected test, run as directly as its kind allows."""

from __future__ import annotations

import copy
import inspect
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import pytest
from _pytest.assertion import rewrite
from _pytest.runner import runtestprotocol

SPECIAL = frozenset(("skip", "skipif", "xfail", "usefixtures", "asyncio", "anyio"))
"""Marks of tests that pytest does not simply call."""
HOOKED = frozenset(
    ("caplog", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "testdir", "pytester", "recwarn")
)
"""Fixtures that count on the hooks of a report."""
RETURNED = frozenset(("monkeypatch", "capsys", "capfd"))
"""Fixtures that leave everything as it was."""


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

    def __init__(self, item: pytest.Item, *, strict: bool = False) -> None:
        """Where *strict*, all plugins have their say."""
        self.id = item.nodeid
        self.item = item
        self._strict = strict
        self.reached: Reached | None = None
        """What it runs of code that is no part of pytest, where that is known."""
        self._call = self._way(item)

    def run(self) -> None:
        """Run it; raises whatever it raises, and returns where it passes."""
        self._call()

    def _way(self, item: pytest.Item) -> Callable[[], None]:
        if self._strict:
            return lambda: _whole(item)
        marks = {mark.name for mark in item.iter_markers()}
        if not isinstance(item, pytest.Function) or marks & SPECIAL or inspect.iscoroutinefunction(item.obj):
            return lambda: _protocol(item)
        if isinstance(item.cls, type) and issubclass(item.cls, unittest.TestCase):
            return lambda: _without_reports(item)
        self.reached = _reached(item)
        if self.reached is not None and not self.reached.fixtures:
            return direct(self.reached.test, self.reached.given)
        if HOOKED & set(item.fixturenames):
            return lambda: _protocol(item)
        return lambda: _without_reports(item)


@dataclass(frozen=True)
class Reached:
    """What a test runs."""

    test: Callable[..., object]
    given: dict[str, Any]
    """Its parameters."""
    fixtures: tuple[Callable[..., object], ...] = ()


def _reached(item: pytest.Function) -> Reached | None:
    """The function with its parameters and fixtures, or None where it needs more than those."""
    parameters: dict[str, Any] = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    info = item._fixtureinfo  # noqa: SLF001  # pytest tells it nowhere else
    wanted = {*info.argnames, *info.names_closure} - parameters.keys() - {"request"}
    if "request" in info.argnames or not (wanted - RETURNED) <= info.name2fixturedefs.keys():
        return None
    fixtures = tuple(made.func for name in sorted(wanted - RETURNED) for made in info.name2fixturedefs[name])
    name = getattr(item, "originalname", item.name)
    test = item.obj if item.cls is None else partial(_method, item.cls, name)
    given = {name: parameters[name] for name in info.argnames if name in parameters}
    if wanted and not fixtures:
        return Reached(test, given, (_nothing,))
    return Reached(test, given, fixtures)


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


class _Heard:
    """What the reports of a test said, whoever made them."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)


def _whole(item: pytest.Item) -> None:
    """As pytest itself runs it: with what plugins put around a test, such as loops and filters of warnings.

    What is made once for the whole session, such as a database, stays for the tests that come after it in this process.
    """
    heard = _Heard()
    manager = item.config.pluginmanager
    manager.register(heard)
    try:
        item.ihook.pytest_runtest_protocol(item=item, nextitem=item.session)
    finally:
        manager.unregister(heard)
    if not heard.reports or not all(report.passed for report in heard.reports):
        raise Red


def _without_reports(item: pytest.Function) -> None:
    """As pytest runs it, set-up and all, but for the hooks of those who report about it."""
    if not item._request:  # noqa: SLF001  # as `runtestprotocol` does it
        item._initrequest()  # noqa: SLF001  # as above
    state = item.session._setupstate  # noqa: SLF001  # as above
    try:
        state.setup(item)
        item.runtest()
        for failure in getattr(item, "_excinfo", None) or ():
            raise failure.value  # what `unittest` has kept to itself
    finally:
        try:
            state.teardown_exact(None)
        finally:
            item.__dict__.pop("_excinfo", None)
            forget_request(item)


def forget_request(item: pytest.Item) -> None:
    """Let *item* be made ready anew next time, as `runtestprotocol` leaves it."""
    item._request = False  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public way
    item.funcargs = None  # type: ignore[attr-defined]


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

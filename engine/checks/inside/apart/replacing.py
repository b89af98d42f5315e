"""Sees what the tests replace: on the candidate's modules it is done there; on anything else it would be of no use."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from typing import Any

import _pytest.compat
import _pytest.config
import _pytest.fixtures
import _pytest.monkeypatch
import _pytest.python
import pytest

from . import far
from .frozen import FrozenFinder
from .near import Exporter

_UNHEARD = frozenset({"capfd", "capfdbinary", "pytester", "testdir"})
"""Fixtures that look at what only the process itself can show."""


def guard(finder: FrozenFinder, exporter: Exporter, *, mocks: bool) -> None:  # noqa: C901 (a table of small functions)
    """Change pytest, and `unittest.mock` where it is used, in this process: they are trusted here, and nobody else's."""

    def load(path: Any, **_: Any) -> types.ModuleType:
        return finder.load(os.path.abspath(path))

    _pytest.config.import_path = load  # type: ignore[attr-defined]
    _pytest.python.import_path = load  # type: ignore[attr-defined]

    def useful(target: Any) -> None:
        """Raise where what is replaced of *target* would not be seen by the candidate."""
        if isinstance(target, (far.FarMeta, far.FarModule)) or far.FarObject in type(target).__mro__:
            return
        if str(getattr(target, "__module__", "")).startswith("_pytest."):
            return  # pytest's own doing
        if exporter.is_ours(target) or getattr(target, "__module__", None) in exporter.modules:
            return
        if isinstance(target, types.ModuleType) and target.__name__ in exporter.modules:
            return
        name = getattr(target, "__name__", type(target).__name__)
        raise far.impossible(f"the tests replace something of {name}, which the candidate would not see")

    patch = pytest.MonkeyPatch
    real = patch.setattr

    def replace(self: Any, target: Any, name: Any, value: Any = _pytest.compat.NOTSET, raising: bool = True) -> None:
        if value is _pytest.compat.NOTSET and isinstance(target, str):
            value = name
            name, target = _pytest.monkeypatch.derive_importpath(target, raising)
        useful(target)
        identity = far.identity(target)
        if identity is None:
            real(self, target, name, value, raising)
            return
        # what pytest would look up in the target's own dictionary is in the other process
        own = identity[0].ask("own", target, name)
        if raising and not own:
            getattr(target, name)
        setattr(target, name, value)
        self._setattr.append((target, name, own[0] if own else _pytest.compat.NOTSET))

    patch.setattr = replace  # type: ignore[method-assign]
    _before(
        patch,
        "delattr",
        lambda _self, target, *_: _no("the tests remove a name") if far.identity(target) else useful(target),
    )
    _before(patch, "syspath_prepend", lambda *_: _no("the tests change the import path"))
    _before(patch, "setitem", lambda _self, mapping, *_: _not_modules(mapping))
    _before(patch, "delitem", lambda _self, mapping, *_: _not_modules(mapping))
    if mocks:
        from unittest import mock  # noqa: PLC0415 (slow to import, and only needed where it is used)

        _before(mock._patch, "__enter__", lambda self: useful(self.getter()))  # noqa: SLF001

    fixtures = _pytest.fixtures.FixtureRequest._get_active_fixturedef  # noqa: SLF001

    def active(self: Any, argname: str) -> Any:
        if argname in _UNHEARD:
            raise far.impossible(f"the tests use the fixture {argname}")
        return fixtures(self, argname)

    _pytest.fixtures.FixtureRequest._get_active_fixturedef = active  # type: ignore[method-assign]  # noqa: SLF001


def _before(owner: type, method: str, look: Callable[..., None]) -> None:
    real = getattr(owner, method)

    def looked(self: Any, *arguments: Any, **named: Any) -> Any:
        look(self, *arguments)
        return real(self, *arguments, **named)

    setattr(owner, method, looked)


def _not_modules(mapping: Any) -> None:
    if mapping is sys.modules:
        _no("the tests change sys.modules")


def _no(why: str) -> None:
    raise far.impossible(why)

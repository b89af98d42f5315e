"""Values as source text, and as a text that is the same for values that are equal."""

from __future__ import annotations

import dataclasses
import decimal
import enum
import fractions
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .calls import Code, File, Made

T = TypeVar("T")
LONGEST = 600
"""Characters of one value in a test; one that is longer nobody reads."""
DEEPEST = 12


class Unspeakable(Exception):
    """There is no source text for the value, or it is too long."""


@dataclass
class Spelling:
    """Writes values; notes what they need to be imported."""

    known: Mapping[int, str] = field(default_factory=dict)
    """Names of objects, by their identity."""
    project: frozenset[str] = frozenset()
    """Modules of the code under test."""
    imports: set[tuple[str, str]] = field(default_factory=set)
    """(module, name); an empty name where the module itself is used."""
    rounded: bool = False
    """Whether a number was met that is best compared approximately."""

    def source(self, value: object) -> str:
        """Source text of *value*.

        Raises:
            Unspeakable: It has none.
        """
        text = self._spell(value, 0)
        if len(text) > LONGEST:
            raise Unspeakable
        return text

    def _spell(self, value: Any, depth: int) -> str:  # noqa: ANN401, C901, PLR0911, PLR0912  # one way for each kind of value
        if id(value) in self.known:
            return self.known[id(value)]
        if depth > DEEPEST:
            raise Unspeakable
        if isinstance(value, Made):
            self.imports.add((value.module, value.name))
            if value.member:
                return f"{value.name}.{value.member}"
            named = [f"{name}={self._spell(each, depth + 1)}" for name, each in value.named]
            return f"{value.name}({', '.join([*(self._spell(each, depth + 1) for each in value.args), *named])})"
        if isinstance(value, Code):
            return value.source
        if isinstance(value, File):
            path = f'tmp_path / "{value.name}"'
            return f"str({path})" if value.as_text else path
        kind = type(value)
        if isinstance(value, float) and kind is float:
            if not math.isfinite(value):
                return f'float("{value}")'
            self.rounded = self.rounded or len(repr(abs(value))) > 10
            return repr(value)
        if kind in (int, str, bool, type(None), bytes, complex):
            if isinstance(value, (int, str, bytes)) and not isinstance(value, bool) and len(_bounded(value)) > LONGEST:
                raise Unspeakable
            return repr(value)
        if isinstance(value, enum.Enum):
            self._import(kind)
            return f"{kind.__name__}.{value.name}"
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            self._import(kind)
            return f"{kind.__name__}({', '.join(self._spell(inner, depth + 1) for inner in value)})"
        if isinstance(value, list):
            return f"[{self._row(value, depth)}]"
        if isinstance(value, tuple):
            return f"({self._row(value, depth)}{',' if len(value) == 1 else ''})"
        if isinstance(value, dict):
            pairs = (f"{self._spell(k, depth + 1)}: {self._spell(v, depth + 1)}" for k, v in _few(value.items()))
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, (set, frozenset)):
            inner = ", ".join(sorted(self._spell(each, depth + 1) for each in _few(value)))
            text = f"{{{inner}}}" if inner else "set()"
            return text if isinstance(value, set) else f"frozenset({text if inner else ''})"
        if isinstance(value, (decimal.Decimal, fractions.Fraction)):
            self.imports.add((kind.__module__, kind.__name__))
            return repr(value)
        if kind.__module__ == "datetime":
            self.imports.add(("datetime", ""))
            return repr(value)
        if kind is range:
            return repr(value)
        if dataclasses.is_dataclass(value) and "__eq__" in vars(kind):
            self._import(kind)
            given = (
                f"{each.name}={self._spell(getattr(value, each.name), depth + 1)}"
                for each in dataclasses.fields(value)
                if each.init
            )
            return f"{kind.__name__}({', '.join(given)})"
        raise Unspeakable

    def _row(self, values: Iterable[object], depth: int) -> str:
        return ", ".join(self._spell(inner, depth + 1) for inner in _few(values))

    def _import(self, kind: type) -> None:
        if kind.__module__ not in self.project or "." in kind.__qualname__:
            raise Unspeakable
        self.imports.add((kind.__module__, kind.__name__))


def _few(values: Iterable[T]) -> list[T]:
    found = list(values)
    if len(found) > LONGEST:
        raise Unspeakable
    return found


def _bounded(value: object) -> str:
    if isinstance(value, int):
        return "0" * min(LONGEST + 1, value.bit_length() // 3)
    return str(value[: LONGEST + 1]) if isinstance(value, (str, bytes)) else ""


def digest(value: object, known: Mapping[int, str], depth: int = 0) -> str:  # noqa: C901, PLR0911  # one way for each kind
    """The same text for values that an `assert ==` takes for equal."""
    if id(value) in known:
        return known[id(value)]
    if depth > DEEPEST:
        return "…"
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    if isinstance(value, int):
        return str(int(value)) if value.bit_length() < 4000 else hex(value)
    if isinstance(value, (list, tuple)):
        open_, close = "[]" if isinstance(value, list) else "()"
        return open_ + ",".join(digest(inner, known, depth + 1) for inner in value) + close
    if isinstance(value, (set, frozenset)):
        return "{" + ",".join(sorted(digest(inner, known, depth + 1) for inner in value)) + "}"
    if isinstance(value, dict):
        pairs = (f"{digest(k, known, depth + 1)}:{digest(v, known, depth + 1)}" for k, v in value.items())
        return "{" + ",".join(sorted(pairs)) + "}"
    if value is None or isinstance(value, (str, bytes, complex)):
        return repr(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (digest(getattr(value, each.name, None), known, depth + 1) for each in dataclasses.fields(value))
        return f"{type(value).__name__}({','.join(fields)})"
    if type(value).__repr__ is object.__repr__:
        return f"<{type(value).__name__}>"
    return repr(value)[:2000]

"""Plain values: what may stand as an argument or as an expected result in a test's own text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from engine.conflicts.effort import Unknown

Plain = Any
"""Any plain value; what Python does with it is seen by doing it."""
LONGEST = 10_000
"""Items and characters of a value, with all that is in it, that are still reckoned with."""
WIDEST = 4_096
"""Bits of a whole number."""
SCALARS = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis))


class View(list[Plain]):
    """What a dict gives for its keys, values or items: to be gone through, but equal to no list."""


class Approx:
    """What `pytest.approx` of plain numbers accepts, by its documented rule: the larger of the two tolerances."""

    def __init__(self, expected: object, rel: object = None, abs: object = None, nan_ok: object = False) -> None:  # noqa: A002, FBT002 (as pytest has it)
        self.expected = expected
        self._rel = 1e-6 if rel is None and abs is None else rel or 0.0
        self._abs = 1e-12 if abs is None else abs
        self._nan_ok = bool(nan_ok)

    def around(self) -> tuple[float, float] | None:
        """The middle and the tolerance, where one real number is expected."""
        middle = self.expected
        if not isinstance(middle, (int, float)) or not math.isfinite(middle):
            return None
        if not isinstance(self._rel, (int, float)) or not isinstance(self._abs, (int, float)):
            return None
        return float(middle), max(float(self._rel) * abs(float(middle)), float(self._abs))

    def accepts(self, actual: object) -> bool:
        """Whether *actual* is taken for equal. Raises `Unknown` where that is not worked out here."""
        if isinstance(self.expected, (list, tuple)) and isinstance(actual, (list, tuple)):
            if len(self.expected) != len(actual):
                return False
            pairs = zip(self.expected, actual, strict=True)
            return all(Approx(one, self._rel, self._abs, self._nan_ok).accepts(other) for one, other in pairs)
        around = self.around()
        if around is None or not isinstance(actual, (int, float)):
            raise Unknown
        middle, tolerance = around
        # A hair wider than pytest's: a rounding here must not make a contradiction.
        return actual == self.expected or abs(actual - middle) <= tolerance * (1 + 1e-9)

    def __eq__(self, other: object) -> bool:
        return self.accepts(other)

    __hash__ = None  # type: ignore[assignment]  # nor has pytest's own

    def __repr__(self) -> str:
        return f"approx({self.expected!r})"


def exactly(value: object) -> str:
    """The same text for the same value of the same type, and only then: `1`, `1.0` and `True` differ."""
    if isinstance(value, View):
        raise Unknown
    if isinstance(value, (set, frozenset)):
        return f"{type(value).__name__}{{{','.join(sorted(map(exactly, value)))}}}"
    if isinstance(value, dict):
        return f"{{{','.join(f'{exactly(key)}:{exactly(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({','.join(map(exactly, value))})"
    return f"{type(value).__name__}={value!r}"


def equals_of(value: object) -> tuple[object, ...]:
    """*value* and the other plain values that are `==` to it while their type differs."""
    if isinstance(value, (int, float, complex)):
        others: list[object] = [value]
        real = value.real if isinstance(value, complex) else value
        if real == value and math.isfinite(real):
            others += [int(real)] if int(real) == real else []
            with suppress(OverflowError):
                others += [float(real), complex(real)]
            others += [bool(real)] if real in {0, 1} else []
        return tuple(others)
    if isinstance(value, (set, frozenset)):
        return set(value), frozenset(value)
    if isinstance(value, bytes):
        return value, bytearray(value)
    return (value,)


def parts(value: object) -> Iterator[object]:
    """*value* and all that is in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, (list, tuple, set, frozenset)):
            waiting += one


def weight(value: object) -> int:
    """Items and characters of *value* and all that is in it; counted no further than a little over `LONGEST`."""
    total = 0
    for part in parts(value):
        total += 1
        if isinstance(part, (str, bytes, range)):
            total += len(part)
        elif isinstance(part, int):
            total += part.bit_length() // 64
        if total > LONGEST:
            break
    return total


def has_nan(value: object) -> bool:
    """Whether equality with *value* says nothing: a nan is not equal to itself, but a list that holds it may be."""
    return any(isinstance(part, (float, complex)) and part != part for part in parts(value))  # noqa: PLR0124 (only a nan is not itself)


def has_no_order(value: object) -> bool:
    """Whether two values may be equal to *value* and yet be walked through in another order."""
    return any(isinstance(part, (dict, set, frozenset)) and len(part) > 1 for part in parts(value))


def is_mutable(value: object) -> bool:
    return any(isinstance(part, (list, dict, set, bytearray)) for part in parts(value))


def is_plain(value: object) -> bool:
    return all(isinstance(part, (*SCALARS, list, tuple, dict, set, frozenset, range)) for part in parts(value))

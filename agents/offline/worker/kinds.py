"""What kinds of values variables had while the tests ran, so that like is tried for like first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType

Function = tuple[str, int, str]
"""A function by its file, the first line of it or its decorators, and its name."""
Kinds = dict[Function, dict[str, set[str]]]

_OPTIMIZED = 0x1
_NUMBERS = ("int", "float", "bool", "complex", "Decimal", "Fraction")
SEQUENCES = frozenset(("list", "tuple", "str", "bytes", "bytearray", "range", "deque"))
CONTAINERS = SEQUENCES | {"dict", "set", "frozenset", "defaultdict", "Counter", "OrderedDict"}
NUMBER, NOTHING = "number", "NoneType"


def kind(value: object) -> str:
    """Name of its type; the same for all numbers."""
    name = type(value).__name__
    return NUMBER if name in _NUMBERS else name


def note(found: Kinds, path: str, code: CodeType, variables: Mapping[str, object]) -> None:
    """Add what the *variables* of a running function hold."""
    if code.co_flags & _OPTIMIZED:
        seen = found.setdefault((path, code.co_firstlineno, code.co_name), {})
        for name, value in variables.items():
            seen.setdefault(name, set()).add(kind(value))


def merge(all_: Iterable[Kinds]) -> Kinds:
    merged: Kinds = {}
    for one in all_:
        for function, names in one.items():
            into = merged.setdefault(function, {})
            for name, seen in names.items():
                into.setdefault(name, set()).update(seen)
    return merged


def apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both are known, and have nothing in common."""
    mine, theirs = one - {NOTHING}, other - {NOTHING}
    return bool(mine) and bool(theirs) and not mine & theirs

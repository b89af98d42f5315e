"""Data that a call was given or answered: kept as copies, told apart by text, written down as source."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

SCALARS = (int, float, complex, bool, str, bytes, type(None))
MOST_ITEMS = 400
"""Values, counted at all depths, of what is kept as one argument."""
LONGEST_TEXT = 4_000
"""Characters of one string that is kept, and of the text of one answer."""
CONSUMED = 60
"""Items that are taken from an iterator to see what it gives."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DEEPEST = 8


class NotPlain(Exception):
    """The value is not data of built-in types, or too much of it."""


@dataclass(frozen=True)
class Made:
    """An object, by the call of its class that makes an equal one."""

    module: str
    name: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)


def kept(value: object, objects: Mapping[int, Made] | None = None) -> object:
    """A copy of *value* that has nothing in common with it; *objects* tells by id how known objects were made.

    Raises:
        NotPlain: There is something in it that cannot be copied so.
    """
    return _kept(value, objects or {}, [MOST_ITEMS], 0)


def _kept(value: object, objects: Mapping[int, Made], left: list[int], depth: int) -> object:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise NotPlain
    kind = type(value)
    if kind in SCALARS:
        if isinstance(value, (str, bytes)) and len(value) > LONGEST_TEXT:
            raise NotPlain
        if kind is int and abs(value) >= 1 << 256:  # type: ignore[arg-type]  # it is a number by its exact type
            raise NotPlain
        return value
    if isinstance(value, dict) and kind is dict:
        return {_kept(k, objects, left, depth + 1): _kept(v, objects, left, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and kind in (list, tuple, set, frozenset):
        return kind(_kept(inner, objects, left, depth + 1) for inner in value)
    if id(value) in objects:
        return objects[id(value)]
    raise NotPlain


def holds_objects(value: object) -> bool:
    """Whether something in it has to be made by a call."""
    if isinstance(value, Made):
        return True
    if isinstance(value, dict):
        return any(holds_objects(inner) for inner in value.values())
    return isinstance(value, (list, tuple)) and any(holds_objects(inner) for inner in value)


def source(value: object) -> str:  # noqa: PLR0911  # one way for each kind of value
    """*value* as it would be written in a program."""
    if isinstance(value, Made):
        return f"{value.name}({arguments(value.args, value.kwargs)})"
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(source, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{source(k)}: {source(v)}' for k, v in value.items())}}}"
    if isinstance(value, set) and value:
        return f"{{{', '.join(sorted(map(source, value)))}}}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return repr(value)


def arguments(args: Iterable[object], kwargs: Mapping[str, object]) -> str:
    return ", ".join([*map(source, args), *(f"{name}={source(value)}" for name, value in kwargs.items())])


def text(value: object) -> str:
    """What can be seen of *value*, the same for values that behave the same; iterators are consumed for it, up to a bound."""
    return "".join(islice(_characters(value), LONGEST_TEXT))[:LONGEST_TEXT]


def _characters(value: object) -> Iterator[str]:
    yield from _pieces(value, 0)


def _pieces(value: object, depth: int) -> Iterator[str]:  # noqa: C901, PLR0912  # one case for each kind of value
    if depth > _DEEPEST:
        yield "…"
    elif isinstance(value, float):
        # what is left of rounding in another order of the same sum is no other behaviour
        yield repr(float(f"{value:.10g}"))
    elif type(value) in SCALARS:
        yield repr(value)[:LONGEST_TEXT]
    elif isinstance(value, (set, frozenset)):
        inner = sorted("".join(_pieces(item, depth + 1)) for item in value)
        yield f"{type(value).__name__}({', '.join(inner)})"
    elif isinstance(value, dict):
        yield "{" if type(value) is dict else f"{type(value).__name__}({{"
        for place, (key, item) in enumerate(value.items()):
            yield ", " if place else ""
            yield from _pieces(key, depth + 1)
            yield ": "
            yield from _pieces(item, depth + 1)
        yield "}" if type(value) is dict else "})"
    elif isinstance(value, (list, tuple)):
        yield "[" if type(value) is list else "(" if type(value) is tuple else f"{type(value).__name__}("
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from _pieces(item, depth + 1)
        yield "]" if type(value) is list else ",)" if type(value) is tuple and len(value) == 1 else ")"
    elif isinstance(value, Iterator):
        yield "iterator("
        for place, item in enumerate(islice(value, CONSUMED)):
            yield ", " if place else ""
            yield from _pieces(item, depth + 1)
        yield ")"
    elif type(value).__repr__ is object.__repr__ and getattr(value, "__dict__", None):
        yield f"{type(value).__name__}("
        for place, (name, item) in enumerate(sorted(vars(value).items())):
            yield f"{', ' if place else ''}{name}="
            yield from _pieces(item, depth + 1)
        yield ")"
    else:
        yield _ADDRESS.sub("", repr(value))[:LONGEST_TEXT]

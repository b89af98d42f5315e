"""What crosses between two processes by value: plain data of exact types, as nested lists that JSON can hold.

Each entry has a short tag in front. Whatever is of a subclass of a plain type is not plain: it may lie about what it is.
Mutable containers keep their identity on the way: see `mirror`.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

Wire = Any
"""None, bool, int, float, str, or a list whose first element is a tag."""

SMALL = 1 << 63
"""Whole numbers from here on cross as hexadecimal text: JSON's readers limit the number of decimal digits."""

Encode = Callable[[object], Wire]
Decode = Callable[[Wire], Any]


def _decimal(value: Any, _: Encode) -> list[Wire]:
    return [str(value)]


def _fraction(value: Any, _: Encode) -> list[Wire]:
    return [hex(value.numerator), hex(value.denominator)]


def _zone(value: Any, encode: Encode) -> list[Wire]:
    arguments = value.__getinitargs__()
    return [encode(argument) for argument in arguments]


_VALUES: dict[tuple[str, str], Callable[[Any, Encode], list[Wire]]] = {
    ("decimal", "Decimal"): _decimal,
    ("fractions", "Fraction"): _fraction,
    ("datetime", "date"): lambda v, _: [v.year, v.month, v.day],
    ("datetime", "datetime"): lambda v, e: [
        v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, e(v.tzinfo), v.fold,
    ],
    ("datetime", "time"): lambda v, e: [v.hour, v.minute, v.second, v.microsecond, e(v.tzinfo), v.fold],
    ("datetime", "timedelta"): lambda v, _: [v.days, v.seconds, v.microseconds],
    ("datetime", "timezone"): _zone,
    ("zoneinfo", "ZoneInfo"): lambda v, _: [v.key],
    ("uuid", "UUID"): lambda v, _: [str(v)],
    ("pathlib", "PosixPath"): lambda v, _: [str(v)],
    ("pathlib", "PurePosixPath"): lambda v, _: [str(v)],
    ("ipaddress", "IPv4Address"): lambda v, _: [str(v)],
    ("ipaddress", "IPv6Address"): lambda v, _: [str(v)],
    ("ipaddress", "IPv4Network"): lambda v, _: [str(v)],
    ("ipaddress", "IPv6Network"): lambda v, _: [str(v)],
    ("re", "Pattern"): lambda v, e: [e(v.pattern), v.flags],
}  # fmt: skip
"""Immutable types of the standard library that cross by value, and their constructor's arguments."""

_FOLDED = {"datetime", "time"}


def whole(value: int) -> Wire:
    return value if -SMALL < value < SMALL else ["i", hex(value)]


def encode_value(value: object, encode: Encode) -> Wire | None:
    """The wire form of an immutable plain value that is no JSON scalar; None where *value* is none."""
    kind = type(value)
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple(value, encode)
    name = (_module_of(kind), kind.__qualname__)
    arguments = _VALUES.get(name)
    # by its true type, which is looked up by name: a class of the candidate's own may carry any name
    if arguments is not None and getattr(sys.modules.get(name[0]), name[1], None) is kind:
        return ["v", *name, arguments(value, encode)]
    return None


def decode_value(wire: list[Wire], decode: Decode) -> Any:
    """The value of a wire form that `encode_value` made."""
    tag = wire[0]
    if tag == "v":
        return _construct(str(wire[1]), str(wire[2]), wire[3], decode)
    return _RESTORED[tag](wire, decode)


def _construct(module: str, name: str, arguments: list[Wire], decode: Decode) -> Any:
    if (module, name) not in _VALUES:
        raise ValueError(f"{module}.{name} does not cross by value")
    home = importlib.import_module(module)
    if module == "fractions":
        return home.Fraction(int(arguments[0], 16), int(arguments[1], 16))
    if module == "re":
        return home.compile(decode(arguments[0]), int(arguments[1]))
    values = [decode(argument) for argument in arguments]
    if name in _FOLDED:
        *values, fold = values
        return getattr(home, name)(*values, fold=fold)
    return getattr(home, name)(*values)


def _module_of(kind: type) -> str:
    module = type.__getattribute__(kind, "__module__")
    # Python 3.13 keeps its paths in a private module
    return {"pathlib._local": "pathlib"}.get(module, module) if isinstance(module, str) else ""


def _viewed(view: Any, encode: Encode) -> Wire:
    """The dictionary behind a view, which the view follows."""
    return encode(gc.get_referents(view)[0])


_NONE: dict[str, str] = {}
_KEYS, _VALUES_VIEW, _ITEMS = type(_NONE.keys()), type(_NONE.values()), type(_NONE.items())
_SIMPLE: dict[type, Callable[[Any, Encode], Wire]] = {
    tuple: lambda v, e: ["t", [e(item) for item in v]],
    frozenset: lambda v, e: ["f", [e(item) for item in v]],
    bytes: lambda v, _: ["b", v.decode("latin-1")],
    complex: lambda v, _: ["c", v.real, v.imag],
    range: lambda v, _: ["r", whole(v.start), whole(v.stop), whole(v.step)],
    slice: lambda v, e: ["S", e(v.start), e(v.stop), e(v.step)],
    type(...): lambda _v, _: ["E"],
    type(NotImplemented): lambda _v, _: ["N"],
    _KEYS: lambda v, e: ["V", "keys", _viewed(v, e)],
    _VALUES_VIEW: lambda v, e: ["V", "values", _viewed(v, e)],
    _ITEMS: lambda v, e: ["V", "items", _viewed(v, e)],
}
_VIEWS: dict[str, Callable[[Any], Any]] = {"keys": dict.keys, "values": dict.values, "items": dict.items}
_RESTORED: dict[str, Callable[[list[Wire], Decode], Any]] = {
    "i": lambda w, _: int(w[1], 16),
    "t": lambda w, d: tuple(d(item) for item in w[1]),
    "f": lambda w, d: frozenset(d(item) for item in w[1]),
    "b": lambda w, _: w[1].encode("latin-1"),
    "c": lambda w, _: complex(w[1], w[2]),
    "r": lambda w, d: range(d(w[1]), d(w[2]), d(w[3])),
    "S": lambda w, d: slice(d(w[1]), d(w[2]), d(w[3])),
    "E": lambda _w, _: ...,
    "N": lambda _w, _: NotImplemented,
    "V": lambda w, d: _VIEWS[w[1]](d(w[2])),
}
VALUE_TAGS = frozenset({"v", *_RESTORED})

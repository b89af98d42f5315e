"""The builtins and methods that are worked out here: pure, and with their results bounded before they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.conflicts.effort import Unknown
from engine.conflicts.plain import LONGEST, WIDEST, Approx, Plain, View, weight

TYPES: dict[str, type] = {
    each.__name__: each
    for each in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range, object)
}
APPROX = "pytest.approx"
CONSTANTS: dict[str, object] = {
    "math.nan": float("nan"),
    "math.inf": float("inf"),
    "math.pi": 3.141592653589793,
    "math.e": 2.718281828459045,
    "Ellipsis": ...,
}
TAKES_KEYWORDS = {"sorted": {"reverse"}, "round": {"ndigits"}, "sum": {"start"}, "dict": None, APPROX: None}
"""Builtins that are also worked out with these keywords; None for any."""


def bounded(value: object) -> object:
    """*value*, where it is small enough to reckon with. Raises `Unknown`."""
    if (isinstance(value, int) and value.bit_length() > WIDEST) or weight(value) > LONGEST:
        raise Unknown
    return value


def _sum(items: Iterable[Plain], start: Plain = 0) -> object:
    items = list(items)
    # floats are added up in another way since Python 3.12
    if not all(isinstance(item, int) for item in (*items, start)):
        raise Unknown
    return sum(items, start)


def _pow(base: Plain, exponent: Plain, modulus: Plain = None) -> object:
    if not all(isinstance(one, (int, float)) for one in (base, exponent)) or modulus is not None:
        raise Unknown
    if isinstance(base, int) and isinstance(exponent, int) and abs(base).bit_length() * abs(exponent) > WIDEST:
        raise Unknown
    return pow(base, exponent)


def _round(number: Plain, ndigits: Plain = None) -> object:
    # A whole number is rounded by way of a power of ten.
    if ndigits is not None and not (isinstance(ndigits, int) and abs(ndigits) < 100):
        raise Unknown
    return round(number, ndigits)


def _range(*arguments: Plain) -> object:
    return bounded(range(*arguments))


def _bytes(value: Plain = b"") -> object:
    if not isinstance(value, (bytes, list, tuple)):
        raise Unknown
    return bytes(value)


def _type(value: Plain) -> object:
    return type(value)


def _isinstance(value: Plain, kinds: Plain) -> object:
    return isinstance(value, kinds)


BUILTINS: dict[str, Callable[..., object]] = {
    **{each.__name__: each for each in (len, sorted, min, max, abs, repr, any, all, divmod, ord, chr, hex, bin)},
    **{name: kind for name, kind in TYPES.items() if name not in {"bytes", "range", "object"}},
    "oct": oct,
    "ascii": ascii,
    "enumerate": lambda items: list(enumerate(items)),
    "zip": lambda *items: list(zip(*items, strict=False)),
    "reversed": lambda items: list(reversed(items)),
    "sum": _sum,
    "round": _round,
    "pow": _pow,
    "range": _range,
    "bytes": _bytes,
    "type": _type,
    "isinstance": _isinstance,
    APPROX: Approx,
}
_OF_TEXT = (
    "upper lower strip lstrip rstrip split rsplit splitlines startswith endswith find rfind index count title capitalize "
    "swapcase isdigit isalpha isalnum isupper islower isspace isnumeric isdecimal casefold partition rpartition "
    "removeprefix removesuffix join replace encode"
)
METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_OF_TEXT.split()),
    bytes: frozenset(("decode", "startswith", "endswith", "count", "find", "hex", "upper", "lower")),
    list: frozenset(("count", "index", "copy")),
    tuple: frozenset(("count", "index")),
    dict: frozenset(("get", "keys", "values", "items", "copy")),
    set: frozenset(("union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "copy")),
    frozenset: frozenset(("union", "intersection", "difference", "issubset", "issuperset", "isdisjoint")),
    float: frozenset(("is_integer",)),
    int: frozenset(("bit_length", "bit_count")),
}


def call_method(receiver: object, name: str, arguments: list[object]) -> object:
    """The result of a pure method of a plain value. Raises `Unknown`, or what the method itself raises."""
    if name not in METHODS.get(type(receiver), frozenset()):
        raise Unknown
    # Another version of Python knows other letters.
    if isinstance(receiver, str) and not (receiver.isascii() and all(str(each).isascii() for each in arguments)):
        raise Unknown
    if name in {"encode", "decode"} and not {"utf-8", "ascii"}.issuperset(map(str, arguments)):
        # A test may register codecs of its own.
        raise Unknown
    if name == "replace" and isinstance(receiver, str) and len(receiver) * (len(str(arguments[-1])) + 1) > LONGEST:
        raise Unknown
    if name == "join" and isinstance(receiver, str):
        pieces = list(arguments[0]) if isinstance(arguments[0], (list, tuple, str)) else [None]
        if not all(isinstance(piece, str) for piece in pieces):
            raise Unknown
        if len(receiver) * len(pieces) + sum(map(len, pieces)) > LONGEST:  # type: ignore[arg-type]  # all are texts
            raise Unknown
    result = getattr(receiver, name)(*arguments)
    return View(result) if name in {"items", "values", "keys"} else result

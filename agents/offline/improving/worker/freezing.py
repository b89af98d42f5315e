"""Values as plain data that two processes can compare: contents, types, order, and which parts are one and the same."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator

DEEPEST = 40
LONGEST = 5_000
"""Items of an iterator that are taken."""
_ATOMS = (int, float, complex, bool, str, bytes, type(None), type(...), range, slice)
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.MethodType)


class Frozen:
    """Freezes several values that may share parts, such as a result and the arguments that it came from."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice

    def freeze(self, value: object, depth: int = 0) -> object:
        """*value* as nested tuples of texts."""
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        if isinstance(value, _ATOMS) and type(value).__module__ == "builtins":
            return kind, repr(value)
        if isinstance(value, _NAMED):
            return (
                kind,
                getattr(value, "__module__", ""),
                getattr(value, "__qualname__", getattr(value, "__name__", "")),
            )
        if depth > DEEPEST:
            return kind, "too deep"
        if not isinstance(value, (tuple, frozenset)):
            if id(value) in self._seen:
                return "seen", self._seen[id(value)]
            self._seen[id(value)] = len(self._seen)
            self._kept.append(value)
        return kind, *self._parts(value, depth + 1)

    def _parts(self, value: object, depth: int) -> Iterator[object]:  # noqa: C901  # a row of kinds
        if isinstance(value, dict):
            for key, held in value.items():
                yield self.freeze(key, depth), self.freeze(held, depth)
        elif isinstance(value, (set, frozenset)):
            yield tuple(sorted((self.freeze(one, depth) for one in value), key=repr))
        elif isinstance(value, (list, tuple)) or (hasattr(value, "__next__") and hasattr(value, "__iter__")):
            for number, one in enumerate(value):
                if number > LONGEST and not isinstance(value, (list, tuple)):
                    break
                yield self.freeze(one, depth)
        elif isinstance(value, (bytearray, memoryview)):
            yield bytes(value)
        elif hasattr(value, "span") and hasattr(value, "groups"):
            yield value.span(), self.freeze(value.groups(), depth)
        elif type(value).__module__ in {"collections", "array"}:
            yield repr(value)
        else:
            names = [name for each in type(value).__mro__ for name in _slots(each)]
            held = {**{n: getattr(value, n) for n in names if hasattr(value, n)}, **getattr(value, "__dict__", {})}
            if isinstance(value, BaseException):
                held["args"] = value.args
            yield from ((name, self.freeze(each, depth)) for name, each in held.items()) if held else [_shown(value)]


def _slots(each: type) -> tuple[str, ...]:
    slots = each.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _shown(value: object) -> str:
    """How *value* shows itself, unless that is only where it lies."""
    shown = repr(value)
    return "" if " at 0x" in shown else shown


def digest(frozen: object) -> str:
    return hashlib.sha256(repr(frozen).encode("utf-8", "backslashreplace")).hexdigest()


def shown(value: object, most: int = 120) -> str:
    """*value* in a few words, for a person."""
    try:
        text = " ".join(repr(value).split())
    except Exception as error:  # noqa: BLE001  # the code under improvement decides how its objects show
        text = f"<{type(value).__name__}, which cannot show itself: {type(error).__name__}>"
    return text if len(text) <= most else f"{text[: most - 20]} … {text[-17:]}"

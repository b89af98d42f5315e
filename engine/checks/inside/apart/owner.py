"""What the owner of objects does with them when the other process asks."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from typing import Any

from .peer import Peer


def content(value: Any) -> Any:
    """What an object of a subclass of a plain type holds, read by that type's own code."""
    for base in type(value).__mro__:
        read = _READ.get(base)
        if read is not None:
            return read(value)
    raise TypeError("it holds nothing plain")


_READ: dict[type, Callable[[Any], Any]] = {
    int: int.__index__,
    float: float.__pos__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes(bytes.__iter__(value)),
    bytearray: lambda value: bytearray(bytearray.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}


class Bound:
    """A method of an object that the other side has a handle of: crosses as the handle and a name."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Any, name: str) -> None:
        self.owner = owner
        self.name = name


def operations(peer: Peer) -> dict[str, Callable[..., Any]]:  # noqa: C901 (a table of small functions)
    """The operations that `far` asks for, by name."""

    def call(target: Any, arguments: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> Any:
        peer.permit("call", target, [])
        return target(*arguments, **dict(named))

    def invoke(target: Any, name: str, arguments: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> Any:
        peer.permit("get", target, [name])
        return getattr(target, name)(*arguments, **dict(named))

    def get(target: Any, name: str) -> Any:
        peer.permit("get", target, [name])
        found = getattr(target, name)
        if (
            type(found) in (types.MethodType, types.BuiltinMethodType)
            and found.__self__ is target
            and found.__name__ == name
        ):
            return Bound(target, name)
        return found

    def get_of_method(target: Any, method: str, name: str) -> Any:
        peer.permit("get", target, [method])
        found = getattr(target, method)
        peer.permit("get", found, [name])
        return getattr(found, name)

    def get_numbered(number: int, name: str) -> Any:
        return get(peer.mine(number), name)

    def put(target: Any, name: str, value: Any) -> None:
        peer.permit("set", target, [name])
        setattr(target, name, value)

    def remove(target: Any, name: str) -> None:
        peer.permit("set", target, [name])
        delattr(target, name)

    def special(name: str, target: Any, arguments: tuple[Any, ...]) -> Any:
        peer.permit("op", target, [name])
        return getattr(type(target), name)(target, *arguments)

    def of_class(what: str, target: type, value: Any) -> Any:
        peer.permit("op", target, [what])
        match what:
            case "iter":
                return iter(target)  # type: ignore[call-overload]
            case "len":
                return len(target)  # type: ignore[arg-type]
            case "contains":
                return value in target  # type: ignore[operator]
            case "getitem":
                return target[value]  # type: ignore[index]
            case "is subclass":
                return bool(issubclass(value, target))
            case _:
                return bool(isinstance(value, target))

    def own(target: Any, name: str) -> list[Any]:
        """What stands under *name* in the target's own dictionary, in a list of one; an empty list where nothing does."""
        peer.permit("set", target, [name])
        names = vars(target)
        return [names[name]] if name in names else []

    def duplicate(target: Any, deep: bool) -> Any:
        peer.permit("get", target, ["copy"])
        return copy.deepcopy(target) if deep else copy.copy(target)

    def names_of(target: Any) -> list[str]:
        peer.permit("get", target, ["dir"])
        return dir(target)

    return {
        "content": content,
        "copy": duplicate,
        "own": own,
        "call": call,
        "invoke": invoke,
        "get": get,
        "get of method": get_of_method,
        "get numbered": get_numbered,
        "set": put,
        "del": remove,
        "op": special,
        "of class": of_class,
        "dir": names_of,
    }

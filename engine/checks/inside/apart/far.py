"""What stands on this side for an object, a function, a class or an exception of the other process.

A far object does nothing itself: each operation is asked of its owner, and the answer is data again. Its class is made
here from a description, so that `isinstance`, `except` and `pytest.raises` work on it, with only those special methods
that the real class has, out of the list below.
"""

from __future__ import annotations

import abc
import copy
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, cast

from .plain import Wire

if TYPE_CHECKING:
    from .peer import Peer

COMPARING = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__"})
_BINARY = "add sub mul truediv floordiv mod divmod pow lshift rshift and or xor matmul".split()
CALCULATING = frozenset(f"__{side}{name}__" for name in _BINARY for side in ("", "r", "i"))
ANSWERING = frozenset(
    f"__{name}__"
    for name in (
        "repr str bytes format hash bool len length_hint int float complex index round trunc floor ceil neg pos abs invert "
        "iter next reversed getitem setitem delitem missing call enter exit fspath"
    ).split()
)
FORWARDED = COMPARING | CALCULATING | ANSWERING
EXACT: dict[str, type] = {
    "__repr__": str, "__str__": str, "__format__": str, "__bool__": bool, "__hash__": int, "__bytes__": bytes, "__len__": int,
    "__int__": int, "__index__": int, "__float__": float, "__complex__": complex,
}  # fmt: skip
"""What the answer has to be, exactly."""
HARD = frozenset(
    "__globals__ __closure__ __reduce__ __reduce_ex__ __getstate__ __dataclass_fields__ "
    "__await__ __aiter__ __anext__ __aenter__ __aexit__ __mro_entries__ __signature__ __annotations__ __getnewargs__ "
    "__attrs_attrs__ __subclasses__ __weakref__ __replace__".split()
)
"""What cannot be had from afar: whoever asks for it needs the object itself."""

_HINTS = "__annotations__"
"""Of a function they can be had: whoever replaces one looks at them to see what kind it is."""
_AFAR = "__far__"
_KIND = "__far_kind__"


class Unseparable(BaseException):
    """The tests do something that only works when they share a process with the candidate."""


def _no_report(_why: str) -> None:
    """Nobody to be told."""


class Side:
    """What the process that this is loaded into does about far things; set once, at its start."""

    hard: Callable[[str], None] = staticmethod(_no_report)
    """Called with a sentence where something is asked of a far object that cannot be had from afar."""
    candidate = False
    made: set[int] = set()  # noqa: RUF012 (of the process, like all of this)
    """Numbers of the far objects that were made by calling their class from here."""
    deceived: Callable[[str], None] = staticmethod(_no_report)
    """Called with a sentence where a far object says that it equals what it does not hold."""
    decided: Callable[[], None] = staticmethod(lambda: None)
    """Called where the other side's code decides on a value of ours: a comparison, or a calculation with it."""


def impossible(what: str) -> BaseException:
    """What to raise where something cannot be had from afar: on the candidate's side it is like any missing attribute."""
    if Side.candidate:
        return AttributeError(what)
    Side.hard(what)
    return Unseparable(what)


def identity(value: Any) -> tuple[Peer, int] | None:
    """The peer and number of a far thing; None for anything else."""
    kind = type(value)
    if issubclass(kind, FarMeta):
        return cast("tuple[Peer, int]", value.__far_kind__)
    if FarObject in kind.__mro__ or issubclass(kind, FarModule):
        return cast("tuple[Peer, int]", object.__getattribute__(value, _AFAR))
    return value.afar if kind is FarFunction else None


def home(_peer: Peer, value: Any) -> Wire | None:
    """The wire form of a far thing on its way back to its owner; None for anything else."""
    if type(value) is FarMethod:
        return ["hm", identity(value.owner)[1], value.__name__]  # type: ignore[index]
    if isinstance(type(value), FarExceptionMeta) and value.__dict__.get("far_number") is not None:
        return ["h", value.__dict__["far_number"]]
    found = identity(value)
    return None if found is None else ["h", found[1]]


def _method(name: str) -> Callable[..., Any]:
    deciding = name in COMPARING or name in CALCULATING
    exact = EXACT.get(name)

    def forwarded(self: Any, *arguments: Any, **named: Any) -> Any:
        peer, _ = object.__getattribute__(self, _AFAR)
        if name == "__call__":
            return peer.ask("call", self, arguments, tuple(named.items()))
        if name == "__exit__":
            # a traceback does not cross
            arguments = (*arguments[:2], None)
        if name in _EQUALITY:
            return _equality(peer, self, name, arguments[0])
        result = peer.ask("op", name, self, arguments)
        if deciding and result is not NotImplemented:
            Side.decided()
        if exact is not None and type(result) is not exact:
            raise TypeError(f"{name} returned {type(result).__name__}, not exactly {exact.__name__}")
        return result

    forwarded.__name__ = forwarded.__qualname__ = name
    return forwarded


_EQUALITY = frozenset({"__eq__", "__ne__"})


def _equality(peer: Peer, value: Any, name: str, other: Any) -> Any:
    """What the owner says of *value* and *other*, believed only as far as it can be.

    It is asked twice, must leave *other* as it is, and of a subclass of a plain type what it holds is compared here.
    """
    held = peer.ask("content", value) if _holds_comparable(value, other) else None
    before = copy.deepcopy(other) if type(other) in _PLAIN_TYPES else other
    result = peer.ask("op", name, value, (other,))
    if result is NotImplemented:
        return result
    again = peer.ask("op", name, value, (other,))
    if type(result) is bool and again is not result:
        Side.deceived(f"a {type(value).__name__} answers differently when it is compared once more")
    if type(before) in _PLAIN_TYPES and before != other:
        Side.deceived(f"a {type(value).__name__} changes what it is compared with")
    if type(result) is bool and held is not None:
        equal = held == before
        if equal is (result is (name == "__eq__")):
            return result  # what it holds says the same
        if not equal and not is_made_here(value):
            Side.deceived(f"a {type(value).__name__} that holds {held!r:.100} says that it equals {before!r:.100}")
    Side.decided()
    return result


def _holds_comparable(value: Any, other: Any) -> bool:
    """Whether *value* is of a subclass of a plain type, and *other* is plain."""
    return type(value).__dict__.get(_PLAIN, False) and type(other) in _PLAIN_TYPES


def is_made_here(value: Any) -> bool:
    """Whether this side itself has asked for *value* to be made, by calling its class."""
    found = identity(value)
    return found is not None and found[1] in Side.made


_PLAIN = "__far_plain__"
_PLAIN_TYPES = frozenset({int, float, complex, str, bytes, list, tuple, dict, set, frozenset, bytearray})
_PLAIN_NAMES = frozenset(kind.__name__ for kind in _PLAIN_TYPES)


class FarMeta(type):
    """The class of far classes."""

    def __new__(cls, name: str, *_: Any, **__: Any) -> Any:
        raise impossible(f"the class {name} is made from a class of the other process")

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        made = cls.__far_kind__[0].ask("call", cls, arguments, tuple(named.items()))
        found = identity(made)
        if found is not None:
            Side.made.add(found[1])
        return made

    def __getattr__(cls, name: str) -> Any:
        if name in HARD:
            raise impossible(f"{name} of {cls.__name__} is looked at")
        if name in {"__abstractmethods__", "__set_name__", "__test__", "pytestmark", "__wrapped__", _KIND}:
            raise AttributeError(name)
        return cls.__far_kind__[0].ask("get", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        cls.__far_kind__[0].ask("set", cls, name, value)

    def __delattr__(cls, name: str) -> None:
        cls.__far_kind__[0].ask("del", cls, name)

    def __iter__(cls) -> Any:
        return cls.__far_kind__[0].ask("of class", "iter", cls, None)

    def __len__(cls) -> int:
        return int(cls.__far_kind__[0].ask("of class", "len", cls, None))

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, value: Any) -> bool:
        Side.decided()
        return bool(cls.__far_kind__[0].ask("of class", "contains", cls, value))

    def __getitem__(cls, key: Any) -> Any:
        return cls.__far_kind__[0].ask("of class", "getitem", cls, key)

    def __instancecheck__(cls, value: Any) -> bool:
        return cls in type(value).__mro__

    def __subclasscheck__(cls, other: Any) -> bool:
        return cls in other.__mro__


class FarVirtual(FarMeta):
    """The class of far classes that may say for themselves what is an instance of them."""

    def __instancecheck__(cls, value: Any) -> bool:
        if cls in type(value).__mro__:
            return True
        Side.decided()
        return bool(cls.__far_kind__[0].ask("of class", "is instance", cls, value))

    def __subclasscheck__(cls, other: Any) -> bool:
        if cls in other.__mro__:
            return True
        Side.decided()
        return bool(cls.__far_kind__[0].ask("of class", "is subclass", cls, other))


class FarExceptionMeta(FarMeta):
    """The class of far exception classes, which are real exception classes here."""

    __instancecheck__ = type.__instancecheck__  # type: ignore[assignment]
    __subclasscheck__ = type.__subclasscheck__  # type: ignore[assignment]


class _Public:
    """A public name of a far class, so that it can be seen that there is one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        target = owner if instance is None else instance
        return identity(target)[0].ask("get", target, self._name)  # type: ignore[index]

    def __set__(self, instance: Any, value: Any) -> None:
        identity(instance)[0].ask("set", instance, self._name, value)  # type: ignore[index]


class _Root:
    __slots__ = (_AFAR, "__weakref__")


class _Lookups:
    __slots__ = ()

    def __init__(self, *_: Any, **__: Any) -> None:
        """Never called: far objects are made without it. Its being here tells pytest that this is no test class."""

    def __getattr__(self, name: str) -> Any:
        if name in HARD:
            raise impossible(f"{name} of a {type(self).__name__} is looked at")
        return object.__getattribute__(self, _AFAR)[0].ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, _AFAR)[0].ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__getattribute__(self, _AFAR)[0].ask("del", self, name)

    def __dir__(self) -> Any:
        return object.__getattribute__(self, _AFAR)[0].ask("dir", self)

    def __copy__(self) -> Any:
        return object.__getattribute__(self, _AFAR)[0].ask("copy", self, False)

    def __deepcopy__(self, _memo: Any) -> Any:
        return object.__getattribute__(self, _AFAR)[0].ask("copy", self, True)

    def __reduce_ex__(self, _protocol: Any) -> Any:
        raise impossible(f"a {type(self).__name__} is copied or pickled")


FarObject: Any = type.__new__(FarMeta, "FarObject", (_Lookups, _Root), {"__slots__": (), "__module__": __name__})
"""The base of all far classes."""


class FarMethod:
    """A method of a far object, by its name."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner = owner
        self.__name__ = self.__qualname__ = name

    @property
    def __self__(self) -> Any:
        return self.owner

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        peer, _ = identity(self.owner)  # type: ignore[misc]
        return peer.ask("invoke", self.owner, self.__name__, arguments, tuple(named.items()))

    def __eq__(self, other: object) -> bool:
        return type(other) is FarMethod and self.owner is other.owner and self.__name__ == other.__name__

    def __hash__(self) -> int:
        return hash((id(self.owner), self.__name__))

    def __getattr__(self, name: str) -> Any:
        if name in HARD and name != _HINTS:
            raise impossible(f"{name} of the method {self.__name__} is looked at")
        if name in {"__wrapped__", "pytestmark", "__text_signature__", "__code__"}:
            raise AttributeError(name)
        peer, _ = identity(self.owner)  # type: ignore[misc]
        return peer.ask("get of method", self.owner, self.__name__, name)


class FarFunction:
    """A function or method of the other process."""

    def __init__(self, peer: Peer, number: int, name: str, qualname: str, module: str, doc: str | None) -> None:
        self.__dict__.update(afar=(peer, number), __name__=name, __qualname__=qualname, __module__=module, __doc__=doc)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.afar[0].ask("call", self, arguments, tuple(named.items()))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        if name in HARD and name != _HINTS:
            raise impossible(f"{name} of the function {self.__name__} is looked at")
        if name in {"__wrapped__", "pytestmark", "__text_signature__", "__code__"}:
            raise AttributeError(name)
        return self.afar[0].ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.afar[0].ask("set", self, name, value)

    def __repr__(self) -> str:
        return f"<function {self.__qualname__} of the other process>"


class FarModule(types.ModuleType):
    """A module of the other process. Its names are asked for each time: they may have changed."""

    def __getattr__(self, name: str) -> Any:
        if name in HARD:
            raise impossible(f"{name} of the module {self.__name__} is looked at")
        if name.startswith("__") and name not in {"__all__", "__version__", "__author__"}:
            raise AttributeError(name)
        peer, _ = object.__getattribute__(self, _AFAR)
        if name == "__all__":
            return peer.ask("public names", self)
        return peer.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):
            super().__setattr__(name, value)
        else:
            object.__getattribute__(self, _AFAR)[0].ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__getattribute__(self, _AFAR)[0].ask("del", self, name)

    def __dir__(self) -> Any:
        return object.__getattribute__(self, _AFAR)[0].ask("dir", self)


def decode(peer: Peer, wire: list[Wire]) -> Any:
    """What stands here for what *wire* names: ``o`` object, ``F`` function, ``Y`` method, ``K`` class, ``M`` module,
    ``x`` exception.
    """
    match wire:
        case ["K", number, description]:
            return _class(peer, number, description)
        case ["o", int(number), kind]:
            made = peer.decode(kind)
            if number not in peer.theirs:
                peer.theirs[number] = object.__new__(made)
                object.__setattr__(peer.theirs[number], _AFAR, (peer, number))
            return peer.theirs[number]
        case ["F", int(number), *about]:
            if number not in peer.theirs:
                peer.theirs[number] = peer.operations["new function"](number, *about)
            return peer.theirs[number]
        case ["Y", owner, str(name)]:
            return FarMethod(peer.decode(owner), name)
        case ["M", int(number), str(name)]:
            return peer.operations["new module"](number, name)
        case ["x", *about]:
            return _exception(peer, *about)
    raise ValueError(f"no such thing: {str(wire[0])[:20]!r}")


def far_module(peer: Peer, number: int, name: str) -> FarModule:
    made = FarModule(name)
    object.__setattr__(made, _AFAR, (peer, number))
    return made


def _class(peer: Peer, number: int, description: Wire) -> type:
    known = peer.their_classes.get(number)
    if known is not None:
        return known
    name, qualname, module, doc, bases, specials, publics, unhashable, virtual, real_base = description
    decoded = tuple(peer.decode(base) for base in bases)
    body: dict[str, Any] = {"__module__": str(module), "__qualname__": str(qualname), "__doc__": doc}
    body[_KIND] = (peer, number)
    parents: tuple[type, ...] = tuple(
        base for base in decoded if isinstance(base, type) and issubclass(base, BaseException)
    )
    if parents:
        body.update(__str__=_text_of, __getattr__=_of_exception)
        made: FarMeta = type.__new__(FarExceptionMeta, str(name), parents, body)
    else:
        body.update({public: _Public(public) for public in publics if type(public) is str and public[:1] != "_"})
        body.update({special: _method(special) for special in specials if special in FORWARDED})
        body["__slots__"] = ()
        body[_PLAIN] = real_base is not None and real_base[1] == "builtins" and real_base[2] in _PLAIN_NAMES
        if unhashable:
            body["__hash__"] = None
        if real_base is not None:
            looks = _looking_like(str(name), peer.decode(real_base))
            body["__class__"] = property(lambda _: looks)
        parents = tuple(base for base in decoded if isinstance(base, FarMeta)) or (FarObject,)
        made = type.__new__(FarVirtual if virtual else FarMeta, str(name), parents, body)
    peer.their_classes[number] = made
    return made


def _looking_like(name: str, base: type) -> type:
    """A class of this name that `isinstance` takes for *base*; never instantiated."""
    try:
        return types.new_class(name, (base,))
    except TypeError:
        return base


def _text_of(self: Any) -> str:
    text = self.__dict__.get("far_text")
    return text if type(text) is str else BaseException.__str__(self)


def _of_exception(self: Any, name: str) -> Any:
    number = self.__dict__.get("far_number")
    if name.startswith("__") or number is None:
        raise AttributeError(name)
    return type(self).__far_kind__[0].ask("get numbered", number, name)


def encode_exception(peer: Peer, error: BaseException, depth: int = 0) -> Wire:
    """An exception as data: its class, arguments, text and attributes, and what caused it."""
    if isinstance(error, Unseparable):
        raise error
    returning = home(peer, error)
    if returning is not None:
        return returning
    kind = peer.encode(type(error))
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 (the text is made by anybody's code)
        text = ""
    cause = error.__cause__
    return [
        "x",
        kind,
        [peer.encode(argument) for argument in error.args],
        text if type(text) is str else "",
        [[name, peer.encode(value)] for name, value in _attributes(error) if name == "__notes__" or name[:2] != "__"],
        encode_exception(peer, cause, depth + 1) if cause is not None and depth < 3 else None,
        error.__suppress_context__,
        peer.number_of(error) if kind[0] == "K" else 0,
    ]


def _attributes(error: BaseException) -> list[tuple[str, Any]]:
    found = list(error.__dict__.items())
    if isinstance(error, (ImportError, NameError, AttributeError)):
        found += [(name, getattr(error, name)) for name in ("name", "path") if type(getattr(error, name, None)) is str]
    return found


def _exception(
    peer: Peer, kind: Wire, arguments: Wire, text: str, attributes: Wire, cause: Wire, suppress: bool, number: int
) -> BaseException:
    found = peer.decode(kind)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise TypeError("what was raised is no exception")
    values = tuple(peer.decode(argument) for argument in arguments)
    afar = isinstance(found, FarExceptionMeta)
    made = found.__new__(found, *values) if afar else _plain_exception(found, values)
    made.args = values
    if afar:
        made.__dict__.update(far_text=text, far_number=number)
    for name, value in attributes:
        if isinstance(name, str) and (name == "__notes__" or not name.startswith("__")):
            made.__dict__[name] = found_value = peer.decode(value)
            if isinstance(getattr(type(made), name, None), types.MemberDescriptorType):
                setattr(made, name, found_value)
    if cause is not None:
        made.__cause__ = peer.decode(cause)
    made.__suppress_context__ = bool(suppress)
    return made


def _plain_exception(kind: type[BaseException], values: tuple[Any, ...]) -> BaseException:
    try:
        return kind(*values)
    except Exception:  # noqa: BLE001 (a constructor that wants something else than it keeps in its arguments)
        return kind.__new__(kind, *values)


def describe(peer: Peer, kind: type) -> Wire:
    """The wire form of a class of our own: its number, and at first also what it is."""
    number = peer.number_of(kind)
    if peer.is_described(number):
        return ["K", number, None]
    mro = kind.__mro__[:-1]
    specials = {name for base in mro for name in vars(base) if name in FORWARDED and vars(base)[name] is not None}
    real = next((wire for base in mro if base not in _SHAPELESS and (wire := peer.named(base)) is not None), None)
    return [
        "K",
        number,
        [
            kind.__name__,
            kind.__qualname__,
            str(kind.__module__),
            kind.__doc__ if type(kind.__doc__) is str else None,
            [peer.encode(base) for base in kind.__bases__ if base is not object and peer.may_know(base)],
            sorted(specials),
            sorted({name for base in mro for name in vars(base) if name[:1] != "_"})
            if peer.named(kind) is None
            else [],
            getattr(kind, "__hash__", None) is None,
            isinstance(kind, abc.ABCMeta) and peer.named(kind) is None,
            real,
        ],
    ]


_SHAPELESS = frozenset({abc.ABC, Generic, Protocol})
"""Bases of the standard library that say nothing of what an object is."""

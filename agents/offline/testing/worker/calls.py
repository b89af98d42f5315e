"""A call as data: what is made, what is called with what, as it can be done over and over and be written as a test."""

from __future__ import annotations

import copy
import importlib
from dataclasses import dataclass
from typing import Any

Args = tuple[object, ...]


@dataclass(frozen=True)
class Ref:
    """One of the objects that a call is given, by its number."""

    number: int


@dataclass(frozen=True)
class Made:
    """An object of a class of the project, made by calling it; or one of its members."""

    module: str
    name: str
    args: Args = ()
    member: str = ""


@dataclass(frozen=True)
class Maker:
    """How such objects are made: by a class of the project, or by one that the test brings along."""

    module: str
    name: str
    plural: frozenset[str] = frozenset()
    """Attributes that hold a list of other objects."""
    single: frozenset[str] = frozenset()
    """Attributes that hold one other object, or none."""
    plain: frozenset[str] = frozenset()
    """Attributes that hold a number."""


@dataclass(frozen=True)
class Step:
    """A method called on the object before the one that is looked at."""

    name: str
    args: Args


@dataclass
class Call:
    """One call of one target."""

    target: int
    """The target's number."""
    args: Args
    init: Args | None = None
    """What the object is made with whose method is called; None for a function."""
    steps: tuple[Step, ...] = ()
    objects: tuple[dict[str, object], ...] = ()
    """Attributes of the objects that `Ref` names."""
    origin: str = ""
    """Where it was seen: an example of a docstring, a call of the code itself; empty where it was made up."""
    wanted: str | None = None
    """What the docstring says that it answers."""


class Stand:
    """An object that has just the attributes it is given; a test brings its own along."""

    def __init__(self, **given: object) -> None:
        vars(self).update(given)


def make(call: Call, create: Any) -> tuple[list[object], dict[str, Any]]:  # noqa: ANN401  # a class of any kind
    """The objects of *call*, and what its parts are with them in the places of the references."""
    made = [create() for _ in call.objects]
    for thing, attributes in zip(made, call.objects, strict=True):
        for name, value in attributes.items():
            setattr(thing, name, put(value, made))
    return made, {
        "args": [put(value, made) for value in call.args],
        "init": None if call.init is None else [put(value, made) for value in call.init],
        "steps": [(step.name, [put(value, made) for value in step.args]) for step in call.steps],
    }


def put(value: object, made: list[object]) -> object:
    """A copy of *value* with objects for references."""
    if isinstance(value, Ref):
        return made[value.number]
    if isinstance(value, Made):
        found: Any = getattr(importlib.import_module(value.module), value.name)
        return getattr(found, value.member) if value.member else found(*(put(each, made) for each in value.args))
    kind = type(value)
    if kind in (int, float, str, bool, type(None), bytes):
        return value
    if kind in (list, tuple, set, frozenset):
        return kind(put(inner, made) for inner in value)  # type: ignore[attr-defined]  # one of these four
    if isinstance(value, dict) and kind is dict:
        return {put(key, made): put(inner, made) for key, inner in value.items()}
    return copy.deepcopy(value)

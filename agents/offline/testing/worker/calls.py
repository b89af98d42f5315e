"""A call as data: what is made, what is called with what, as it can be done over and over and be written as a test."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
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
    named: tuple[tuple[str, object], ...] = ()
    """Arguments that are given by name."""


@dataclass(frozen=True)
class Code:
    """A function that is given as an argument, by its source."""

    source: str


@dataclass(frozen=True)
class File:
    """The path of a file in a folder of the call's own."""

    name: str
    text: str | None
    """What stands in it before; None where there is no such file."""
    as_text: bool = False
    """Whether the path is given as text."""


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
    whole: bool = False
    """Whether all its steps are looked at, and not the last one alone."""
    script: tuple[tuple[str, str | None], ...] = ()
    """Statements that stand somewhere in the code, in place of all above, each with what the docstring says that it shows."""

    @property
    def told(self) -> str:
        """The same text for the same call."""
        return repr((self.args, self.init, self.steps, self.objects, self.script))


class Stand:
    """An object that has just the attributes it is given; a test brings its own along."""

    def __init__(self, **given: object) -> None:
        vars(self).update(given)


@dataclass
class Making:
    """What the parts of one call are made with."""

    objects: list[object] = field(default_factory=list)
    folder: Callable[[], Path] | None = None
    """Makes the folder of this call, or finds it."""


def make(
    call: Call,
    create: Any,  # noqa: ANN401  # a class of any kind
    folder: Callable[[], Path] | None = None,  # a class of any kind
) -> tuple[list[object], dict[str, Any]]:
    """The objects of *call*, and what its parts are with them in the places of the references."""
    making = Making([create() for _ in call.objects], folder)
    for thing, attributes in zip(making.objects, call.objects, strict=True):
        for name, value in attributes.items():
            setattr(thing, name, put(value, making))
    return making.objects, {
        "args": [put(value, making) for value in call.args],
        "init": None if call.init is None else [put(value, making) for value in call.init],
        "steps": [(step.name, [put(value, making) for value in step.args]) for step in call.steps],
    }


def put(value: object, making: Making) -> object:  # noqa: PLR0911  # one way for each kind of value
    """A copy of *value* with objects for references."""
    if isinstance(value, Ref):
        return making.objects[value.number]
    if isinstance(value, Made):
        found: Any = getattr(importlib.import_module(value.module), value.name)
        if value.member:
            return getattr(found, value.member)
        named = {name: put(each, making) for name, each in value.named}
        return found(*(put(each, making) for each in value.args), **named)
    if isinstance(value, Code):
        return eval(value.source, {})  # noqa: S307  # a source of ours
    if isinstance(value, File):
        return _laid(value, making)
    kind = type(value)
    if kind in (int, float, str, bool, type(None), bytes):
        return value
    if kind in (list, tuple, set, frozenset):
        return kind(put(inner, making) for inner in value)  # type: ignore[attr-defined]  # one of these four
    if isinstance(value, dict) and kind is dict:
        return {put(key, making): put(inner, making) for key, inner in value.items()}
    return copy.deepcopy(value)


def _laid(file: File, making: Making) -> object:
    if making.folder is None:
        raise ValueError(f"there is no folder for {file.name}")
    path = making.folder() / file.name
    if file.text is not None:
        path.write_text(file.text, encoding="utf-8")
    return str(path) if file.as_text else path


def parts(value: object) -> list[object]:
    """*value* and all that stands in it."""
    found = [value]
    if isinstance(value, dict):
        for pair in value.items():
            found += [inner for each in pair for inner in parts(each)]
    elif isinstance(value, (list, tuple, set, frozenset)):
        found += [inner for each in value for inner in parts(each)]
    elif isinstance(value, Made):
        found += [inner for each in (*value.args, *(part for _, part in value.named)) for inner in parts(each)]
    return found


def files(call: Call) -> list[File]:
    """The files that *call* is given, each once."""
    steps = [value for step in call.steps for value in step.args]
    found = [part for value in (*(call.init or ()), *steps, *call.args) for part in parts(value)]
    return list(dict.fromkeys(part for part in found if isinstance(part, File)))

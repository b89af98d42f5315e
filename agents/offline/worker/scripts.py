"""What is run to see what a program does: a call of a function, or an object and what is called on it.

A function's call is a script of one step. What is called on one object is one script: how it was made, and each call since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from .values import Made, arguments


@dataclass(frozen=True)
class Step:
    """One call: of a function, or of a method of the script's object."""

    name: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    kind: Literal["call", "get"] = "call"

    @property
    def source(self) -> str:
        return self.name if self.kind == "get" else f"{self.name}({arguments(self.args, self.kwargs)})"


@dataclass(frozen=True)
class Script:
    """What to run: a call of a function of a module, or of methods of an object that is made for it."""

    module: str
    steps: tuple[Step, ...]
    maker: Made | None = None
    test: str = ""
    """Node id of the test that did this; empty where it was made up."""
    near: str = ""
    """Node id of the test whose calls this was made from by changing something."""

    @property
    def entry(self) -> tuple[str, str]:
        """What is called: scripts of one entry are alike."""
        return self.module, self.maker.name if self.maker else self.steps[0].name

    @property
    def source(self) -> str:
        """It as a program would have it."""
        if self.maker is None:
            return "; ".join(step.source for step in self.steps)
        made = f"{self.maker.name}({arguments(self.maker.args, self.maker.kwargs)})"
        if len(self.steps) <= 1:
            return ".".join([made, *(step.source for step in self.steps)])
        name = self.maker.name.rsplit(".", 1)[-1][:1].lower()
        return "; ".join([f"{name} = {made}", *(f"{name}.{step.source}" for step in self.steps)])


def has(holder: Made | Step, key: object) -> bool:
    return key in holder.kwargs if isinstance(key, str) else isinstance(key, int) and key < len(holder.args)


def get(holder: Made | Step, key: object) -> object:
    return holder.kwargs[key] if isinstance(key, str) else holder.args[key]  # type: ignore[call-overload]  # a place or a name


def set_to(holder: Made | Step, key: object, value: object) -> Made | Step:
    if isinstance(key, str):
        return replace(holder, kwargs={**holder.kwargs, key: value})
    args = list(holder.args)
    args[key] = value  # type: ignore[call-overload]  # as above
    return replace(holder, args=tuple(args))

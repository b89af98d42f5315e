"""What a requirement looks like to somebody who uses the whole: steps as data, which a driver of ours takes, and no code."""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema, model_validator

from agents.base import Value
from agents.plans.plan import Name, RequirementId

Label = Annotated[str, Field(min_length=1, max_length=200)]
"""The accessible name of something on a page, as it is read out."""
Said = Annotated[str, Field(min_length=1, max_length=500)]
Path = Annotated[str, Field(pattern=r"^/[^\s?#\\]*(\?[^\s#\\]*)?$", max_length=500)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Clicked = Literal["button", "link", "checkbox", "radio", "tab", "menuitem"]


def _read(body: object) -> object:
    """A model writes the body as JSON text: strict modes of models know no object of any shape."""
    if not isinstance(body, str):
        return body
    try:
        return json.loads(body) if body.strip() else None
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _named(keep: object) -> object:
    if not isinstance(keep, (list, tuple)):
        return keep
    return {
        str(each["name"]): each["pointer"] for each in keep if isinstance(each, dict) and {*each} == {"name", "pointer"}
    }


_PAIR = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "pointer": {"type": "string"}},
    "required": ["name", "pointer"],
}
Body = Annotated[JsonValue, BeforeValidator(_read), WithJsonSchema({"type": "string"})]
Scalar = Annotated[
    JsonValue,
    WithJsonSchema({"anyOf": [{"type": each} for each in ("string", "number", "boolean", "null")]}),
]
KeptName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Keep = Annotated[
    dict[KeptName, str],
    Field(max_length=10),
    BeforeValidator(_named),
    WithJsonSchema({"type": "array", "items": _PAIR}),
]


class Visit(Value):
    """Open a path of the page."""

    do: Literal["visit"]
    path: Path


class Fill(Value):
    """Write *text* into the field with that label."""

    do: Literal["fill"]
    label: Label
    text: Annotated[str, Field(max_length=500)]


class Choose(Value):
    """Choose an option of the list with that label."""

    do: Literal["choose"]
    label: Label
    option: Said


class Click(Value):
    """Click the only thing of that role with that name."""

    do: Literal["click"]
    role: Clicked
    name: Label


class See(Value):
    """*text* is to be seen on the page, within the time of a step."""

    do: Literal["see"]
    text: Said


class Miss(Value):
    """*text* is not to be seen on the page any more, within the time of a step."""

    do: Literal["miss"]
    text: Said


class Expected(Value):
    """What stands at a place of an answer."""

    pointer: Annotated[str, Field(pattern=r"^(/[^/\s]*)*$", max_length=200)]
    """JSON Pointer, RFC 6901; empty for the whole answer."""
    value: Scalar


class Call(Value):
    """Ask an interface over HTTP, and look at what it answers. A GET is asked again until it answers so, within the time of a
    step: a worker may be at it still.
    """

    do: Literal["call"]
    interface: Name
    method: Method
    path: Path
    body: Body = None
    """Sent as JSON where it is not null; a text is read as JSON."""
    status: int = Field(ge=200, le=599)
    expects: tuple[Expected, ...] = Field(default=(), max_length=30)
    keep: Keep = Field(default={})
    """Names for values of the answer, by JSON Pointer: ``{name}`` stands for one in later steps. An object, or a list of
    ``{"name": …, "pointer": …}``.
    """


class Run(Value):
    """Have a job run once, in place of waiting for its schedule, until it has ended with 0. What is looked at after it has to
    be otherwise before it.
    """

    do: Literal["run"]
    job: Name


Step = Annotated[Visit | Fill | Choose | Click | See | Miss | Call | Run, Field(discriminator="do")]


class Scenario(Value):
    """One way in which a requirement is seen to be met. Scenarios share a running project and are taken in order, so each
    makes what it needs, and takes no empty store for granted.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """A sentence, such as ``A product that was added is listed``."""
    requirement: RequirementId
    steps: tuple[Step, ...] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not any(map(_looks, self.steps)):
            raise ValueError("it expects nothing: it needs a `see`, or a `call` with `expects`")
        if not any(step.do in {"visit", "call"} for step in self.steps):
            raise ValueError("it opens no page and calls no interface")
        run = max((number for number, step in enumerate(self.steps) if step.do == "run"), default=-1)
        if run >= 0 and not any(map(_looks, self.steps[run:])):
            raise ValueError(
                "it runs a job and looks at nothing after it: it needs a `see`, or a `call` with `expects`"
            )
        return self


def _looks(step: Step) -> bool:
    return step.do == "see" or (step.do == "call" and bool(step.expects))

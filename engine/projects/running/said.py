"""What our programs say on the report pipe: the shapes, and the reading of them.

What the supervisor and the driver say is ours: neither loads submitted code. What a build says are claims.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.checks.said import read_as
from sandboxes.base import Outcome

Text = Annotated[str, Field(max_length=400_000)]
Short = Annotated[str, Field(max_length=4_100)]
Number = Annotated[int, Field(ge=0, le=100_000)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Up(_Said):
    event: Literal["up"]
    component: Short
    seconds: float


class NotUp(_Said):
    event: Literal["not_up"]
    component: Short
    why: Literal["missing", "failed", "hung", "ended", "silent", "unhealthy"]
    step: Short
    code: int | None
    status: int | None
    body: Short


class Answered(_Said):
    event: Literal["answered"]
    component: Short
    method: Short
    path: Short
    status: int | None
    type: Short
    body: Text
    cut: bool
    error: Short
    seconds: float


class Stayed(_Said):
    """A component that was up, at the end of everything."""

    event: Literal["stayed"]
    component: Short
    code: int | None
    """None where it was running still."""


class Kept(_Said):
    """A component whose data is in a file, after it was killed and begun again."""

    event: Literal["kept"]
    component: Short
    how: Literal["kept", "lost", "elsewhere", "down", "untold"]
    """`elsewhere`: it was there as well where the file was not. `untold`: nothing that it answers has changed by what was
    written, and stays the same by itself; or it did not begin without the file."""
    path: Short
    why: Short
    """Why it was not up again; or the paths that answered as at the beginning, beside one that did not."""
    output: Short


class Worked(_Said):
    """A worker, at the end of everything."""

    event: Literal["worked"]
    component: Short
    code: int | None
    """None where it was running still, until it was asked to end."""
    ended: float | None
    """Seconds that it took then; None where it did not, or was not asked."""


class RanJob(_Said):
    """One run of a job."""

    event: Literal["job"]
    component: Short
    occasion: Literal["scenario", "once", "again"]
    code: int | None
    """None where it did not end in time."""
    seconds: float
    text: Short
    """Head and tail of what it wrote."""


class NoStore(_Said):
    """A store that could not be started; nothing was started after it."""

    event: Literal["no_store"]
    name: Short
    why: Short
    log: Text


class StoreStayed(_Said):
    """A store, at the end of everything."""

    event: Literal["store"]
    name: Short
    server: Short
    """What it was, with its version."""
    used: bool | None
    """Whether it says that something was kept in it; None where it says nothing."""
    code: int | None
    """None where it was running still."""
    log: Text


class Wrote(_Said):
    event: Literal["output"]
    component: Short
    text: Text


class Prepared(_Said):
    event: Literal["prepared"]
    open: list[Short]
    """Programs of ours that others of the same user could look into."""
    browser: Short


class StoodIn(_Said):
    event: Literal["stood_in"]


class Noted(_Said):
    rule: Literal["console", "error", "request", "blank", "hung", "dialog", "crash"]
    message: Short
    where: Short


class Opened(_Said):
    event: Literal["opened"]
    page: Short
    status: int
    title: Short
    text: Short
    wrong: list[Noted]


class Taken(_Said):
    """A scenario, taken."""

    event: Literal["scenario"]
    against: Literal["project", "stand-in"]
    number: Number
    passed: bool
    step: Number
    what: Short
    url: Short
    page: Short
    errors: list[Short]
    moved: bool | None
    twin: Literal["red", "green", "none"]
    seconds: float


class Fixed(_Said):
    """A scenario that was met, and looks in the end only for what the page says whatever is done and whatever data there is."""

    event: Literal["fixed"]
    number: Number


class Reached(_Said):
    """Whether a page has asked an interface for anything, when it was opened or in a scenario."""

    event: Literal["reached"]
    page: Short
    any: bool


class Picture(_Said):
    event: Literal["picture"]
    name: Annotated[str, Field(pattern=r"^(page:[a-z0-9-]{1,40}|failed:[0-9]{1,4})$")]
    png: Annotated[str, Field(max_length=1_500_000)]


class Driven(_Said):
    event: Literal["driven"]
    failed: Short


class DriverEnded(_Said):
    event: Literal["driver_ended"]
    code: int | None
    output: Short


class Strained(_Said):
    """What the box was short of, at the end."""

    event: Literal["strained"]
    refused: Number
    """Processes that were not made."""
    killed: Number
    """Processes that were ended for want of memory."""
    full: bool


class Done(_Said):
    event: Literal["done"]


class Built(_Said):
    event: Literal["built"]
    files: list[Annotated[str, Field(max_length=500)]]


class NotBuilt(_Said):
    event: Literal["not_built"]
    message: Short
    path: Short
    line: Number
    text: Short


Told = (
    Up
    | NotUp
    | Answered
    | Stayed
    | Kept
    | Worked
    | RanJob
    | NoStore
    | StoreStayed
    | Wrote
    | Prepared
    | StoodIn
    | Opened
    | Taken
    | Fixed
    | Reached
    | Picture
    | Driven
    | DriverEnded
    | Strained
    | Done
)
OfBuild = Built | NotBuilt | Done

_TOLD: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="event")])
_OF_BUILD: TypeAdapter[OfBuild] = TypeAdapter(Annotated[OfBuild, Field(discriminator="event")])


def run(outcome: Outcome, nonce: str) -> list[Told]:
    """All lines of a run. Raises `Garbled`."""
    return read_as(_TOLD, outcome, nonce)


def build(outcome: Outcome, nonce: str) -> list[OfBuild]:
    """All lines of a build. Raises `Garbled`."""
    return read_as(_OF_BUILD, outcome, nonce)

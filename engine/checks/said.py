"""What our programs inside a box say on the report pipe: the shapes, and the reading of them.

The tests' process runs the candidate's code, so its lines are claims: bounded, validated, and weighed by the checks.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandboxes.base import Outcome

Text = Annotated[str, Field(max_length=20_000)]
Name = Annotated[str, Field(max_length=4_000)]
LineNumber = Annotated[int, Field(ge=0, le=100_000_000)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Unparsable(_Said):
    event: Literal["unparsable"]
    path: Name
    line: LineNumber
    rule: Name
    message: Text
    text: Text


class NamesIn(_Said):
    event: Literal["names"]
    path: Name
    names: list[Name]
    marked: list[Name]
    may_skip: list[Name] = []


class Lines(_Said):
    event: Literal["lines"]
    path: Name
    executable: list[LineNumber]


class CollectFailed(_Said):
    event: Literal["collect_failed"]
    path: Name
    text: Text
    at: Name | None = None
    line: LineNumber | None = None
    message: Text | None = None


class CollectSkipped(_Said):
    event: Literal["collect_skipped"]
    path: Name


class Collected(_Said):
    event: Literal["collected"]
    nodes: list[Name]


class Started(_Said):
    event: Literal["started"]
    node: Name


class Ended(_Said):
    event: Literal["ended"]
    node: Name
    ended: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    seconds: float
    rule: Name = ""
    message: Text = ""
    text: Text = ""
    frames: list[tuple[Name, LineNumber, Name]] = []
    hung: bool = False


class Executed(_Said):
    event: Literal["executed"]
    path: Name
    lines: list[LineNumber]


class Reached(_Said):
    event: Literal["reached"]
    node: Name
    path: Name
    lines: list[LineNumber]


class Beside(_Said):
    event: Literal["beside"]
    path: Name
    lines: list[LineNumber]
    tests: list[LineNumber]


class TouchedFiles(_Said):
    event: Literal["touched"]
    files: list[Name]
    nodes: list[Name]


class Spawned(_Said):
    event: Literal["spawned"]


class Patched(_Said):
    event: Literal["patched"]
    what: Name


class Unseparable(_Said):
    event: Literal["unseparable"]
    why: Name


class Decided(_Said):
    event: Literal["decided"]
    node: Name


class Deceived(_Said):
    event: Literal["deceived"]
    what: Name


class Changed(_Said):
    event: Literal["changed"]
    node: Name
    late: bool


class Done(_Said):
    event: Literal["done"]
    exit_code: int


Said = (
    Unparsable
    | NamesIn
    | Lines
    | CollectFailed
    | CollectSkipped
    | Collected
    | Started
    | Ended
    | Executed
    | Reached
    | Beside
    | TouchedFiles
    | Spawned
    | Patched
    | Unseparable
    | Decided
    | Deceived
    | Changed
    | Done
)
_T = TypeVar("_T")
_LINE: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="event")])


class Garbled(ValueError):
    """The report is not what our program writes: cut, damaged or forged."""


def read(outcome: Outcome, nonce: str = "") -> list[Said]:
    """All lines of the report of *outcome*, as `read_as` reads them. Raises `Garbled`."""
    return read_as(_LINE, outcome, nonce)


def read_as(shape: TypeAdapter[_T], outcome: Outcome, nonce: str) -> list[_T]:
    """All lines of a report, each of *shape*; a last line without its end (a killed program) is left out.

    Raises:
        Garbled: It is too long, or a line does not begin with *nonce* or is not of a known shape.
    """
    if outcome.report.truncated:
        raise Garbled(f"the report is longer than the box keeps: {outcome.report.total_bytes} bytes")
    *lines, _unfinished = (outcome.report.head + outcome.report.tail).split(b"\n")
    if not all(line.startswith(nonce.encode()) for line in lines):
        raise Garbled("the report has a line that our program did not write")
    try:
        return [shape.validate_json(line.removeprefix(nonce.encode())) for line in lines]
    except ValidationError as error:
        raise Garbled(f"the report has a line of no known shape: {error.errors()[0]['msg']}") from error

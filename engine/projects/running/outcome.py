"""What comes of running a project: what was asked, what was seen, and what of it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.domain import Finding, Value
from engine.projects.picture import Picture

NAME = "running"
"""Of the check, in findings."""
End = Literal["passed", "failed", "unverified"]
"""`unverified`: nothing was seen to be wrong, and something that should have been looked at was not."""


class Answer(Value):
    """One question over HTTP, and what came."""

    method: str
    path: str
    status: int | None
    """None where no answer came."""
    body: str = ""
    """Its beginning; data."""
    seconds: float = 0.0


class Started(Value):
    """One component, started by itself."""

    component: str
    outcome: End
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()
    output: str = ""
    """Head and tail of what it wrote; data."""
    shown: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()
    seconds: float = 0.0


class Seen(Value):
    """How one scenario went."""

    name: str
    requirement: str
    passed: bool
    step: int = 0
    """That was not met, counted from 1; 0 where all were."""
    what: str = ""
    """What was seen instead; data."""
    picture: str = ""
    """Path, in `Ran.pictures`, of what the page looked like then."""
    proves: bool = False
    """It passed; it is red against an empty stand-in, and with its last expectation made wrong; and what it looks for last was
    not there before anything was done, nor is there whatever is done."""
    why_not: str = ""
    """Why it passed and proves nothing; empty where it proves something, or did not pass."""
    seconds: float = 0.0


class Ran(Value):
    """The whole, in one box."""

    outcome: End
    findings: tuple[Finding, ...] = ()
    scenarios: tuple[Seen, ...] = ()
    pictures: Mapping[str, Picture] = {}
    """PNG by path: ``pictures/PAGE.png`` of each page, and ``pictures/failed-N.png`` of a failed scenario."""
    outputs: Mapping[str, str] = {}
    """Head and tail of what each component wrote; data."""
    answers: Mapping[str, tuple[Answer, ...]] = {}
    background: Mapping[str, str] = {}
    """What each worker and each job was seen to do, by its name, in words; those that were not seen are not there."""
    stores: Mapping[str, str] = {}
    """What each store was that was itself here and was used, by its name, in words."""
    shown: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()
    seconds: float = 0.0


def finding(
    rule: str, message: str, *, path: str | None = None, line: int | None = None, evidence: str = ""
) -> Finding:
    return Finding(
        check=NAME, rule=rule, message=message[:1_500], path=path or None, line=line or None, evidence=evidence[:12_000]
    )

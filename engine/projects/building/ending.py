"""Why a build goes no further."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.errors import AuthorError, NothingToOffer, Refused, TooDear
from engine.domain import Budget
from engine.errors import NoPlan
from engine.projects.building.outcome import Built, Delivered, Why
from engine.projects.building.purse import OutOfBudget
from sandboxes.errors import SandboxError

_NEXT: Mapping[Why, str] = MappingProxyType(
    {
        "plan": "Say more exactly what is wanted, require less, or have another model plan it.",
        "contract": "Look at what {component} was told last; a smaller description, or another model, may agree with itself.",
        "budget": "Allow more and go on with the same build, as by: mendbox resume BUILD --attempts N; what it has is not asked for again.",
        "refused": "Say otherwise what is wanted, or ask another model.",
        "deployment": "Mend the deployment files that are named by hand: the project itself has been run.",
        "whole": "Mend {component} by hand with what is said of it, or require less of it.",
        "component": "Read the failing tests of {component} against the plan, and mend it by hand or with another model.",
        "no_progress": "Read what is said of {component} against the plan, and mend it by hand or with another model.",
    }
)


class Stopped(Exception):
    """The build ends without what was asked for.

    Attributes:
        reason: Where it ended.
        component: The part that it ended at; empty for the plan.
        summary: What happened, in a sentence.
        next_step: What the person can do next.
    """

    def __init__(self, reason: Why, component: str, summary: str, *, next_step: str) -> None:
        super().__init__(summary)
        self.reason = reason
        self.component = component
        self.summary = summary
        self.next_step = next_step


def next_step(reason: Why, component: str) -> str:
    """What a person can do where a build ended for *reason* at *component*."""
    return _NEXT[reason].format(component=component or "it")


class End(NamedTuple):
    """What a build comes to that went no further."""

    outcome: Built
    reason: Why | None
    component: str
    summary: str
    next_step: str


def end_of(error: Exception, budget: Budget) -> End:
    """What *error* makes of a build, whose time was over where it is a `TimeoutError`."""
    if isinstance(error, TimeoutError):
        error = OutOfBudget("seconds", budget)
    match error:
        case Stopped():
            end = End("no_fix", error.reason, error.component, error.summary, error.next_step)
        case NoPlan():
            why = f"{error.what}; {error.refused[-1]}" if error.refused else error.what
            end = End("no_fix", "plan", "", f"There is {why}", next_step("plan", ""))
        case OutOfBudget():
            end = End("no_fix", "budget", "", error.what, next_step("budget", ""))
        case Refused():
            end = End("no_fix", "refused", "", str(error), next_step("refused", ""))
        case NothingToOffer():
            reason: Why = "budget" if isinstance(error, TooDear) else "no_progress"
            end = End("no_fix", reason, "", f"{error.author}: {error.what}", error.hint or next_step(reason, ""))
        case AuthorError():
            end = End("environment", None, "", f"{error.author}: {error.what}", _going_on(error.hint))
        case SandboxError():
            end = End("environment", None, "", f"{error.where}: {error.what}", _going_on(error.hint))
        case _:
            raise error
    return end


def _going_on(hint: str) -> str:
    """*hint*, and that who begins anew pays twice."""
    further = "go on with the same build: what it has is not asked for again"
    return f"{hint}; then {further}" if hint else further


def first_that_failed(parts: tuple[Delivered, ...]) -> Delivered | None:
    """The first of *parts* that came to nothing."""
    return next((part for part in parts if part.outcome == "no_fix"), None)

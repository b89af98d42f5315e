"""What a run says while it goes on, for whoever watches: a progress display, MCP notifications, logs, traces."""

from __future__ import annotations

from typing import Literal, Protocol, Self

from agents.base import Usage
from engine.domain import Attempt, Run, Value, Verdict


class RunStarted(Value):
    event: Literal["started"] = "started"
    run_id: str


class Preparing(Value):
    """The machinery is being made ready, such as an image that is built on first use; or others have it meanwhile."""

    event: Literal["preparing"] = "preparing"
    message: str
    before: int | None = None
    """Where the run waits for its turn at having a box: how many runs are before it."""

    @classmethod
    def turn(cls, before: int | None) -> Self:
        """*before* runs are before this one; None where its turn has come, or it waits for it no longer."""
        if before is None:
            return cls(message="no longer waiting for a box")
        return cls(message=f"waiting for a box: {before} before this one", before=before)


class Noted(Value):
    """Something worth knowing afterwards, in words: how a suite stands, which cause is next."""

    event: Literal["noted"] = "noted"
    message: str


class InputJudged(Value):
    """The code as handed in has been judged."""

    event: Literal["input_judged"] = "input_judged"
    verdict: Verdict


class AuthorAsked(Value):
    event: Literal["author_asked"] = "author_asked"
    number: int
    author: str


class AuthorProgress(Value):
    """A searching author tells how far it is."""

    event: Literal["author_progress"] = "author_progress"
    author: str
    message: str


class AttemptEnded(Value):
    event: Literal["attempt_ended"] = "attempt_ended"
    attempt: Attempt


class RunEnded(Value):
    event: Literal["ended"] = "ended"
    run: Run


Event = RunStarted | Preparing | Noted | InputJudged | AuthorAsked | AuthorProgress | AttemptEnded | RunEnded


class Watcher(Protocol):
    """Somebody who is told. It must not raise, and must return at once."""

    def __call__(self, event: Event) -> None: ...


def nobody(event: Event) -> None:
    """The watcher that is not there."""


class ModelAnswered(Value):
    """One model was called; nothing of what was said."""

    author: str
    model: str
    """The one that was asked for."""
    answered_by: str = ""
    """The one that answered, as far as it said so."""
    usage: Usage = Usage()
    seconds: float
    error: str = ""
    """Class of what went wrong, where it brought no answer that could be used."""


class BoxOpened(Value):
    box: str
    """Id of the box; empty where the sandbox has none to tell."""
    waited: float
    """Seconds from when it was asked for, the wait for a turn included."""


class BoxClosed(Value):
    box: str
    seconds: float
    """How long it was held."""
    error: str = ""
    """Class of what ended its use early."""


Inner = ModelAnswered | BoxOpened | BoxClosed
"""What goes on inside of a run, which is no news to whoever only waits for it."""


class Listener(Protocol):
    """Somebody who is told all of one run. It must not raise, and must return at once."""

    def __call__(self, event: Event | Inner) -> None: ...


class Observer(Protocol):
    """Somebody who listens to everything that an engine does."""

    def __call__(self, run_id: str, *, principal: str = "") -> Listener:
        """Who listens to the run of *principal*, or the single command, that begins now, in the context of whoever
        begins it.
        """


def unheard(event: Event | Inner) -> None:
    """The listener that is not there."""


def unobserved(run_id: str, *, principal: str = "") -> Listener:  # noqa: ARG001 (an `Observer` is given both)
    """The observer that is not there."""
    return unheard

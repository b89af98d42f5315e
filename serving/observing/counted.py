"""What is counted of a call and of a run: that it was, how it ended, how long it took and what it cost; never what was in it."""

from __future__ import annotations

from typing import Literal

from fastmcp.exceptions import ToolError

from engine.domain import Run, Value
from sandboxes.errors import SandboxError

CallEnd = Literal["answered", "refused", "failed", "cancelled"]
"""`refused`: the call did not fit, or was not allowed. `failed`: the server or its machinery did not do what it was to."""
UNKNOWN_TOOL = "unknown"
"""In place of a name that no tool has: the client made it up."""
LOCAL = "local"
"""Whoever calls without a sign-in."""
LONGEST_NAME = 200


class CountedCall(Value):
    """One call of a tool."""

    at: float
    """When it ended; seconds since 1970, as in the others."""
    tool: str
    principal: str
    ended: CallEnd
    seconds: float
    boxes: int = 0
    """Those that it used without a run."""
    box_seconds: float = 0.0


class Written(Value):
    """What one author did in one run."""

    author: str
    attempts: int = 0
    verified: int = 0
    """Drafts that were verified."""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0


class CountedRun(Value):
    """One run that has ended."""

    at: float
    run_id: str
    tool: str
    """By which it was begun; empty where no call began it."""
    principal: str
    outcome: str
    reason: str
    seconds: float
    attempts: int
    model_calls: int
    input_tokens: int
    output_tokens: int
    usd: float
    priced: bool
    boxes: int
    box_seconds: float
    written: tuple[Written, ...] = ()

    @classmethod
    def of(cls, run: Run, *, at: float, tool: str, principal: str, boxes: int, box_seconds: float) -> CountedRun:
        authors = dict[str, Written]()
        for attempt in run.attempts:
            draft = attempt.draft
            so_far = authors.get(draft.author) or Written(author=draft.author[:LONGEST_NAME])
            authors[draft.author] = so_far.model_copy(
                update={
                    "attempts": so_far.attempts + 1,
                    "verified": so_far.verified + attempt.verdict.verified,
                    "input_tokens": so_far.input_tokens + draft.usage.input_tokens,
                    "output_tokens": so_far.output_tokens + draft.usage.output_tokens,
                    "usd": so_far.usd + draft.usage.usd,
                }
            )
        return cls(
            at=at,
            run_id=run.id,
            tool=tool,
            principal=principal[:LONGEST_NAME],
            outcome=run.outcome or run.status,
            reason=run.reason or "",
            seconds=run.seconds,
            attempts=len(run.attempts),
            model_calls=run.usage.calls,
            input_tokens=run.usage.input_tokens,
            output_tokens=run.usage.output_tokens,
            usd=run.usage.usd,
            priced=run.usage.priced,
            boxes=boxes,
            box_seconds=box_seconds,
            written=tuple(authors.values()),
        )


def ending_of(error: BaseException) -> CallEnd:
    """How a call ended that raised *error*."""
    if not isinstance(error, Exception):
        return "cancelled"
    cause = error.__cause__
    if isinstance(error, ToolError) and not isinstance(cause, Exception):
        return "refused"
    if isinstance(cause, SandboxError):
        return "failed"
    told = cause if isinstance(error, ToolError) else error
    return "refused" if type(told).__name__ in _REFUSALS or _is_ours(told) else "failed"


_REFUSALS = frozenset({"ValidationError", "NotFoundError", "AuthorizationError", "DisabledError"})


def _is_ours(error: BaseException | None) -> bool:
    from engine.errors import JournalUnavailable, MemoryUnavailable, MendboxError  # noqa: PLC0415 (few calls raise)

    return isinstance(error, MendboxError) and not isinstance(error, (JournalUnavailable, MemoryUnavailable))

"""The call that is going on, for whatever is done on its behalf."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

from fastmcp import Context

from serving.access.principals import principal
from serving.observing.counted import LOCAL
from serving.observing.requests import REQUEST_ID

_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Call:
    """One call of a tool, while it goes on."""

    tool: str
    """As the client named it, so not to be repeated before a tool of that name has been seen."""
    principal: str
    request_id: str
    runs: list[str] = field(default_factory=list)
    """Ids of the runs that it began, or that its answer is about."""
    boxes: int = 0
    box_seconds: float = 0.0
    """Those that it used itself, without a run."""

    @classmethod
    def of(cls, ctx: Context, tool: str) -> Call:
        web = ctx.request_context.request if ctx.request_context else None
        given = web.scope.get(REQUEST_ID) if web is not None else None
        return cls(
            tool=tool,
            principal=principal(ctx).name or LOCAL,
            request_id=given if isinstance(given, str) else new_request_id(),
        )

    def about(self, run_id: object) -> None:
        """The answer names *run_id*, whatever that is."""
        if isinstance(run_id, str) and _RUN_ID.fullmatch(run_id) and run_id not in self.runs:
            self.runs.append(run_id)


def new_request_id() -> str:
    return uuid.uuid4().hex


calling: ContextVar[Call | None] = ContextVar("mendbox_call", default=None)
"""The call that this task serves; None for work that no call of this process began."""

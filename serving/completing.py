"""Completions: a client that types the id of a run is offered its own ones, and of nobody else."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP
from fastmcp.server.dependencies import get_context
from mcp.types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference

from engine.desk import Desk
from engine.signin import READ
from serving.access.principals import principal
from serving.resources import RUN

MOST_LOOKED_AT = 500
MOST_OFFERED = 100
"""The protocol's own bound."""
LANGUAGES = ("python", "javascript", "typescript")


def add_completions(server: FastMCP[Any], desk: Desk) -> None:
    """Offer what can be completed from *desk*."""

    @server.completion
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,  # noqa: ARG001  # the handler's signature
    ) -> Completion | None:
        known: tuple[str, ...]
        if isinstance(ref, PromptReference):
            known = LANGUAGES if argument.name == "language" else ()
        elif ref.uri.startswith(RUN) and argument.name == "run_id":
            who = principal(get_context())
            # As for list_runs, which shows the same.
            lines = await desk.list(principal=who.name, limit=MOST_LOOKED_AT) if READ in who.scopes else ()
            known = tuple(found.id for found in lines)
        else:
            return None
        fitting = [value for value in known if value.startswith(argument.value)]
        return Completion(values=fitting[:MOST_OFFERED], total=len(fitting), has_more=len(fitting) > MOST_OFFERED)

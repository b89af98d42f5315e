"""Which tools there are, and what a client may take each of them for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastmcp import FastMCP
from fastmcp.utilities.tasks import TaskConfig
from mcp.types import ToolAnnotations

from engine.desk import Desk
from serving.architecture import Planning
from serving.building import Orchestrating
from serving.judging import Judging
from serving.mending import Mending
from serving.testing import Testing

STARTS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
"""Open, because it may ask a model."""
PLANS = ToolAnnotations(read_only_hint=True, open_world_hint=True)
"""It changes nothing, and may ask a model."""
LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
STOPS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
IN_BACKGROUND = TaskConfig(mode="optional", poll_interval=timedelta(seconds=1))


def add_tools(server: FastMCP[Any], desk: Desk) -> None:
    """Register the tools that work at *desk*."""
    mending, judging, planning = Mending(desk), Judging(desk), Planning(desk)
    orchestrating = Orchestrating(desk)
    server.tool(mending.auto_fix_code, title="Mend code and prove it", annotations=STARTS, task=IN_BACKGROUND)
    server.tool(mending.start_run, title="Begin to mend code", annotations=STARTS)
    server.tool(mending.get_run, title="Look at a run", annotations=LOOKS)
    server.tool(mending.cancel_run, title="Stop a run", annotations=STOPS)
    server.tool(mending.list_runs, title="List your runs", annotations=LOOKS)
    server.tool(judging.check_code, title="Judge code", annotations=LOOKS)
    server.tool(judging.run_code, title="Run code in a container", annotations=LOOKS)
    server.tool(Testing(desk).generate_tests, title="Write tests for code", annotations=PLANS, task=IN_BACKGROUND)
    server.tool(planning.generate_architecture, title="Plan a project", annotations=PLANS, task=IN_BACKGROUND)
    server.tool(
        orchestrating.orchestrate_development, title="Build a whole project", annotations=STARTS, task=IN_BACKGROUND
    )
    server.tool(orchestrating.get_project, title="Look at a build", annotations=LOOKS)

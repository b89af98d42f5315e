"""`mendbox serve` is told to end while there is work in real boxes, in every way in which that can go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from docker import DockerClient
from fastmcp import Client
from fastmcp.client import extension_hooks
from fastmcp.client.transports import StdioTransport
from fastmcp_tasks import call_tool_task
from fastmcp_tasks.client import _build_tasks_client_extension

from sandboxes.hardening import LABEL, OWNER_LABEL
from tests.stories.test_mcp import BROKEN, PATIENCE, ROOT, SLEEPY, address_of, environment, serving  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.docker, pytest.mark.slow]

CALL = {"code": BROKEN, "error_message": "", "tests": SLEEPY}


@asynccontextmanager
async def server(transport: str, env: dict[str, str], folder: Path) -> AsyncIterator[tuple[Client, int]]:
    """A client of a server process, and the process's id."""
    if transport == "http":
        with serving(env, "--http", "127.0.0.1:0") as process:
            yield Client(address_of(process)), process.pid
        return
    # The transport does not tell which process it has started.
    noted = folder / "pid"
    line = f"echo $$ > {noted}; exec {sys.executable} -m engine.cli serve"
    pipe = StdioTransport("sh", ["-c", line], env=env, cwd=str(ROOT), keep_alive=False)
    client = Client(pipe)
    async with client:
        yield client, int(noted.read_text())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("work", ["foreground", "background", "task"])
@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_it_ends_by_itself_and_leaves_no_box(
    engine: DockerClient,
    environment: dict[str, str],  # noqa: F811 (the fixture)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    transport: str,
    work: str,
    how: signal.Signals,
) -> None:
    """A call that waits, a run that was begun, a task: each is stopped, and the containers of the process are gone."""
    tasking = [_build_tasks_client_extension] if work == "task" else []
    monkeypatch.setattr(extension_hooks, "_internal_client_extension_factories", tasking)
    calling: asyncio.Task[object] | None = None
    pool = "2" if transport == "http" else "0"  # boxes that nobody has used go too
    async with server(transport, {**environment, "MENDBOX_POOL": pool}, tmp_path) as (client, pid):
        if not client.is_connected():
            await client.__aenter__()
        match work:
            case "foreground":
                calling = asyncio.create_task(client.call_tool("auto_fix_code", CALL))
            case "background":
                await client.call_tool("start_run", CALL)
            case "task":
                await call_tool_task(client, "auto_fix_code", CALL)
        # Another process makes the box: there is no event to wait for.
        deadline = time.monotonic() + PATIENCE
        while len(boxes_of(engine, pid)) <= int(pool) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert len(boxes_of(engine, pid)) > int(pool)

        os.kill(pid, how)
        deadline = time.monotonic() + PATIENCE
        while is_alive(pid) and time.monotonic() < deadline:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)
        ended = not is_alive(pid)
        left = boxes_of(engine, pid)
        if calling is not None:
            calling.cancel()
            await asyncio.wait({calling})
        with suppress(Exception):
            await client.close()

    assert ended
    assert left == []


def is_alive(pid: int) -> bool:
    """A process that has ended and that nobody has asked about yet does no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def boxes_of(engine: DockerClient, pid: int) -> list[str]:
    found = engine.api.containers(all=True, filters={"label": [LABEL]})
    return [box["Id"] for box in found if box["Labels"].get(OWNER_LABEL, "").startswith(f"{pid}:")]

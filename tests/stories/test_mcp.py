"""An agent hands broken code to `mendbox serve` and gets proven code back, from real boxes, over every front there is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from sandboxes.hardening import LABEL, OWNER_LABEL

pytestmark = [pytest.mark.docker, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds; nothing is decided by them but that it hangs. A machine at work on other things may take its time."""
SERVE = ["-m", "engine.cli", "serve"]
BROKEN = """\
def total(prices):
    result = 0
    for price in prices:
        result -= price
    return result
"""
TESTS = """\
from basket import total


def test_it_adds_up():
    assert total([1, 2, 3]) == 6


def test_nothing_costs_nothing():
    assert total([]) == 0
"""
SLEEPY = "import time\n\nfrom basket import total\n\n\ndef test_sleeps():\n    time.sleep(60)\n"


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def environment(tmp_path: Path, sandbox_image: str) -> dict[str, str]:
    """Of the server: no key, a journal of its own, the image that is there."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return {
        **kept,
        "MENDBOX_DATA_DIR": str(tmp_path / "data"),
        "MENDBOX_IMAGE": sandbox_image,
        "MENDBOX_PARALLEL_RUNS": "2",
        "MENDBOX_END_SECONDS": str(PATIENCE),
    }


@contextmanager
def serving(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *SERVE, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline().split()[-1]


@asynccontextmanager
async def agent(front: str, era: str, environment: dict[str, str], **lent: Any) -> AsyncIterator[Client]:
    """A client of a server process over *front*; *lent* is what it offers, such as a sampling handler."""
    if front == "stdio":
        pipe = StdioTransport(sys.executable, SERVE, env=environment, cwd=str(ROOT), keep_alive=False)
        async with Client(pipe, mode=era, **lent) as client:
            yield client
    else:
        with serving(environment, "--http", "127.0.0.1:0") as process:
            async with Client(address_of(process), mode=era, **lent) as client:
                yield client
            process.terminate()
            process.wait(PATIENCE)


def boxes_of(engine: DockerClient, process: subprocess.Popen[str]) -> list[str]:
    """Ids of the containers that *process* made."""
    found = engine.api.containers(all=True, filters={"label": [LABEL]})
    return [box["Id"] for box in found if box["Labels"].get(OWNER_LABEL, "").startswith(f"{process.pid}:")]


async def boxes(engine: DockerClient, process: subprocess.Popen[str], *, there: bool, seconds: float) -> list[str]:
    """The containers of *process*, once there are some or none, or after *seconds*."""
    deadline = time.monotonic() + seconds
    # Another process makes them: there is no event to wait for.
    while bool(found := boxes_of(engine, process)) != there and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return found


@pytest.mark.parametrize("front", ["stdio", "http"])
async def test_an_agent_gets_proven_code_back_and_sees_it_happen(
    front: str, era: str, environment: dict[str, str]
) -> None:
    """Broken code and its tests go in; the mended file comes out with its proofs, and each attempt is told of."""
    told: list[str | None] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async with agent(front, era, environment) as client:
        result = await client.call_tool(
            "auto_fix_code",
            {"code": BROKEN, "error_message": "assert -6 == 6", "tests": TESTS},
            progress_handler=watch,
            timeout=PATIENCE,
        )
        answer = result.structured_content
        while answer["status"] == "running":  # a busy machine: the id came back instead
            waited = await client.call_tool(
                "get_run", {"run_id": answer["run_id"], "wait_seconds": 45}, timeout=PATIENCE
            )
            answer = waited.structured_content
        later = await client.call_tool("get_run", {"run_id": answer["run_id"]})

    assert answer["outcome"] == "verified", answer
    assert "result += price" in answer["code"]
    assert answer["files"] == {"basket.py": answer["code"]}
    assert answer["proofs"]
    assert all(proof["held"] for proof in answer["proofs"])
    assert any("attempt 1" in message for message in told if message)
    assert later.structured_content["code"] == answer["code"]


async def test_a_cancelled_run_leaves_no_box(engine: DockerClient, environment: dict[str, str]) -> None:
    """The box goes while the server stays, and the journal has the run as cancelled. No box is kept ready here."""
    with serving({**environment, "MENDBOX_POOL": "0"}, "--http", "127.0.0.1:0") as process:
        async with Client(address_of(process)) as client:
            started = await client.call_tool("start_run", {"code": BROKEN, "error_message": "", "tests": SLEEPY})
            run_id = started.structured_content["run_id"]
            assert await boxes(engine, process, there=True, seconds=PATIENCE)

            cancelled = await client.call_tool("cancel_run", {"run_id": run_id})
            # A box that was still being made is nobody's yet, and used by whoever comes next.
            await client.call_tool("run_code", {"code": "print(1)"})
            left = await boxes(engine, process, there=False, seconds=PATIENCE)
            later = await client.call_tool("get_run", {"run_id": run_id})
        process.terminate()
        process.wait(PATIENCE)

    assert cancelled.structured_content["outcome"] == "cancelled"
    assert later.structured_content["outcome"] == "cancelled"
    assert left == []

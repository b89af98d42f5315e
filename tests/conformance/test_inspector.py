"""The protocol's Inspector drives every tool of `mendbox serve`, over a pipe and over HTTP, with real boxes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.peers import INSPECTOR, ROOT, Ended, run

CODE = "def add(a, b):\n    return a - b\n"
TESTS = "from solution import add\n\n\ndef test_adds():\n    assert add(2, 3) == 5\n"
MENDS: dict[str, Any] = {"code": CODE, "error_message": "", "tests": TESTS}
FIRST: Mapping[str, dict[str, Any]] = {
    "run_code": {"code": "print(6 * 7)"},
    "check_code": {"code": CODE.replace("-", "+"), "tests": TESTS},
    "auto_fix_code": MENDS,
    "start_run": MENDS,
    "list_runs": {},
    "generate_architecture": {"project_type": "api", "scale": "small", "cloud_provider": "none"},
    "generate_tests": {"code": "def twice(n: int) -> int:\n    return n * 2\n", "seconds": 3},
    "validate_authentication": {"token": "not.a.token"},
    "get_cequence_analytics": {},
}
"""What each tool is called with that needs no run."""
OF_A_RUN = ("get_run", "cancel_run")
WITHOUT_A_MODEL: Mapping[str, tuple[dict[str, Any], str]] = {
    "orchestrate_development": ({"project_description": "A board of cards"}, "no model can be asked to build"),
    "get_project": ({"run_id": "run-of-nobody"}, "there is no run"),
}
"""What a build is asked for where there is no model, and what is said to it then."""

pytestmark = [pytest.mark.docker, pytest.mark.slow]


class Driven:
    """A server that the Inspector reaches by *target*; each call is a connection of its own."""

    def __init__(self, *target: str, era: str) -> None:
        self._options = ("--protocol-era", era, "--format", "json", "--quiet", "--connect-timeout", "60000")
        self._target = target

    async def ask(self, method: str, *more: str) -> Ended:
        return await run(*INSPECTOR, *self._options, *self._target, "--method", method, *more)

    async def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        ended = await self.ask("tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        assert ended.code == 0, (tool, ended)
        return _payload(ended)["structuredContent"]

    async def drive(self) -> str | None:
        """Lint the schemas strictly, then call every tool there is. Gives the outcome of a run that mends."""
        listed = await self.ask("tools/list", "--strict")
        assert listed.code == 0, listed
        names = {tool["name"] for tool in _payload(listed)["tools"]}
        assert names <= {*FIRST, *OF_A_RUN, *WITHOUT_A_MODEL}, "a tool that this test does not know how to call"

        # One after the other: each that needs a box has 45 seconds for its answer, on a machine that has more to do.
        answers = {name: await self.call(name, FIRST[name]) for name in FIRST if name in names}
        for name, (arguments, said) in WITHOUT_A_MODEL.items():
            refused = await self.ask("tools/call", "--tool-name", name, "--tool-args-json", json.dumps(arguments))
            assert said in refused.out + refused.err, (name, refused)
        assert answers["check_code"]["outcome"] in {"verified", "unverified"}
        assert answers["run_code"]["stdout"] == "42\n"
        run_id = answers["auto_fix_code"]["run_id"]
        began = answers["start_run"]["run_id"]
        assert (await self.call("cancel_run", {"run_id": began}))["run_id"] == began
        looked = await self.call("get_run", {"run_id": run_id, "wait_seconds": 45})
        assert looked["run_id"] == run_id
        return looked["outcome"]


async def test_every_tool_answers_over_http(tmp_path: Path) -> None:
    """In the protocol of 2026, of one server."""
    async with _over_http(_environment(tmp_path)) as url:
        outcome = await Driven(url, "--transport", "http", era="modern").drive()

    assert outcome == "verified"


async def test_every_tool_answers_over_a_pipe(tmp_path: Path) -> None:
    """By the handshake before it, each call to a server of its own; runs are found again in the journal."""
    told = [word for item in _environment(tmp_path).items() for word in ("-e", "=".join(item))]
    outcome = await Driven(*told, sys.executable, "-m", "engine.cli", "serve", era="legacy").drive()

    # An answer that a slow machine has to give before the run is over is the last that its server gives.
    assert outcome in {"verified", "cancelled"}


def _payload(ended: Ended) -> dict[str, Any]:
    said = json.loads(ended.out)
    return said.get("result", said)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("DOCKER_HOST", "HOME") if name in os.environ}
    # A pipe's server ends after one call: boxes kept ready would be made for nobody.
    return kept | {"MENDBOX_DATA_DIR": str(folder), "MENDBOX_POOL": "0", "MENDBOX_MEMORY": "off"}


@asynccontextmanager
async def _over_http(environment: Mapping[str, str]) -> AsyncIterator[str]:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "engine.cli", "serve", "--http", "127.0.0.1:0"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert server.stderr is not None
    try:
        while line := (await server.stderr.readline()).decode():
            if " at http" in line:
                break
        yield line.split()[-1]
    finally:
        server.send_signal(signal.SIGTERM)
        await server.communicate()
    assert server.returncode == 0

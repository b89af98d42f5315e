"""A client made with the SDK of before 2026 works as it did: its own process, its own packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.conformance.peers import HANDSHAKE, Ended, run
from tests.conformance.serving import served
from tests.server.double import MENDED

CLIENT = str(Path(__file__).parent / "handshake/client.py")


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_an_older_client_lists_calls_hears_of_progress_and_reads_structured_answers(transport: str) -> None:
    """Lists, calls, progress, structured output and a readable refusal, in the revision that it knows last."""
    if transport == "stdio":
        ended = await run(*HANDSHAKE, CLIENT, "stdio", sys.executable, "-m", "tests.server.rehearsal")
    else:
        async with served() as url:
            ended = await run(*HANDSHAKE, CLIENT, "http", url)

    _worked(ended)


def _worked(ended: Ended) -> None:
    assert ended.code == 0, ended
    said = json.loads(ended.out)
    assert said["revision"] == said["latest"] == "2025-11-25"
    assert {name for name, described in said["tools"].items() if described} >= {"auto_fix_code", "get_run", "run_code"}
    assert said["mended"]["outcome"] == "verified"
    assert said["mended"]["code"] == MENDED
    assert any("attempt 1" in message for message in said["progress"])
    assert said["refused"]
    assert "no run has the id" in said["why"]

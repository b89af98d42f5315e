"""HEALING_ENABLED=false over MCP: what was to be mended is judged, in real boxes, and the answer says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastmcp import Client
from pydantic import SecretStr

from engine.desk import Desk
from engine.settings import Settings
from server import create_server, face_of
from tests.server.double import BROKEN, TESTS
from tests.server.observing.conftest import analytics

pytestmark = [pytest.mark.docker, pytest.mark.slow]


async def test_auto_fix_code_judges_and_says_that_no_author_was_asked(tmp_path: Path, sandbox_image: str):
    """A key is there, and not used: nobody listens at the model's address."""
    settings = Settings(
        data_dir=tmp_path,
        image=sandbox_image,
        boxes=2,
        healing=False,
        openai_api_key=SecretStr("sk-not-used-0123456789"),
        openai_base_url="http://127.0.0.1:9/v1",
    )
    desk = Desk(settings, answer_seconds=120)
    face = face_of(settings, desk, over_http=False)
    async with desk.open(), Client(create_server(desk, face=face)) as client:
        answer = await client.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})
        told = (await analytics(client))["local"]

    run = answer.structured_content
    assert (run["status"], run["outcome"], run["reason"], run["code"]) == ("ended", "no_fix", "red", None)
    assert "HEALING_ENABLED=false" in run["next_step"]
    assert run["findings"][0]["rule"] == "AssertionError"
    assert (told["runs"]["reasons"], told["runs"]["model_calls"]) == ({"red": 1}, 0)

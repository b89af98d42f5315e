"""The logs of a server are about the server: what a client did wrong is told to the client."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from fastmcp import Client
from mcp.shared.exceptions import MCPError

from serving.readable import NotOurs


@pytest.fixture
def kept_clean() -> Iterator[None]:
    """As `mendbox serve` has it."""
    log, only = logging.getLogger("fastmcp.server.server"), NotOurs()
    log.addFilter(only)
    yield
    log.removeFilter(only)


async def test_a_resource_that_is_not_there_leaves_no_stack_in_the_log(
    kept_clean: None, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody can ask for a run that does not exist, as often as he likes."""
    with pytest.raises(MCPError, match="not found"):
        await client.read_resource("orchestrator://runs/nobodys")

    assert not [record for record in caplog.records if record.exc_info]


async def test_a_call_that_asks_for_what_cannot_be_is_no_error_of_the_server(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever watches the log for errors is not woken up by a run's id that was mistyped."""
    answer = await client.call_tool("get_run", {"run_id": "nobodys"}, raise_on_error=False)

    assert answer.is_error
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]

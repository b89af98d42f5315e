"""What a caller is told to do next can be done by one who has tools and no command line."""

from __future__ import annotations

import re

import pytest
from fastmcp import Client

from engine.advice import _AFTER_SEARCH, _NEXT
from engine.desk import Desk
from engine.domain import Run, Task
from serving.answers import RunAnswer
from tests.server.conftest import engine_of

TASK = Task(files={"solution.py": "x = 1\n"})
SAID = [*_NEXT.values(), *_AFTER_SEARCH.values(), "Have it mended: mendbox fix PATH"]


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_nobody_is_told_of_a_flag_or_a_command_of_a_machine_that_is_not_theirs(said: str) -> None:
    """Where a command is all there is, it is said whose machine it is for."""
    run = Run(id="run-1", task=TASK, status="ended", outcome="cancelled" if "resume" in said else "no_fix")

    told = RunAnswer.of(run.model_copy(update={"next_step": said})).next_step

    assert told
    assert not re.search(r"--[a-z]", told)
    assert "mendbox " not in told or "on the server's machine" in told


async def test_an_interrupted_run_says_how_to_go_on(client: Client, desk: Desk) -> None:
    """Its server has died: whoever finds it again is told what became of it."""
    engine_of(desk).add_interrupted("run-dead", TASK)

    answer = (await client.call_tool("get_run", {"run_id": "run-dead"})).structured_content

    assert answer["status"] == "interrupted"
    assert "start_run" in answer["next_step"]
    assert "mendbox resume run-dead" in answer["next_step"]


async def test_whoever_asks_for_a_run_that_is_not_there_is_told_of_the_list(client: Client) -> None:
    """And of no command line."""
    answer = await client.call_tool("get_run", {"run_id": "nobodys"}, raise_on_error=False)

    assert answer.is_error
    assert "list_runs" in answer.content[0].text
    assert "mendbox runs" not in answer.content[0].text

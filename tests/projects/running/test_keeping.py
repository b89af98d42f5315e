"""A component whose plan keeps its data in a file is killed in the end and begun again: what it had been given is still there."""

from __future__ import annotations

import pytest

from engine.projects.running import Pace, answers, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import notes

QUICK = Pace(start=6, step=1.5, open=4, settle=0.5, drive=60)
IN_MEMORY = notes.SERVER.replace(
    'PATH = os.environ["DATABASE_URL"].removeprefix("sqlite:///")\n', 'PATH = "/box/work/own.db"\n'
).replace(
    "with sqlite3.connect(PATH) as base:\n    base.execute(",
    'with sqlite3.connect(PATH) as base:\n    base.execute("drop table if exists notes")\n    base.execute(',
    1,
)
BREAD = notes.scenario(
    "Bread that was posted is listed",
    {
        "do": "call",
        "interface": "notes-http",
        "method": "POST",
        "path": "/api/notes",
        "body": {"text": "Bread"},
        "status": 201,
        "expects": [{"pointer": "/text", "value": "Bread"}],
    },
    {
        "do": "call",
        "interface": "notes-http",
        "method": "GET",
        "path": "/api/notes",
        "status": 200,
        "expects": [{"pointer": "/0/text", "value": "Bread"}],
    },
)
ONCE_ONLY = notes.SERVER.replace("create table if not exists", "create table").replace(
    "    def answer(", '    protocol_version = "HTTP/1.1"\n\n    def answer(', 1
)


@pytest.mark.docker
@pytest.mark.slow
async def test_what_was_written_is_there_after_the_component_was_killed(sandbox: DockerSandbox, web_image: str) -> None:
    """Which is shown by what it answers then."""
    ran = await whole(notes.plan(), notes.files(), (BREAD,), sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert (ran.outcome, ran.findings) == ("passed", ())
    assert "notes-api was killed and started again: GET /api/notes answered what had been written before" in ran.shown
    assert ran.stores["database"].startswith("SQLite; notes-api was killed")
    assert not any("database was" in line or "outlives" in line for line in ran.not_shown)


@pytest.mark.docker
@pytest.mark.slow
async def test_what_begins_empty_again_has_lost_it(sandbox: DockerSandbox, web_image: str) -> None:
    """Every scenario is met, and yet it is no project that keeps anything."""
    ran = await whole(
        notes.plan(), notes.files(server=IN_MEMORY), (BREAD,), sandbox, environment=web_image, run_id="test", pace=QUICK
    )

    assert [each.passed for each in ran.scenarios] == [True]
    assert [each.rule for each in ran.findings] == ["store/lost"], ran
    assert "in the file behind sqlite:/// in DATABASE_URL" in ran.findings[0].message
    assert ran.findings[0].path == "services/notes-api"


@pytest.mark.docker
async def test_what_begins_on_an_empty_file_alone_is_told_by_itself(sandbox: DockerSandbox) -> None:
    """Before there is a whole to run it in."""
    started = await answers(
        notes.plan(), "notes-api", notes.files(server=ONCE_ONLY), sandbox, environment="", run_id="test", seconds=6
    )

    assert [each.rule for each in started.findings] == ["store/again"], started
    assert "table notes already exists" in started.findings[0].evidence

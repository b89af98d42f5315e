"""The driver as somebody uses it who has the project: the same source as in the box, called by hand."""

from __future__ import annotations

import shlex

import pytest

from engine.projects.running import delivered
from sandboxes import web
from sandboxes.base import Command, Outcome
from sandboxes.docker import DockerSandbox
from tests.projects.running import notes

pytestmark = pytest.mark.docker
BROWSER = f'#!/bin/sh\nexec {web.BROWSER} {" ".join(web.BROWSER_OPTIONS)} "$@"\n'
"""A browser that starts in a box: what anybody else's does without being told."""
JOB = """\
import os, sqlite3, sys
with sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///")) as base:
    base.execute("insert into notes (text) values (?)", (f"by {sys.argv[1]}",))
"""


async def called(sandbox: DockerSandbox, image: str, *words: str, alone: bool = False) -> Outcome:
    """What ``node e2e/run.mjs`` with *words* comes to beside a server whose page is `notes.PAGE`, if not *alone*."""
    missing = notes.scenario("Cheese is there", notes.VISIT, {"do": "see", "text": "Cheese"}, requirement="R2")
    night = notes.scenario(
        "Something is noted at night", {"do": "run", "job": "nightly"}, notes.VISIT, {"do": "see", "text": "by nightly"}
    )
    files = delivered(notes.plan("web"), (notes.added("Milk"), night, missing)) | notes.files() | {"job.py": JOB}
    page = notes.PAGE.replace(
        '<script type="module" src="/src/main.js"></script>', f"<script type=module>{notes.SCRIPT}</script>"
    )
    files["services/notes-api/main.py"] = notes.SERVER.replace(
        'if self.path == "/health":',
        f'if self.path == "/":\n            body = {page!r}.encode()\n            self.send_response(200)\n'
        '            self.send_header("Content-Type", "text/html")\n            self.end_headers()\n'
        '            return self.wfile.write(body)\n        if self.path == "/health":',
    )
    files["chromium"] = BROWSER
    limits = web.LIMITS.model_copy(update={"environment": image})
    server = "" if alone else "python services/notes-api/main.py > server.log & "
    wait = (
        ""
        if alone
        else "until node -e \"fetch('http://localhost:8080/health').catch(() => process.exit(1))\"; do sleep 0.1; done; "
    )
    line = f"chmod +x chromium; {server}{wait}node e2e/run.mjs {shlex.join(words)}"
    env = {
        "RUN_JOB": "python job.py",
        "CHROMIUM": "/box/work/chromium",
        "PORT": "8080",
        "DATABASE_URL": "sqlite:////box/work/notes.db",
    }
    async with sandbox.open(run_id="test", limits=limits) as box:
        await box.put({path: text.encode() for path, text in files.items()})
        return await box.run(Command(argv=("/bin/sh", "-c", line), env=env, seconds=120))


@pytest.mark.slow
async def test_the_delivered_driver_says_which_scenarios_a_running_project_meets(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """One line each, with what was seen instead where one is not met, and an exit code that says so."""
    outcome = await called(sandbox, web_image, "http://localhost:8080")

    said = outcome.stdout.text
    assert "met   R1 Milk is listed once it was added" in said, outcome.stderr.text
    assert "UNMET R2 Cheese is there" in said
    assert 'step 2 (see): "Cheese" is not to be seen' in said
    assert "met   R1 Something is noted at night" in said
    assert "2 of 3 scenarios are met" in said
    assert outcome.exit_code == 1


@pytest.mark.parametrize(
    "words", [(), ("localhost",), ("web=http://localhost:8080",)], ids=["nothing", "no address", "no such page"]
)
async def test_called_wrongly_it_says_how_to_call_it(
    sandbox: DockerSandbox, web_image: str, words: tuple[str, ...]
) -> None:
    """And nothing is opened."""
    outcome = await called(sandbox, web_image, *words, alone=True)

    assert outcome.exit_code == 2
    assert "node e2e/run.mjs http://localhost:8080" in outcome.stderr.text

"""One component started by itself: what it answers is held to its document, and what keeps it from answering is named."""

from __future__ import annotations

import pytest

from engine.projects.running import Started, answers
from sandboxes.docker import DockerSandbox
from tests.projects.running import notes

pytestmark = pytest.mark.docker


async def started(sandbox: DockerSandbox, server: str, *command: str, seconds: float = 20) -> Started:
    planned = notes.plan(command=command or ("python", "main.py"))
    return await answers(planned, "notes-api", notes.files(server=server), sandbox, run_id="test", seconds=seconds)


def told(ran: Started) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.path) for finding in ran.findings]


async def test_a_component_that_answers_as_its_document_says_passes(sandbox: DockerSandbox) -> None:
    """Its health path and every GET without parameters were asked, and what came stands in the result."""
    ran = await started(sandbox, notes.SERVER)

    assert ran.outcome == "passed"
    assert [(each.path, each.status, each.body) for each in ran.answers] == [
        ("/health", 200, '{"status": "ok"}'),
        ("/api/notes", 200, "[]"),
        ("/api/round", 302, ""),
    ]
    assert '"GET /api/notes HTTP/1.1" 200' in ran.output
    assert not any("database was" in line for line in ran.not_shown)
    assert any(line.startswith("1 of 4 operations of notes-api need a body") for line in ran.not_shown)


async def test_an_answer_that_is_too_long_is_not_compared_and_said_to_be_so(sandbox: DockerSandbox) -> None:
    """It is not wrong for that."""
    server = notes.SERVER.replace(
        '{"id": id_, "text": text} for id_, text in rows', '{"id": 1, "text": "word " * 100_000}'
    )

    ran = await started(sandbox, server)

    assert ran.findings == ()
    assert "What notes-api answers at /api/notes is too long to be compared with its document." in ran.not_shown


async def test_answers_that_the_document_does_not_know_are_findings(sandbox: DockerSandbox) -> None:
    """A body of another shape, with its place, and a status that is not described."""
    server = notes.SERVER.replace('{"id": id_, "text": text} for id_, text in rows', '{"id": "x", "text": None}')
    server = server.replace("send_response(302)", "send_response(418)")

    ran = await started(sandbox, server)

    assert told(ran) == [("http/body", "services/notes-api"), ("http/status", "services/notes-api")]
    assert "at /0/id" in ran.findings[0].message
    assert "418" in ran.findings[1].message


@pytest.mark.parametrize(
    ("server", "command", "rule", "words"),
    [
        pytest.param("import time\ntime.sleep(60)\n", (), "start/silent", "PORT", id="never listens"),
        pytest.param("import nothing_like_it\n", (), "start/ended", "exit code 1", id="ends at once"),
        pytest.param(
            notes.SERVER.replace('self.answer(200, {"status": "ok"})', 'self.answer(503, {"why": "no"})'),
            (),
            "start/unhealthy",
            "503",
            id="is not healthy",
        ),
        pytest.param(
            notes.SERVER, ("gunicorn-of-theirs", "main"), "start/missing", "gunicorn-of-theirs", id="no program"
        ),
        pytest.param(
            notes.SERVER.replace(
                "with sqlite3.connect(PATH) as base:\n            rows", "if os._exit(3):\n            rows"
            ),
            (),
            "start/ended",
            "exit code 3 after it had answered",
            id="crashes when asked",
        ),
        pytest.param(
            "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
            (),
            "start/ended",
            "signal 9 before it answered",
            id="ends what it is started by",
        ),
        pytest.param(
            "import os, signal\nwith open(f'/proc/{os.getppid()}/stat') as file:\n"
            "    os.kill(int(file.read().split()[3]), signal.SIGKILL)\n",
            (),
            "tampered",
            "was ended by something",
            id="ends us",
        ),
    ],
)
async def test_what_keeps_a_component_from_answering_is_named(
    sandbox: DockerSandbox, server: str, command: tuple[str, ...], rule: str, words: str
) -> None:
    """Each way of not answering is a finding of its own, with what the component wrote."""
    # what never answers is waited for
    patience = 2 if rule in {"start/silent", "start/unhealthy"} else 20
    ran = await started(sandbox, server, *command, seconds=patience)

    assert ran.outcome == "failed"
    assert ran.findings[0].rule == rule
    assert words in ran.findings[0].message


@pytest.mark.slow
async def test_an_answer_that_never_ends_and_output_that_never_ends_are_bounded(sandbox: DockerSandbox) -> None:
    """A byte now and then keeps nobody waiting, and of endless output the head and the tail are kept."""
    dripping = """\
        if self.path == "/api/notes":
            import time
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.2)
        if self.path == "/health":"""
    server = notes.SERVER.replace('        if self.path == "/health":', dripping)
    server = server.replace("class Notes", "print('word ' * 200_000, 'the end', flush=True)\n\n\nclass Notes")

    ran = await started(sandbox, server)

    assert told(ran)[0] == ("http/none", "services/notes-api")
    assert len(ran.output) < 40_000
    assert "bytes left out" in ran.output

"""``mendbox build`` as a person meets it: wrong words, no key, a folder that is taken, an end that is shown."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.cli.built import print_project
from engine.cli.entry import enter
from engine.domain import Finding, Proof
from engine.projects.building.outcome import Delivered, Evidence, Project


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, and a journal of its own."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def interrupting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A model that never answers: whoever waits for it loses patience, and presses Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.getsockname()[1]}/v1")

        def press() -> None:
            server.settimeout(60)
            with server.accept()[0] as asked:
                asked.recv(1)
                os.kill(os.getpid(), signal.SIGINT)
                asked.recv(1_000_000)

        pressed = thread.submit(press)
        yield
        pressed.result()


def session(folder: Path, **replies: list[object]) -> str:
    path = folder / "session.json"
    path.write_text(json.dumps(replies))
    return f"scripted:{path}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "A board"], "set OPENAI_API_KEY or ANTHROPIC_API_KEY"),
        (["build", "  ", "--author", "openai"], "say what is wanted"),
        (["build", "A board", "--author", "offline"], "builds none"),
        (["build", "A board", "--require", " "], "from 1 to 600 each"),
        (["build", "A board", "--cloud", "moon"], "choose one of aws"),
        (["build", "A board", "--scale", "huge"], "choose small, medium"),
        (["build", "A board", "--usd", "0"], "no amount of dollars"),
        (["build", "A board", "--author", "scripted:none.json"], "cannot be read"),
        (["build", "x" * 20_001], "more than 20,000 characters"),
        (["build"], "DESCRIPTION"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is_spent(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and a line on what to do."""
    assert enter(words) == 2

    assert said in capsys.readouterr().err


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Known before a model is asked."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")

    assert enter(["build", "A board", "--author", session(tmp_path), "--out", "taken"]) == 2

    assert "no empty folder" in capsys.readouterr().err
    assert [each.name for each in (tmp_path / "taken").iterdir()] == ["mine.txt"]


def test_a_build_without_a_plan_is_no_fix_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An architect who only talks: the reason is `plan`, and every plan's fault can be read. It is shown again from
    anywhere, without those who built it."""
    session(tmp_path, architect=["I would rather not.", "{}"])

    assert enter(["build", "A board", "--author", "scripted:session.json", "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    (tmp_path / "session.json").unlink()
    assert (told["outcome"], told["reason"], told["written"]) == ("no_fix", "plan", None)
    assert enter(["resume", told["id"]]) == 1
    assert "no_fix (plan)" in capsys.readouterr().out
    assert enter(["resume", "nobodys"]) == 2


def test_a_build_that_ended_at_its_limit_goes_on_with_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it is told to: the second plan is asked for now, and nobody is asked for the first again."""
    author = session(tmp_path, architect=["I would rather not.", "Nor today."])

    assert enter(["build", "A board", "--author", author, "--attempts", "1", "--json"]) == 1
    first = json.loads(capsys.readouterr().out)
    assert enter(["resume", first["id"], "--json"]) == 1
    same = json.loads(capsys.readouterr().out)
    assert enter(["resume", first["id"], "--attempts", "9", "--json"]) == 1
    then = json.loads(capsys.readouterr().out)

    assert enter(["show", first["id"]]) == 0
    shown = capsys.readouterr().out
    assert enter(["show", first["id"], "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)

    assert "limits: 9 questions, " in shown
    assert (kept["task"]["budget"]["attempts"], kept["project"]["budget"]["attempts"]) == (9, 9)
    assert [first["reason"], same["reason"], then["reason"]] == ["budget", "budget", "plan"]
    assert [first["usage"]["calls"], then["usage"]["calls"]] == [1, 2]


@pytest.mark.usefixtures("interrupting")
@pytest.mark.parametrize("words", [["--json"], []])
def test_a_build_that_is_interrupted_says_by_what_it_goes_on(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one document on stdout for a program, the same for a person; it is a run that was cancelled, and goes on."""
    assert enter(["build", "A board", "--author", "openai", "--attempts", "7", *words]) == 128 + signal.SIGINT

    told = capsys.readouterr().out
    assert enter(["runs", "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["runs"]
    further = f"Go on with: mendbox resume {line['id']}"
    assert line["outcome"] == "cancelled"
    assert further in told
    assert (
        enter(["resume", line["id"], "--author", session(tmp_path, architect=["I would rather not."]), "--json"]) == 1
    )
    then = json.loads(capsys.readouterr().out)
    assert (then["id"], then["reason"]) == (line["id"], "plan")
    if words:
        document = json.loads(told)
        assert (document["id"], document["outcome"], document["next_step"]) == (line["id"], "cancelled", further)
        assert (document["budget"]["attempts"], document["written"], document["paths"]) == (7, None, [])


def test_the_end_of_a_build_is_shown_with_its_evidence_and_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """Parts, requirements, findings with their places, what was not run, and the next step; nothing steers the terminal."""
    finding = Finding(check="types", rule="TS2322", message="no number\x1b[2J", path="services/web/src/a.ts", line=3)
    project = Project(
        id="b1",
        description="A board",
        outcome="no_fix",
        reason="component",
        component="web",
        summary="web could not be mended",
        next_step="Look at its findings.",
        parts=(
            Delivered(
                component="web",
                role="frontend",
                outcome="no_fix",
                summary="1 type error",
                findings=(finding,) * 13,
                proofs=(Proof(name="red before", held=False, detail="none was red"),),
            ),
        ),
        evidence=(
            Evidence(requirement="R1", text="Cards", scenarios=("A", "B"), tests=("t1", "t2")),
            Evidence(requirement="R2", text="Moves", missing="no scenario was green"),
        ),
        not_run=("Angular is not there",) * 13,
    )

    print_project(project)

    out = capsys.readouterr().out
    for words in (
        "services/web/src/a.ts:3 TS2322 no number",
        "and 1 more of web",
        "red before: none was red",
        "A; B; t1 and 1 more",
        "no scenario was green",
        "not run: Angular is not there",
        "and 1 more that were not run",
        "no_fix (component)",
        "next: Look at its findings.",
    ):
        assert words in out
    assert "\x1b[2J" not in out

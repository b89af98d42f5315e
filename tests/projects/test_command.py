"""``mendbox architecture``: what it prints and writes, and with what it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.cli import main
from tests.projects.plans import spoilt


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("MENDBOX_", "OPENAI_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)


def test_it_prints_the_parts_the_arithmetic_the_reasons_and_the_diagram(capsys: pytest.CaptureFixture[str]) -> None:
    """For a person, with the sentence of who made it."""
    code = main(["architecture", "shop", "--scale", "medium", "--cloud", "gcp"])

    out = capsys.readouterr().out
    assert code == 0
    assert "Made by the rule base, without a model" in out
    assert "Cloud SQL for PostgreSQL" in out
    assert "ceil(peak_requests_per_second /" in out
    assert "A cache before the database" in out
    assert "flowchart LR\n" in out
    assert "part_web -->" in out


def test_json_is_one_document_with_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """For a script: the plan, how it was made, the diagram and the files."""
    assert main(["architecture", "api", "--scale", "300 rps", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["basis"] == "rules"
    assert document["scale"] == {"name": "300 requests/s", "measure": "requests", "amount": 300.0}
    assert document["plan"]["interfaces"][0]["owner"] == "api"
    assert "compose.yaml" in document["deployment"]
    assert document["written"] is None


def test_out_writes_a_folder_that_is_new_and_nothing_over_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, the plan, the diagram, an OpenAPI document for each interface, and what it is built and started by."""
    folder = tmp_path / "new" / "plan"

    assert main(["architecture", "chat", "--out", str(folder)]) == 0

    page = (folder / "architecture.md").read_text()
    assert page.startswith("# Chat for small scale")
    assert "```mermaid\nflowchart LR" in page
    assert "| R2 | A message reaches everybody in its room while they are connected. | web, realtime |" in page
    assert {path.name for path in (folder / "openapi").iterdir()} == {"api-http.json", "realtime-ws.json"}
    assert (folder / "services/realtime/Dockerfile").read_text().startswith("FROM node:22-slim\n")
    assert json.loads((folder / "architecture.json").read_text())["basis"] == "rules"
    assert "begin with architecture.md" in capsys.readouterr().err

    assert main(["architecture", "chat", "--out", str(folder)]) == 2
    assert "no empty folder" in capsys.readouterr().err
    assert main(["architecture", "chat", "--out", str(folder / "architecture.md")]) == 2
    assert main(["architecture", "chat", "--out", str(folder / "architecture.md" / "x")]) == 2
    assert "architecture.md" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["blockchain"], "choose one of web-app, api, data-pipeline, e-commerce, chat, ml-service, mobile-backend"),
        (["api", "--scale", "huge"], "small, medium, large, or a number such as '20000 users'"),
        (["api", "--cloud", "moon"], "choose one of aws, gcp, azure, self-hosted"),
        (["api", "--author", "openai"], "set OPENAI_API_KEY"),
    ],
)
def test_what_is_not_known_ends_with_2_and_names_what_is(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, with nothing on stdout."""
    assert main(["architecture", *words]) == 2

    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_a_plan_that_is_not_to_be_had_ends_with_1_and_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where only a model was asked, and where more is asked for than one cluster bears."""
    script = tmp_path / "replies.json"
    script.write_text(json.dumps([spoilt(["failures", 0, "part"], "moon").model_dump_json()] * 3))

    assert main(["architecture", "shop", "--author", f"scripted:{script}"]) == 1
    assert "a failure mode is about moon" in capsys.readouterr().err
    assert main(["architecture", "shop", "--author", f"scripted:{script}", "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "NoPlan"
    assert "a failure mode is about moon" in error["evidence"]
    assert main(["architecture", "api", "--scale", "50m users"]) == 1
    assert "plan one region's share of it" in capsys.readouterr().err


def test_a_models_words_cannot_steer_a_terminal_or_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes are shown, and Markdown and HTML are words."""
    words = "\x1b[2J<script>alert(1)</script> | [x](javascript:y)\n# head"
    plan = spoilt(["decisions", 0, "choice"], words, plan=spoilt(["title"], words))
    script, folder = tmp_path / "replies.json", tmp_path / "out"
    script.write_text(json.dumps([plan.model_dump_json()]))

    assert main(["architecture", "shop", "--author", f"scripted:{script}", "--out", str(folder)]) == 0

    page = (folder / "architecture.md").read_text()
    assert "\x1b" not in capsys.readouterr().out
    assert "\x1b" not in page
    assert "<script" not in page
    assert "[x](" not in page
    assert "\n# head" not in page
    assert "Made by the model a script" in page

"""A build is looked at afterwards as any run is: listed among them, and shown as the project that it came to."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.domain import Run, Task
from engine.journal import Journal
from engine.owner import this_process
from tests.projects.building.doubles import Company, Site, code
from tests.projects.building.plans import GREETED
from tests.projects.building.undertaking import undertaken


async def _kept(folder: Path, company: Company | None = None) -> None:
    async with await Journal.open(folder) as journal:
        await undertaken(journal, Site(company))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_build_is_shown_with_its_parts_and_what_shows_each_requirement(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people and for programs, and on its line among the runs."""
    asyncio.run(_kept(folder))

    assert main(["show", "b"]) == 0
    shown = capsys.readouterr().out
    assert main(["show", "b", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert main(["runs", "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["runs"]

    assert "build b" in shown
    assert "A greeter." in shown
    assert "R1 Whoever asks is greeted." in shown
    assert GREETED.name in shown
    assert document["project"]["evidence"][0]["requirement"] == "R1"
    assert {step["kind"] for step in document["journal"]} >= {"delivery of backend:greeter", "verdict on greeter"}
    assert (line["outcome"], line["summary"]) == ("verified", document["project"]["summary"])


def test_a_build_that_came_to_nothing_says_where_it_ended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its component, with what is still wrong there."""
    asyncio.run(_kept(folder, Company(backend__greeter=[code("WRONG")])))

    assert main(["show", "b"]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    assert "no_fix (component)" in shown
    assert "greeter" in shown


async def _judged(folder: Path) -> None:
    part = Run(id="part", task=Task(files={"a.py": ""}), status="ended", outcome="verified", summary="1 of 1 passed.")
    async with await Journal.open(folder) as journal:
        await undertaken(journal, Site())
        await journal.begin(part.model_copy(update={"part_of": "b"}), author="caller", owner=this_process())


def test_runs_that_judged_a_build_are_named_by_it_and_not_listed_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each can be shown by itself, with the build that it was for."""
    asyncio.run(_judged(folder))

    said = []
    for words in (
        ["runs", "--json"],
        ["runs", "--all", "--json"],
        ["show", "b"],
        ["show", "b", "--json"],
        ["show", "part"],
    ):
        assert main(words) == 0
        said.append(capsys.readouterr().out)
    listed, everything, shown, document, alone = said

    assert [line["id"] for line in json.loads(listed)["runs"]] == ["b"]
    assert [line["id"] for line in json.loads(everything)["runs"]] == ["part", "b"]
    assert "part  verified  1 of 1 passed." in shown
    assert [(line["id"], line["part_of"]) for line in json.loads(document)["parts"]] == [("part", "b")]
    assert "for    the build b" in alone

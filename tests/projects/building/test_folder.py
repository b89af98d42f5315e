"""A built project is written whole or not at all, with its own two commands and a receipt that says what shows what."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.projects.building.commands import makefile
from engine.projects.building.folder import files_of, write_project, zipped
from engine.projects.building.outcome import Project
from tests.projects.building.doubles import Company, Site, code, delivered
from tests.projects.building.plans import CODE, GOOD_CODE, GREETED, MANIFEST


@pytest.fixture
async def built() -> Project:
    return await Site().build()


def test_a_project_is_written_with_all_that_belongs_to_it(built: Project, tmp_path: Path) -> None:
    """Code, tests, scenarios with their driver, deployment files, pages, pictures, receipt."""
    folder = tmp_path / "new" / "greeter"

    written = write_project(built, folder)

    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(written) == there
    assert there >= {
        "README.md",
        "Makefile",
        "architecture.md",
        "architecture.json",
        "architecture.mmd",
        "receipt.md",
        "receipt.json",
        "compose.yaml",
        "e2e/run.mjs",
        "e2e/scenarios.json",
        "openapi/greeter-http.json",
        "pictures/web.png",
        "services/greeter/Dockerfile",
        CODE,
    }
    assert (folder / CODE).read_text() == GOOD_CODE
    assert (folder / "pictures/web.png").read_bytes() == b"\x89PNG\xff"
    assert [each.name for each in folder.parent.iterdir()] == ["greeter"]


def test_the_receipt_ties_each_requirement_to_what_shows_it(built: Project) -> None:
    """By name, for people and for programs."""
    files = files_of(built)

    page, said = files["receipt.md"].decode(), json.loads(files["receipt.json"])
    assert "**R1** Whoever asks is greeted." in page
    assert f"scenario: {GREETED.name}" in page
    assert "services/greeter/tests/test_greeter.py::test" in page
    assert said["evidence"][0]["scenarios"] == [GREETED.name]
    assert "might spend together: 60 questions, any number of tokens, any price, 600 seconds." in page
    assert said["budget"]["attempts"] == 60
    assert said["files"][CODE] == hashlib.sha256(GOOD_CODE.encode()).hexdigest()
    assert "make run" in files["README.md"].decode()
    assert "1 of 1 requirements are shown" in files["README.md"].decode()


async def test_what_is_not_shown_stands_in_the_receipt() -> None:
    """An unverified build says so wherever somebody looks, and a failed one what is still wrong."""
    weak = GREETED.model_copy(update={"name": "Weak"})
    unverified = files_of(await Site(Company(qa=[delivered({}, scenarios=[weak])])).build())
    failed = files_of(await Site(Company(backend__greeter=[code("WRONG")])).build())

    assert "**not shown**: the scenario 'Weak' does not show it" in unverified["receipt.md"].decode()
    assert "**unverified**" in unverified["README.md"].decode()
    assert "**still wrong**" in failed["receipt.md"].decode()
    assert "What was not run" in failed["receipt.md"].decode()


def test_nothing_is_written_over(built: Project, tmp_path: Path) -> None:
    """A folder that holds something stays as it is; an empty one is taken."""
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(BadInput, match="not empty"):
        write_project(built, taken)
    with pytest.raises(BadInput, match="not empty"):
        write_project(built, taken / "mine.txt")
    write_project(built, empty)

    assert [each.name for each in taken.iterdir()] == ["mine.txt"]
    assert (empty / "README.md").is_file()


def test_what_cannot_be_written_leaves_nothing(built: Project, tmp_path: Path) -> None:
    """A path in the way ends it before the folder appears; what was paid for is not lost, and it is said how it is had."""
    spoilt = built.model_copy(update={"files": {**built.files, "compose.yaml/inside": "x"}})

    with pytest.raises(BadInput, match="cannot be written") as raised:
        write_project(spoilt, tmp_path / "new")
    assert f"mendbox resume {built.id} --out" in raised.value.hint
    assert not any(tmp_path.iterdir())


async def test_a_project_without_a_plan_is_nothing_to_write(tmp_path: Path) -> None:
    project = await Site(Company(["prose"])).build()

    with pytest.raises(BadInput, match="came to no plan"):
        write_project(project, tmp_path / "new")


def test_an_archive_is_the_same_for_the_same_project(built: Project) -> None:
    """To the byte, with every file in it."""
    again = Project.model_validate_json(built.model_dump_json())

    packed = zipped(built)

    assert packed == zipped(again)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files_of(built)


def test_a_picture_by_another_name_is_left_out(built: Project) -> None:
    """What a box calls its pictures decides no path."""
    spoilt = built.model_copy(update={"pictures": {"../../x.png": b"x", "pictures/a.png": b"y"}})

    files = files_of(spoilt)

    assert files["pictures/a.png"] == b"y"
    assert "../../x.png" not in files


@pytest.mark.slow
def test_its_own_test_command_tests_it(built: Project, tmp_path: Path) -> None:
    """`make test` in the written folder makes an environment, and runs the tests of every component there."""
    folder = tmp_path / "greeter"
    write_project(built, folder)

    done = subprocess.run(["make", "test"], cwd=folder, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            MANIFEST, '[project.optional-dependencies]\ntest = ["httpx"]\n', '"./services/greeter[test]"', id="extra"
        ),
        pytest.param(MANIFEST, "no toml [", '"./services/greeter"', id="no manifest"),
    ],
)
def test_the_test_command_takes_the_extra_that_the_tests_need(
    built: Project, path: str, text: str, expected: str
) -> None:
    """Where the manifest has one."""
    assert expected in makefile(built.model_copy(update={"files": {**built.files, path: text}}))


def test_secrets_that_it_needs_to_run_are_made_on_the_machine_itself(built: Project, tmp_path: Path) -> None:
    """Once, by `make run`; a project without any has no such file."""
    asking = {**built.files, ".env.example": "# Its own.\nDATABASE_PASSWORD=\nCACHE_PASSWORD=\n"}
    folder = tmp_path / "greeter"
    write_project(built.model_copy(update={"files": asking}), folder)

    subprocess.run(["make", ".env"], cwd=folder, capture_output=True, timeout=60, check=True)

    first, second = (folder / ".env").read_text().splitlines()[1:3]
    assert re.fullmatch(r"DATABASE_PASSWORD=[\w-]{43}", first)
    assert second.partition("=")[2] != first.partition("=")[2]
    assert "run: .env" in (folder / "Makefile").read_text()
    assert ".env" not in makefile(built)


@pytest.mark.parametrize(
    ("compose", "address"),
    [
        ('services: {greeter: {ports: ["127.0.0.1:8123:8000"]}}', "http://localhost:8123"),
        ('services: {greeter: {ports: ["8124:8000/tcp"]}}', "http://localhost:8124"),
        ("services: {greeter: {ports: [{published: 8125, target: 8000}]}}", "http://localhost:8125"),
        ("services: {greeter: {ports: [{target: 8000}]}}", "http://localhost:8000"),
        ('services: {greeter: {ports: ["99999:8000"]}}', "http://localhost:8000"),
        ("services: {greeter: [], other: 1}", "http://localhost:8000"),
        ("services: 1", "http://localhost:8000"),
        ("no: [yaml", "http://localhost:8000"),
        ("", "http://localhost:8000"),
    ],
)
def test_the_project_says_where_it_is_reached(built: Project, compose: str, address: str) -> None:
    """As its compose file publishes it, whatever whoever ships it made of that; else as it was planned."""
    files = files_of(built.model_copy(update={"files": {**built.files, "compose.yaml": compose}}))

    assert f"<{address}>" in files["README.md"].decode()
    assert f"$(or $(URL),{address})" in files["Makefile"].decode()

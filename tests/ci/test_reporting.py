"""The folder of reports and what a pipeline is told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from engine.ci.folder import Folder
from engine.ci.pipeline import append_outputs, append_summary, read_pipeline
from engine.ci.reporting import Reported, Reporting, tell
from engine.ci.summary import MOST_BYTES
from engine.errors import BadInput
from engine.receipts.blobs import read_evidence
from engine.receipts.reading import open_receipt
from engine.receipts.storing import blobs_of
from tests.ci.projects import RIGHT, green, partly
from tests.ci.repositories import ENVIRONMENT, commit_all, git, laid, lay, project_in


def reported(root: Path, out: Path, **more: object) -> Reported:
    """A result with two causes, written to *out*."""
    project = (
        project_in(root, commit=git(root, "rev-parse", "HEAD").strip()) if (root / ".git").exists() else laid(root)
    )
    folder = Folder(out)
    folder.prepare()
    reporting = Reporting(project, folder, key=None, now=1.0, version="1")
    return reporting.write(partly(root, **more), exit_code=1, branch="mendbox/fix")


def test_everything_lies_in_one_folder_that_git_does_not_see(tmp_path: Path) -> None:
    """All reports, the patch and one receipt for the verified cause; the folder ignores itself."""
    root = tmp_path / "p"
    root.mkdir()

    reported(root, root / ".mendbox-ci")

    assert sorted(path.name for path in (root / ".mendbox-ci").iterdir()) == [
        ".gitignore",
        "codequality.json",
        "coverage-after.xml",
        "coverage.xml",
        "junit.xml",
        "mendbox.json",
        "mendbox.patch",
        "mendbox.sarif",
        "receipts",
        "summary.md",
    ]
    assert git(root, "status", "--porcelain") == ""


def test_the_patch_is_one_that_git_applies(tmp_path: Path) -> None:
    """From the root of the repository, also where the project is a folder in it."""
    root = tmp_path / "lib"
    root.mkdir()
    laid(root)
    (root / ".git").rename(tmp_path / ".git")
    commit = commit_all(tmp_path, "moved")
    folder = Folder(tmp_path / "out")
    folder.prepare()

    Reporting(project_in(root, commit=commit), folder, key=None, now=1.0, version="1").write(partly(root), exit_code=1)

    subprocess.run(["git", "apply", "out/mendbox.patch"], cwd=tmp_path, env=ENVIRONMENT, check=True)
    assert (root / "shop/cart.py").read_text() == RIGHT


def test_the_receipt_names_the_texts_beside_it(tmp_path: Path) -> None:
    """Another job that has the folder has all that `mendbox verify` reads."""
    whole = reported(tmp_path, tmp_path / "out").account

    path = Path(whole.fixes[0].receipt)
    evidence = read_evidence(open_receipt(path).statement, blobs_of(path))

    assert evidence.after["shop/cart.py"] == RIGHT
    assert whole.fixes[1].receipt == ""


def test_what_an_earlier_run_wrote_is_taken_away(tmp_path: Path) -> None:
    """Yesterday's patch beside today's green report would be applied by somebody."""
    reported(tmp_path, tmp_path / "out")
    (tmp_path / "out/mine.txt").write_text("mine")

    folder = Folder(tmp_path / "out")
    folder.prepare()
    Reporting(laid_again(tmp_path), folder, key=None, now=1.0, version="1").write(green(tmp_path), exit_code=0)

    assert not (tmp_path / "out/mendbox.patch").exists()
    assert list((tmp_path / "out/receipts").iterdir()) == []
    assert (tmp_path / "out/mine.txt").read_text() == "mine"


def laid_again(root: Path):
    return project_in(root, commit=git(root, "rev-parse", "HEAD").strip())


def test_a_folder_whose_files_git_keeps_is_refused(tmp_path: Path) -> None:
    """No report is written over somebody's file."""
    lay(tmp_path, {"junit.xml": b"mine\n"})
    laid(tmp_path)

    with pytest.raises(BadInput, match=r"junit\.xml"):
        Folder(tmp_path).prepare()

    assert (tmp_path / "junit.xml").read_text() == "mine\n"


def test_a_folder_of_somebody_elses_is_used_and_its_state_told(tmp_path: Path) -> None:
    """No `.gitignore` is put among other files; that git sees the reports there is said."""
    laid(tmp_path)
    lay(tmp_path, {"reports/other.txt": b""})

    folder = Folder(tmp_path / "reports")
    folder.prepare()

    assert not (tmp_path / "reports/.gitignore").exists()
    assert "not ignored" in folder.notes[0]


def test_a_folder_that_git_ignores_is_nothing_to_be_told(tmp_path: Path) -> None:
    """Whether it ignores itself, since an earlier run, or the project ignores it."""
    lay(tmp_path, {".gitignore": b"reports/\n"})
    laid(tmp_path)
    lay(tmp_path, {"reports/other.txt": b""})

    told = []
    for name in ("reports", "out", "out"):
        folder = Folder(tmp_path / name)
        folder.prepare()
        told += folder.notes

    assert told == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """One line, before any work is done."""
    (tmp_path / "out").write_text("")

    with pytest.raises(BadInput, match="no folder"):
        Folder(tmp_path / "out").prepare()


def test_the_account_says_how_it_ended_and_where_all_is(tmp_path: Path) -> None:
    """A script reads one small document."""
    whole = reported(tmp_path, tmp_path / "out").account

    read = json.loads((tmp_path / "out/mendbox.json").read_text())

    assert read == whole.model_dump(mode="json")
    assert (read["outcome"], read["exit_code"], read["branch"]) == ("partly", 1, "mendbox/fix")
    assert [fix["outcome"] for fix in read["fixes"]] == ["verified", "no_fix"]
    assert all((tmp_path / "out" / name).exists() for name in read["reports"])


def test_github_is_told_by_its_files(tmp_path: Path) -> None:
    """The summary is appended, the outputs have their names."""
    summary, output = tmp_path / "summary", tmp_path / "output"
    summary.write_text("before\n")
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)}
    root = tmp_path / "p"
    root.mkdir()

    notes = tell(read_pipeline(environ), reported(root, root / "out"))

    assert notes == ()
    assert summary.read_text().startswith("before\n\n## Mendbox")
    assert read_outputs(output.read_text())["outcome"] == "partly"
    assert read_outputs(output.read_text())["fixes"] == "1"


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads them: a name, a delimiter, and lines until the delimiter comes."""
    values: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, sign, delimiter = line.partition("<<")
        if sign:
            values[name] = "\n".join(iter(lambda delimiter=delimiter: next(lines), delimiter))
    return values


def test_an_output_cannot_smuggle_another_one_in(tmp_path: Path) -> None:
    """A value with lines of its own stays one value."""
    append_outputs(tmp_path / "o", {"branch": "x\nEOF\noutcome<<E\ngreen\nE", "red": "1"})

    values = read_outputs((tmp_path / "o").read_text())

    assert values.keys() == {"branch", "red"}
    assert values["branch"].endswith("green\nE")


def test_a_summary_that_has_no_room_is_not_half_written(tmp_path: Path) -> None:
    """GitHub shows nothing of one that is too long, what others wrote included."""
    path = tmp_path / "summary"
    path.write_text("x" * (MOST_BYTES - 10))

    assert not append_summary(path, "more than ten bytes")
    assert path.stat().st_size == MOST_BYTES - 10


def test_outside_of_github_its_variables_are_not_heeded() -> None:
    """A variable that somebody left is no pipeline."""
    assert read_pipeline({"GITHUB_STEP_SUMMARY": "/x", "GITHUB_OUTPUT": "/y"}).summary is None
    assert read_pipeline({"GITLAB_CI": "true"}).gitlab

"""What a source distribution's build needs, read without unpacking or running it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sandboxes.environments.sources import LEGACY, build_requires
from sandboxes.environments.wanted import Unresolved
from tests.environments.index import sdist

STATED = '[build-system]\nrequires = ["hatchling>=1", "hatch-vcs"]\n'


def test_what_is_stated_is_read_from_the_top_alone(tmp_path: Path) -> None:
    """Examples and tests inside have files of that name too."""
    archive = sdist(tmp_path, "one", files={"tests/data/pyproject.toml": "[build-system", "pyproject.toml": STATED})

    assert build_requires(archive) == ("hatchling>=1", "hatch-vcs")


@pytest.mark.parametrize("files", [{"setup.py": ""}, {"pyproject.toml": "[tool.other]\n"}])
def test_what_says_nothing_needs_setuptools(tmp_path: Path, files: dict[str, str]) -> None:
    """As before there was a file to say it in."""
    assert build_requires(sdist(tmp_path, "old", files=files)) == LEGACY


def test_a_zip_file_will_do(tmp_path: Path) -> None:
    """Some projects release nothing else."""
    archive = tmp_path / "one-1.0.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("one-1.0/pyproject.toml", STATED)

    assert build_requires(archive) == ("hatchling>=1", "hatch-vcs")


@pytest.mark.parametrize(
    "text",
    ["[build-system", "[build-system]\nrequires = 3\n", "x = '" + "x" * (1 << 20) + "'"],
    ids=["no TOML", "no list", "too long"],
)
def test_what_cannot_be_read_is_the_archives_fault(tmp_path: Path, text: str) -> None:
    """It is named, and nothing is guessed."""
    archive = sdist(tmp_path, "odd", files={"pyproject.toml": text})

    with pytest.raises(Unresolved, match=r"odd-1\.0\.tar\.gz is not readable") as unresolved:
        build_requires(archive)

    assert unresolved.value.cause == "build"


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    """Whatever its name says."""
    (tmp_path / "no-1.0.tar.gz").write_bytes(b"nothing")

    with pytest.raises(Unresolved, match="not readable"):
        build_requires(tmp_path / "no-1.0.tar.gz")

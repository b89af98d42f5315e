"""The second part of the demonstration: which sessions there are, and what is said of one that cannot be replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.demo_build import read_builds
from engine.errors import BadInput


def example(folder: Path, **files: str) -> Path:
    here = folder / "builds" / "board"
    here.mkdir(parents=True)
    usual = {
        "README.md": "# A board, built\n\nMore.\n",
        "build.json": json.dumps({"description": "A board", "require": ["Cards can be moved."], "stack": ["vue"]}),
        "session.json": "{}",
    }
    for name, text in (usual | {name.replace("_", "."): text for name, text in files.items()}).items():
        (here / name).write_text(text)
    return folder


def test_a_session_is_read_with_what_was_asked_for(tmp_path: Path) -> None:
    """Its author is the session itself, wherever the example lies."""
    [found] = read_builds(example(tmp_path))

    assert (found.name, found.title) == ("board", "A board, built")
    assert found.request.author == f"scripted:{tmp_path}/builds/board/session.json"
    assert found.request.require == ("Cards can be moved.",)


def test_without_sessions_there_is_no_second_part(tmp_path: Path) -> None:
    """Whoever gives a folder of their own sees its programs healed, as before."""
    assert read_builds(tmp_path) == []


@pytest.mark.parametrize("text", ["{", "{}", '{"description": "x", "colour": "red"}'])
def test_what_cannot_be_replayed_is_named(tmp_path: Path, text: str) -> None:
    """The folder is in the message."""
    with pytest.raises(BadInput, match=r"builds/board.*cannot be read"):
        read_builds(example(tmp_path, build_json=text))

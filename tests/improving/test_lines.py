"""What the host believes of what the improver's box wrote, and what it leaves out."""

from __future__ import annotations

import json

from agents.offline.improving.improver import gather
from agents.offline.improving.toolbox import PACKAGE, tools

FILES = {"m.py": "a\n"}


def held(kind: str = "performance", path: str = "m.py") -> str:
    improvement = {
        "kind": kind,
        "pattern": "membership",
        "path": path,
        "line": 1,
        "note": "n",
        "evidence": {"compared": 3},
    }
    return json.dumps({"kind": "improvement", "improvement": improvement, "files": {path: "b\n"}})


def test_what_held_is_taken_with_its_files():
    """The last state of each file counts."""
    looked = gather([held(), json.dumps({"kind": "ended", "reason": ""})], FILES, "performance")

    assert looked.files == {"m.py": "b\n"}
    assert looked.improvements[0].evidence.compared == 3
    assert looked.reason == ""


def test_lines_that_say_something_else_are_left_out():
    """Other files, another kind, no JSON, negative counts: written by the box, so nothing of it is believed."""
    odd = ["", "{}", held(path="../x.py"), held(kind="security"), held().replace("3", "-3"), "x" * 10]

    looked = gather([*odd, json.dumps({"kind": "ended", "reason": ""})], FILES, "performance")

    assert (looked.files, looked.improvements) == (FILES, ())


def test_a_box_that_stopped_early_says_so():
    """No last line: what held until then is kept, and the reason says that it was cut off."""
    looked = gather([held()], FILES, "performance", stderr="Killed")

    assert looked.files == {"m.py": "b\n"}
    assert "Killed" in looked.reason


def test_the_box_gets_the_search_it_is_built_on():
    """Its own files and those of the search stand as they do here, so that relative imports hold."""
    laid = tools()

    assert {
        "launch.py",
        "pytest.ini",
        f"{PACKAGE}/worker/guard.py",
        f"{PACKAGE}/improving/worker/main.py",
    } <= laid.keys()
    assert laid[f"{PACKAGE}/improving/__init__.py"] == ""

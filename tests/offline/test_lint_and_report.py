"""What the search asks of ruff, and how it speaks."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from agents.offline.worker import lint
from agents.offline.worker.report import FD_VARIABLE, Reporter


@pytest.fixture
def ruff(monkeypatch):
    """The environment's own programs can be found."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def test_a_new_finding_is_told_from_one_that_was_there(ruff):
    """The judge turns down a draft that brings one."""
    before = lint.findings("m.py", "import os\nx = 1\n")

    assert lint.new("m.py", before, "import os\nx = 2\n", parsed=True) == []
    assert lint.new("m.py", before, "import os\nimport sys\nx = 1\n", parsed=True) == ["F401"]


def test_a_file_that_did_not_parse_could_not_have_shown_what_it_has(ruff):
    """Only what cannot run as written counts as new there."""
    before = lint.findings("m.py", "import os\nx = (\n")

    assert lint.new("m.py", before, "import os\nx = ()\n", parsed=False) == []
    assert lint.new("m.py", before, "import os\nx = (y)\n", parsed=False) == ["F821"]


def test_several_texts_are_looked_at_together(ruff):
    """Each has its own findings, whatever else there is in the others."""
    texts = ["import os\nx = 1\n", "x = 1\n", "import os\nimport sys\nprint(x)\n"]

    found = lint.findings_of(texts)

    assert found == [lint.findings("m.py", text) for text in texts]
    assert [sum(one.values()) for one in found] == [1, 0, 3]
    assert lint.more(found[0], found[2], parsed=True) == ["F401", "F821"]


def test_where_no_ruff_can_be_asked_nothing_counts_as_found(monkeypatch):
    """A patch is not kept back for it."""
    monkeypatch.setenv("PATH", "")

    assert lint.findings_of(["import os\n", "x\n"]) == [{}, {}]
    assert lint.findings("m.py", "import os\n") == {}
    assert lint.fixed("m.py", "import os\n") == "import os\n"


def test_safe_fixes_leave_imports_that_others_may_use(ruff):
    """Another file may import the name from here."""
    assert lint.fixed("m.py", "import os\nx = f'a'\n") == "import os\nx = 'a'\n"


def test_several_files_are_looked_at_in_one_call(ruff):
    """Each by the name it has, of which there may be several; and whether a safe fix changes it, imports left alone."""
    texts = {
        "a/m.py": "import os\n",
        "b/m.py": "x = f'a'\n",
        "a/__init__.py": "import os\n",
        "build/right.py": "def f():\n    return y\n",
        "broken.py": "def f(\n",
    }

    looked = lint.look(texts)

    assert list(looked) == list(texts)
    for path, text in texts.items():
        assert looked[path].findings == lint.findings(path, text)
        assert looked[path].mends == (lint.fixed(path, text) != text)
    assert [path for path, one in looked.items() if one.mends] == ["b/m.py"]


def test_without_ruff_nothing_is_said(monkeypatch):
    """An image without it is no reason to stop."""
    monkeypatch.setenv("PATH", "/nowhere")

    assert lint.look({"m.py": "import os\n"}) == {"m.py": lint.Looked()}
    assert not lint.findings("m.py", "import os\n")
    assert lint.fixed("m.py", "import os\n") == "import os\n"


def test_a_line_is_one_json_object(monkeypatch):
    """On the pipe whose number the environment names."""
    reading, writing = os.pipe()
    monkeypatch.setenv(FD_VARIABLE, str(writing))
    reporter = Reporter.from_environment()

    reporter.say("progress", tried=3)
    os.close(writing)
    reporter.say("progress", tried=4)

    with os.fdopen(reading) as pipe:
        assert json.loads(pipe.read()) == {"kind": "progress", "tried": 3}
    assert FD_VARIABLE not in os.environ


def test_with_nobody_to_tell_nothing_is_said(monkeypatch):
    """Started by hand."""
    monkeypatch.delenv(FD_VARIABLE, raising=False)

    Reporter.from_environment().say("progress", tried=3)

"""`mendbox admit`: what is shown, what is written back, and how it is answered where nothing can be shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import mendbox

CODE = "def add(a, b):\n    return a + b\n"
COUNTS = "def test_add():\n    assert add(2, 3) == 5\n"
PROVES_NOTHING = "def test_there():\n    assert callable(add)\n"
HEAD = "from calc import add\n\n\n"

pytestmark = pytest.mark.docker


@pytest.fixture
def generated(tmp_path: Path, sandbox_image: str) -> Path:
    """A small program, and generated tests of which one counts."""
    (tmp_path / "calc.py").write_text(CODE)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "test_calc.py").write_bytes(f"{HEAD}{COUNTS}\n\n{PROVES_NOTHING}".encode())
    (tmp_path / "generated" / "test_more.py").write_text(f"{HEAD}{PROVES_NOTHING}")
    return tmp_path


def test_every_test_is_told_with_what_became_of_it(generated: Path) -> None:
    """A table with the mutant or the reason, the counts below it; nothing is written."""
    before = {path: path.read_bytes() for path in generated.glob("generated/*.py")}

    told = mendbox(generated, "admit", "calc.py", "--tests", "generated")

    assert told.returncode == 0, told.stderr
    assert "kills a mutant" in told.stdout
    assert "proves nothing" in told.stdout
    assert "1 kept, 2 dropped (2 proves nothing)" in told.stdout
    assert {path: path.read_bytes() for path in generated.glob("generated/*.py")} == before


def test_apply_takes_out_what_was_dropped(generated: Path) -> None:
    """The rest of a file stays byte for byte, and a file in which no test is left is removed."""
    told = mendbox(generated, "admit", "calc.py", "--tests", "generated", "--apply", "--json")

    document = json.loads(told.stdout)
    assert told.returncode == 0
    assert document["counts"] == {"kept": 1, "dropped": 2, "kept: kills a mutant": 1, "dropped: proves nothing": 2}
    assert sorted(document["applied"]) == ["generated/test_calc.py", "generated/test_more.py"]
    assert [path.name for path in sorted((generated / "generated").iterdir())] == ["test_calc.py"]
    assert (generated / "generated" / "test_calc.py").read_text() == f"{HEAD}{COUNTS}"


def test_red_before_green_needs_no_mutant(generated: Path) -> None:
    """`--before` names the code as it was while it was wrong."""
    (generated / "old").mkdir()
    (generated / "old" / "calc.py").write_text(CODE.replace("+", "-"))

    told = mendbox(generated, "admit", "calc.py", "--tests", "generated", "--before", "old/calc.py", "--json")

    assert [each["by"] for each in json.loads(told.stdout)["kept"]] == ["red before green"]


def test_where_no_test_counts_nothing_is_written(generated: Path) -> None:
    """Exit 1: all of them would have to go."""
    only = ("admit", "calc.py", "--tests", "generated/test_more.py", "--apply")

    told = mendbox(generated, *only)

    assert told.returncode == 1
    assert "nothing written: no test is left to be kept" in told.stderr
    assert (generated / "generated" / "test_more.py").exists()

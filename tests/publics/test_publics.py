"""What measures public projects is itself right: bugs are planted where tests see them, ranked, counted and tabled."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.base import Suspect
from tests.publics.counting import Ended, Outside, differing, look_inside
from tests.publics.fetching import check_out
from tests.publics.listed import Public, publics
from tests.publics.planting import Bug, plant
from tests.publics.ranking import Localised, localise, rank
from tests.publics.table import Measured, table

CODE = "def least(values):\n    found = None\n    for value in values:\n        if found is None or value < found:\n            found = value\n    return found\n"
PLANTED = Bug(path="shop.py", kind="wrong operator", text="", lines=(3, 4))


def test_bugs_are_planted_in_lines_that_run_and_only_where_a_test_is_red() -> None:
    """The same seed plants the same; none is at the place of another, and each is one edit of the right text."""
    asked: list[Bug] = []

    def is_red(bug: Bug) -> bool:
        asked.append(bug)
        names: dict[str, object] = {}
        exec(bug.text, names)
        least = names["least"]
        assert callable(least)
        try:
            return bool(least([2, 1, 3]) != 1)
        except Exception:  # noqa: BLE001  (a planted bug may raise anything)
            return True

    executed = {"shop.py": (2, 3, 4, 5, 6), "gone.py": (1,)}
    planted = plant({"shop.py": CODE}, executed, seed="1 shop", count=3, is_red=is_red)
    again = plant({"shop.py": CODE}, executed, seed="1 shop", count=3, is_red=is_red)

    assert planted == again
    assert 0 < len(planted) <= 3
    assert len(asked) > len(planted)
    assert all(bug.text != CODE and set(bug.lines) <= set(range(1, 8)) for bug in planted)
    places = [line for bug in planted for line in bug.lines]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        pytest.param((("shop.py", 4),), 1, id="first"),
        pytest.param((("other.py", 4), ("shop.py", 9), ("shop.py", 3), ("shop.py", 4)), 3, id="the first of its lines"),
        pytest.param((("other.py", 3),), None, id="in another file"),
        pytest.param((), None, id="nothing told"),
    ],
)
def test_a_bug_has_the_place_of_its_first_line(told: tuple[tuple[str, int], ...], found: int | None) -> None:
    """Among the lines that are suspected, in their order."""
    assert rank(PLANTED, [Suspect(path=path, line=line, score=1) for path, line in told]) == found


def test_two_runs_are_compared_test_by_test() -> None:
    """Equal counts of other tests are no agreement."""
    outside = Ended(tests={"a": "passed", "b": "failed", "c": "xfailed", "d": "passed"})
    inside = Ended(tests={"a": "passed", "b": "error", "c": "skipped", "e": "passed"})

    assert outside.counts == inside.counts == (2, 1, 1)
    assert differing(outside, inside) == {"d": ("passed", "absent"), "e": ("absent", "passed")}


def test_the_table_says_what_agrees_and_how_many_bugs_were_found() -> None:
    """With a row for all together, and the reason where a project could not be measured."""
    bugs = tuple(
        Localised(path="a.py", kind="x", lines=(1,), rank=place, outcome="red", red=1, seconds=4.0)
        for place in (1, 5, 6, None)
    )
    rows = [
        Measured(project="one 1", outside=(1_000, 0, 2), inside=(1_000, 0, 2), bugs=bugs),
        Measured(project="two 1", outside=(3, 0, 0), inside=(2, 1, 0), differing={"t": ("passed", "failed")}),
        Measured(project="three 1", said="not had: no such version\nand more"),
    ]

    lines = table(rows).splitlines()

    assert lines[2] == "| one 1 | 1002 | 1,000 / 0 / 2 | 1,000 / 0 / 2 | yes | 1 of 4 | 2 of 4 | 4 |"
    assert lines[3] == "| two 1 | 3 | 3 / 0 / 0 | 2 / 1 / 0 | all but 1 |  |  |  |"
    assert "not had: no such version" in lines[4]
    assert lines[5].startswith("| all | 1005 |")
    assert "| 1 of 3 | 1 of 4 | 2 of 4 | 4 |" in lines[5]


def test_every_project_is_pinned_and_different() -> None:
    """By version and by the hash of what was published."""
    listed = publics()

    assert len({public.what for public in listed}) == len(listed) >= 12
    assert all(len(public.sha256) == 64 and public.version[0].isdigit() for public in listed)


def test_a_suite_outside_tells_how_each_test_ended(tmp_path: Path) -> None:
    """Expected failures, failures in a set-up and files that cannot be collected have words of their own."""
    tests = {
        "test_a.py": """
import pytest

@pytest.fixture
def broken():
    raise ValueError

def test_right(): pass
def test_wrong(): assert not 1
def test_set_up(broken): pass
@pytest.mark.skip
def test_left_out(): pass
@pytest.mark.xfail
def test_expected(): assert not 1
@pytest.mark.xfail
def test_unexpected(): pass
""",
        "test_b.py": "import nowhere_to_be_found\n",
    }
    ended = _outside(tmp_path, tests).run(seconds=60)

    assert ended.tests == {
        "test_a.py::test_right": "passed",
        "test_a.py::test_wrong": "failed",
        "test_a.py::test_set_up": "error",
        "test_a.py::test_left_out": "skipped",
        "test_a.py::test_expected": "xfailed",
        "test_a.py::test_unexpected": "xpassed",
        "test_b.py": "error",
    }
    assert ended.counts == (2, 3, 2)


def test_a_suite_that_does_not_end_says_so(tmp_path: Path) -> None:
    """Nothing is counted of it."""
    ended = _outside(tmp_path, {"test_a.py": "def test_long():\n    while True:\n        pass\n"}).run(seconds=3)

    assert (ended.tests, ended.said) == ({}, "no end within 3 s")


@pytest.mark.docker
@pytest.mark.slow
async def test_a_planted_bug_is_suspected_where_it_was_planted(tmp_path: Path) -> None:
    """The suite of a project is the same in a box as outside, and with a bug its line is among the first that are told."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n', encoding="utf-8")
    (project / "shop.py").write_text(f"{CODE}\n\ndef most(values):\n    return -least([-v for v in values])\n")
    (project / "test_shop.py").write_text(
        "from shop import least, most\n\ndef test_least():\n    assert least([2, 1, 3]) == 1\n\n"
        "def test_most():\n    assert most([2, 3, 1]) == 3\n\ndef test_one():\n    assert least([7]) == 7\n"
    )
    right, _ = await look_inside(check_out(project, tmp_path / "right"), tmp_path / "data")
    text = CODE.replace("value < found", "value > found")
    shutil.copytree(project, tmp_path / "planted")
    (tmp_path / "planted" / "shop.py").write_text(text + (project / "shop.py").read_text().removeprefix(CODE))
    bug = Bug(path="shop.py", kind="wrong operator", text=text, lines=(4,))

    found = await localise(bug, check_out(tmp_path / "planted", tmp_path / "wrong"), tmp_path / "data")

    assert (right.counts, right.said) == ((3, 0, 0), "")
    assert (found.outcome, found.red) == ("red", 2)
    assert found.rank is not None
    assert found.rank <= 5


def _outside(folder: Path, files: Mapping[str, str]) -> Outside:
    """A run in this very environment, with plugins of ours left out."""
    tree = folder / "tree"
    tree.mkdir()
    for name, text in files.items():
        (tree / name).write_text(text, encoding="utf-8")
    public = Public(name="a", version="1", sha256="", what="", environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    return Outside(public, tree, folder, in_this_environment=True)

"""Generated tests prove themselves: red before green, or they kill a mutant; the others are dropped, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.admission import Admission, admit
from engine.admission.cutting import functions_in, without
from engine.domain import Budget
from engine.errors import BadInput
from engine.mutants import make
from sandboxes.base import Command, Limits, Sandbox
from tests.engine.made import PlayedBox, task

# --- taking tests out of a file ---------------------------------------------------------------------------------------

FILE = '''\
"""Generated."""
import pytest


# about the first
@pytest.mark.parametrize("n", [
    1,
])
def test_first(n):
    assert n  # ü


def test_second(): assert True


class TestGroup:
    """A group."""

    def test_third(self):
        assert True

    # about the fourth
    def test_fourth(self):
        assert True


if pytest:
    def test_fifth():
        assert True


async def test_last():
    assert True
'''


def test_functions_are_found_with_their_lines():
    """Decorators included, in classes and conditions as well."""
    assert functions_in(FILE) == {
        "test_first": (6, 10),
        "test_second": (13, 13),
        "TestGroup::test_third": (19, 20),
        "TestGroup::test_fourth": (23, 24),
        "test_fifth": (28, 29),
        "test_last": (32, 33),
    }
    assert functions_in("def") == {}


@pytest.mark.parametrize(
    ("names", "gone", "instead"),
    [
        pytest.param(["test_first"], FILE[FILE.index("@pytest") : FILE.index("def test_second")], "", id="decorated"),
        pytest.param(["test_second"], "def test_second(): assert True\n\n\n", "", id="in one line"),
        pytest.param(
            ["TestGroup::test_third"], "    def test_third(self):\n        assert True\n\n", "", id="a method"
        ),
        pytest.param(
            ["TestGroup::test_fourth"], "    def test_fourth(self):\n        assert True\n", "", id="the last method"
        ),
        pytest.param(
            ["TestGroup::test_third", "TestGroup::test_fourth"],
            FILE[FILE.index("class TestGroup") : FILE.index("if pytest")],
            "",
            id="a whole class",
        ),
        pytest.param(["test_fifth"], "def test_fifth():\n        assert True\n", "pass\n", id="all of a block"),
        pytest.param(["test_last"], "\n\nasync def test_last():\n    assert True\n", "", id="the last of all"),
    ],
)
def test_only_the_function_goes_and_all_other_bytes_stay(names: list[str], gone: str, instead: str):
    """With any kind of line ends."""
    expected = FILE.replace(gone, instead)

    assert expected != FILE
    assert without(FILE, names) == expected
    assert without(FILE.replace("\n", "\r\n"), names) == expected.replace("\n", "\r\n")


def test_what_is_not_there_cannot_be_taken_out():
    """Neither a name that is made elsewhere, nor anything of a file that does not parse."""
    assert without(FILE, ["test_made_elsewhere"]) is None
    assert without("def", ["test_a"]) is None


# --- in real boxes ----------------------------------------------------------------------------------------------------

CODE = """\
def mean(values):
    if not values:
        raise ValueError("nothing to take the mean of")
    return sum(values) / len(values)


def longest(words):
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best
"""
EARLIER = CODE.replace("len(values)", "(len(values) + 1)")
TESTS = """\
import pytest

from solution import longest, mean


def test_mean():
    assert mean([1, 2, 3]) == 2


def test_longest():
    assert longest(["a", "ccc", "bb"]) == "ccc"


def test_nothing():
    longest(["a"])


def test_imports():
    assert callable(longest)


@pytest.mark.skip(reason="later")
def test_skipped():
    assert mean([1]) == 1


def test_wrong():
    assert mean([1, 2]) == 2


def test_empty():
    with pytest.raises(ValueError):
        mean([])
"""


async def admitted(
    sandbox: Sandbox, tests: Mapping[str, str] | str, *, code: str = CODE, before: str | None = None, **more: object
) -> Admission:
    generated = {"test_solution.py": tests} if isinstance(tests, str) else tests
    of = task(files={"solution.py": code}, tests=generated, **more)
    earlier = None if before is None else {"solution.py": before}
    async with sandbox.open(run_id="r", limits=of.limits) as box:
        return await admit(of, box, before=earlier)


def kept(admission: Admission) -> dict[str, str]:
    return {each.test.removeprefix("test_solution.py::"): each.by for each in admission.kept}


def dropped(admission: Admission) -> dict[str, str]:
    return {each.test.removeprefix("test_solution.py::"): each.why for each in admission.dropped}


@pytest.mark.docker
async def test_a_test_that_kills_a_mutant_is_kept_and_one_that_proves_nothing_is_dropped(sandbox: Sandbox):
    """Each with its reason; the mutant is named, and the file is left with what counts alone."""
    admission = await admitted(sandbox, TESTS)

    assert kept(admission) == dict.fromkeys(("test_empty", "test_longest", "test_mean"), "kills a mutant")
    assert dropped(admission) == {
        "test_nothing": "proves nothing",
        "test_imports": "proves nothing",
        "test_skipped": "skipped",
        "test_wrong": "fails on the code",
    }
    assert all(each.detail.startswith("solution.py:") for each in admission.kept)
    assert "assert 1.5 == 2" in next(each.detail for each in admission.dropped if each.test.endswith("test_wrong"))
    assert admission.mutants == len(make({"solution.py": CODE}))
    assert list(functions_in(admission.files["test_solution.py"])) == ["test_mean", "test_longest", "test_empty"]


@pytest.mark.docker
async def test_a_test_that_was_red_on_the_earlier_code_needs_no_mutant(sandbox: Sandbox):
    """Where all tests were, no mutant is tried, and the files stay as they are."""
    one = TESTS[: TESTS.index("def test_longest")]

    admission = await admitted(sandbox, one, before=EARLIER)
    new = await admitted(sandbox, one, before="def longest(words):\n    return words[0]\n")

    assert kept(admission) == kept(new) == {"test_mean": "red before green"}
    assert (admission.mutants, admission.files) == (0, {"test_solution.py": one})
    assert "could not be collected" in new.kept[0].detail


@pytest.mark.docker
async def test_a_test_that_passes_by_chance_is_dropped(sandbox: Sandbox):
    """A coin has to be green three times on the code, and red twice on the same mutant: hardly one of forty is."""
    coins = "".join(
        f"\n\ndef test_coin_{n}():\n    mean([1])\n    assert SystemRandom().random() < 0.3\n" for n in range(40)
    )

    admission = await admitted(sandbox, f"from random import SystemRandom\n\nfrom solution import mean\n{coins}")

    assert len(admission.kept) <= 5
    assert {"fails on the code", "flaky"} <= set(dropped(admission).values())


@pytest.mark.docker
async def test_a_test_that_rests_on_the_order_or_the_hash_seed_is_dropped(sandbox: Sandbox):
    """It is green at first, and red in the opposite order or with another seed."""
    async with sandbox.open(run_id="r", limits=Limits()) as box:
        program = ("python", "-c", "print(''.join(set('abcdefgh')))")
        seen = await box.run(Command(argv=program, seconds=20, env={"PYTHONHASHSEED": "1"}))
    tests = (
        "STATE = []\n\n\ndef test_first():\n    STATE.append(1)\n\n\ndef test_second():\n    assert STATE\n\n\n"
        f"def test_letters():\n    assert ''.join(set('abcdefgh')) != '{seen.stdout.text.strip()}'\n"
    )

    admission = await admitted(sandbox, tests)

    assert dropped(admission) == {"test_first": "proves nothing", "test_second": "flaky", "test_letters": "flaky"}


@pytest.mark.docker
async def test_a_test_that_reads_the_code_instead_of_running_it_proves_nothing(sandbox: Sandbox):
    """It would be red on every mutant."""
    reader = (
        "import inspect\n\nimport solution\n\n\n"
        "def test_text():\n    assert 'sum(values) / len(values)' in inspect.getsource(solution)\n"
    )

    admission = await admitted(sandbox, reader)

    assert dropped(admission) == {"test_text": "proves nothing"}
    assert "written otherwise" in admission.dropped[0].detail
    assert admission.files == {}


@pytest.mark.docker
async def test_a_mutant_that_only_crashes_is_killed_by_no_test(sandbox: Sandbox):
    """Adding to a text what cannot be subtracted is seen by any test that runs the line."""
    code = "def label(name):\n    return name + suffix()\n\n\ndef suffix():\n    return str(len('ab'))\n"
    test = "from solution import label\n\n\ndef test_runs():\n    label('a')\n"

    admission = await admitted(sandbox, test, code=code)

    assert dropped(admission) == {"test_runs": "proves nothing"}


@pytest.mark.docker
async def test_a_mutant_that_hangs_is_cut_and_counts_where_the_test_is_quick(sandbox: Sandbox):
    """Endless on the mutant, and at once on the code."""
    code = "def down(n):\n    while n > 0:\n        n -= 1\n"
    test = "from solution import down\n\n\ndef test_ends():\n    down(3)\n"

    admission = await admitted(sandbox, test, code=code, budget=Budget(test_seconds=10))

    assert kept(admission) == {"test_ends": "kills a mutant"}
    assert "down" not in admission.kept[0].detail
    assert "n" in admission.kept[0].detail


@pytest.mark.docker
async def test_a_test_that_contradicts_the_goal_is_dropped_although_the_code_agrees(sandbox: Sandbox):
    """Two wrongs that were written by the same hand."""
    test = "from solution import mean\n\n\ndef test_mean():\n    assert mean([1, 3]) == 1.0\n"

    admission = await admitted(
        sandbox, test, code="def mean(values):\n    return min(values) / 1\n", goal="mean([1, 3]) == 2.0"
    )

    assert dropped(admission) == {"test_mean": "contradicts"}
    assert "the goal" in admission.dropped[0].detail


@pytest.mark.docker
async def test_a_file_that_spoils_the_session_does_not_take_the_others_with_it(sandbox: Sandbox):
    """One ends the process, one cannot be imported, one does not parse; what the tests share stays."""
    tests = {
        "test_solution.py": "from solution import mean\n\n\ndef test_mean(three):\n    assert mean(three) == 2\n",
        "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef three():\n    return [1, 2, 3]\n",
        "test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n",
        "test_import.py": "from solution import median\n\n\ndef test_median():\n    assert median([1]) == 1\n",
        "test_text.py": "def test_text(:\n",
    }

    admission = await admitted(sandbox, tests)

    assert kept(admission) == {"test_mean": "kills a mutant"}
    assert dropped(admission) == {
        "test_exit.py::test_exit": "fails on the code",
        "test_import.py::test_median": "fails on the code",
        "test_text.py": "fails on the code",
    }
    assert "cannot import name 'median'" in next(d.detail for d in admission.dropped if "median" in d.test)
    assert admission.files == {path: tests[path] for path in ("test_solution.py", "conftest.py")}


async def test_files_that_cannot_be_laid_into_a_box_are_bad_input():
    """Before any box is asked for anything."""
    box = PlayedBox(iter(()))

    with pytest.raises(BadInput, match=r"\.\./solution\.py"):
        await admit(task(files={"../solution.py": CODE}), box)
    assert box.commands == []

"""Contradictions in the text of tests and goals: what ends the run, what is only like one, and that reading is bounded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import _pytest
import pytest

from agents.scripted import Scripted, Step
from engine.case import Case
from engine.conduct import Conductor
from engine.conflicts.claims import Conflict
from engine.conflicts.effort import MOST_STEPS, Effort, TooMuch
from engine.conflicts.finding import find_conflict
from engine.conflicts.fixtures import BUILT_IN
from engine.domain import Task, Verdict
from engine.events import nobody
from tests.engine.made import RIGHT, WRONG, MemoryRecord, OpinionatedJudge, PlayedSandbox, green, red, run, task

HEAD = "import pytest\nimport unittest\nimport solution\nfrom solution import f, g, Calc, LIMIT\n\n\n"
ONE = "def test_a():\n    assert f(2) == 4\n"


def conflict_in(text: str, goal: str = Task.model_fields["goal"].default) -> Conflict | None:
    return find_conflict(goal=goal, tests={"test_a.py": HEAD + text}, code=["solution.py"])


def indented(*lines: str) -> str:
    return "def test_a():\n" + "".join(f"    {line}\n" for line in lines)


# --- the run ----------------------------------------------------------------------------------------------------------


async def test_an_impossible_task_asks_nobody():
    """Neither an author nor the judge, and no box is opened; healing and judging alike."""
    two = "from solution import add\n\n\ndef test_a():\n    assert add(1, 2) == 3\n\n\ndef test_b():\n    assert add(1, 2) == 4\n"

    def opinion(files: Mapping[str, str], case: Case) -> Verdict:
        return red(files) if case.baseline is None else green(files)

    judge, sandbox = OpinionatedJudge(opinion), PlayedSandbox()
    conductor = Conductor(sandbox=sandbox, judge=judge, record=MemoryRecord(), watch=nobody)
    of = run(task(tests={"test_solution.py": two}))

    fixed = await conductor.fix(of, Scripted((Step(files={"solution.py": RIGHT}),)))
    checked = await conductor.check(of, {"solution.py": RIGHT}, {"solution.py": WRONG})

    for ended in (fixed, checked):
        assert (ended.status, ended.outcome, ended.reason) == ("ended", "no_fix", "conflict")
        assert ended.summary == (
            "No code can pass: test_solution.py:5 says add(1, 2) == 3, but test_solution.py:9 says add(1, 2) == 4; "
            "the same call with the same arguments cannot give both."
        )
        assert ended.next_step == (
            "Decide which of the two is right, test_solution.py:5 or test_solution.py:9, change the other one, and run again."
        )
        assert (ended.attempts, ended.files) == ((), {"solution.py": WRONG})
    assert (judge.asked, len(sandbox.opened)) == (0, 0)


def test_each_kind_has_a_step_of_its_own():
    """Python cannot be asked to give way, and a missing fixture is to be defined."""
    false = conflict_in(indented("assert 1 + 1 == 3"))
    missing = conflict_in("def test_a(nowhere):\n    pass\n")

    assert false is not None
    assert "Mend the assertion at test_a.py:8" in false.next_step
    assert missing is not None
    assert "Define that fixture" in missing.next_step
    assert "'nowhere'" in missing.summary


# --- what may explain it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "X = []\nY = X\n" + indented("Y.append(1)", "assert X == [1]"),
        "X = []\n" + indented("y = X", "y.append(1)", "assert X == [1]"),
        "X = []\n" + indented("for x in [X]:", "    x.append(1)", "assert X == [1]"),
        "X = []\n\n\nclass Probe:\n    log = X\n\n\n" + indented("f(Probe)", "assert X == [1]"),
        "X = []\nprobe = X.append\n\n\n" + indented("f(probe)", "assert X == [1]"),
        "X = {}\n\n\n@f.route(X)\n" + indented("assert X == {1: 2}"),
        "X = 1\n\n\n" + indented("global X", "X = 2", "assert X == 2"),
        indented("seen = []", "probe = seen.append", "f(probe)", "assert seen == [1]"),
        indented("seen = []", "class Sink:", "    items = seen", "f(Sink)", "assert seen == [1]"),
        indented("x = []", "y = {'k': x}", "y['k'].append(1)", "assert x == [1]"),
        indented("x = [1]", "a, b = x, 2", "a.append(2)", "assert x == [1, 2]"),
        indented("x = [1]", "x += [2]", "assert x == [1, 2]", "x[0] = 5", "assert x == [5, 2]"),
        indented("last = None", "for i in [1, 2]:", "    assert f(i) == i", "    last = i", "assert last == 2"),
        indented("x = 0", "try:", "    f(1)", "except ValueError:", "    x = 1", "assert x == 1"),
        indented("x = ['']", "exec(\"x[0] = 'a'\")", "assert x[0] == 'a'"),
        indented(
            "d = {'a': 1}", "assert d.items() == {('a', 1)}", "assert d.keys() == {'a'}", "assert repr(d.keys()) != 'a'"
        ),
        indented("it = f(2)", "assert 1 in it", "assert 1 not in it", "assert list(it) == []"),
        indented("table = f(2)", "assert table == {}", "assert table['a'] == 0 and 'a' in table"),
        indented("x = 0", "if (x := f(1)) == 1:", "    pass", "assert x == 1"),
        "@pytest.mark.parametrize('x', [[]])\ndef test_a(x):\n    f(x)\n    assert x == [1]\n",
    ],
)
def test_a_value_that_was_changed_is_not_the_old_one(text: str):
    """Whoever holds a list may change it, under whatever name, and a name may be bound again in many ways."""
    assert conflict_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "def len(x):\n    return 4\n\n\n" + indented("assert len('abc') == 4"),
        "from solution import len\n\n\n" + indented("assert len('abc') == 4"),
        indented("len = f", "assert len('abc') == 4"),
        "def test_a(monkeypatch):\n    monkeypatch.setattr('builtins.len', lambda x: 4)\n    assert len('abc') == 4\n",
        indented("pytest.importorskip('numpy')", "assert 1 == 2"),
        indented("return", "assert 1 == 2"),
        "@pytest.fixture\ndef skipper():\n    pytest.skip('x')\n\n\ndef test_a(skipper):\n    assert 1 == 2\n",
        "def need():\n    pytest.skip('x')\n\n\n" + indented("need()", "assert 1 == 2"),
        "pytestmark = pytest.mark.skip\n\n\n" + indented("assert 1 == 2"),
    ],
)
def test_a_false_assertion_has_to_be_reached_and_to_mean_what_it_says(text: str):
    """A builtin may be another one, and a test may end before."""
    assert conflict_in(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("isinstance(f(2), float)", "f(2) == 4"),
        ("type(f(2)) is int", "f(2) == True"),
        ("f(1) == 0.0", "f(1) == -0.0"),
        ("f(1) == 0.3", "f(1) == pytest.approx(0.1 + 0.2)"),
        ("f(1) == [0.1]", "f(1) == [pytest.approx(0.1)]"),
        ("f(1) == float('inf')", "f(1) == pytest.approx(float('inf'))"),
        ("0 < f(1) <= 1", "f(1) == 1"),
        ("not f('')", "f('') == []"),
        ("f(0.0) == '0'", "f(-0.0) == '-0'"),
        ("f({'a': 1, 'b': 2}) == 'ab'", "f({'b': 2, 'a': 1}) == 'ba'"),
        ("Calc(1) == 1", "Calc(1) == 2"),
        ("Calc(1).pair() == (1, 2)", "Calc(1).pair() == [1, 2]"),
    ],
)
def test_what_one_value_can_meet_is_no_contradiction(one: str, other: str):
    """Equal values of other types, tolerances, other arguments, and objects with an equality of their own."""
    text = f"def test_a():\n    assert {one}\n\n\ndef test_b():\n    assert {other}\n"

    assert conflict_in(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("isinstance(f(2), bool)", "f(2) == 4"),
        ("isinstance(f(2), str)", "isinstance(f(2), (list, tuple))"),
        ("f('')", "f('') == []"),
        ("0 < f(1) < 1", "f(1) == 1"),
        ("f(1) == pytest.approx([0.1, 0.2])", "f(1) == [0.1, 0.3]"),
        ("Calc().add(1, 2) == 3", "Calc().add(1, 2) == 4"),
        ("LIMIT == 3", "solution.LIMIT == 4"),
    ],
)
def test_what_no_value_can_meet_is_one(one: str, other: str):
    """The same conditions, a little further apart."""
    text = f"def test_a():\n    assert {one}\n\n\ndef test_b():\n    assert {other}\n"

    assert conflict_in(text) is not None


# --- the goal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "goal",
    [
        "Fix the bug: f(2) == 5",
        "Make the tests pass. Do not change them. f(2) returns 5.",
        "f(2) must equal 5, and f(3) 7",
        "- `f(2)` -> `5`",
        "* f(2) => 5",
        "`f(2)` raises a `ValueError`.",
        "Expected: f(2) == 5",
        "f(2) should return 5 (not 4)",
        "solution.f(2) should give 5.",
        "f(2) should return None",
        "Make the tests pass without changing them.\n\n>>> from solution import f\n>>> f(2)\n5\n>>> f(3)\n6",
    ],
)
def test_an_example_of_the_goal_counts(goal: str):
    """However it is dressed."""
    conflict = conflict_in(ONE, goal)

    assert conflict is not None
    assert [claim.where for claim in conflict.between] == ["test_a.py:8", "the goal"]


@pytest.mark.parametrize(
    "goal",
    [
        "f(2) returns 5 now",
        "f(2) returns 5 instead of 4",
        "f(2) should not return 5",
        "f(2) == 5 when cached",
        "If x, f(2) == 5",
        "f(2) == 5 or f(2) == 4",
        "f(2) -> 5 items",
        "f(2) returns 5%",
        "f(2) gives 5 and 4 alternately",
        "AssertionError: assert f(2) == 5",
        "1 + f(2) == 5",
        "g(f(2)) == 5",
        "f(2)[0] == 5",
        "x.f(2) == 5",
        "f(2, 3) == 5",
        "f(2.0) == 5",
        "Bug report\n\nf(2) -> 5\n\nExpected 4.",
        "Steps to reproduce:\n\n>>> f(2)\n5\n\nI expected 4.",
        "f(2) == 5\n\nf(2) == 4",
    ],
)
def test_prose_that_is_like_an_example_does_not(goal: str):
    """A fault that is told, a condition, a part of something else, another call."""
    assert conflict_in(ONE, goal) is None


# --- bounds -----------------------------------------------------------------------------------------------------------

DOUBLED = "".join(f"    a{at + 1} = [a{at}, a{at}]\n" for at in range(60))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(indented("assert " + "(" * 5000 + "1" + ")" * 5000), id="brackets"),
        pytest.param(indented("assert " + "-" * 50_000 + "1"), id="signs"),
        pytest.param(indented("assert f(1)" + ".a" * 50_000), id="attributes"),
        pytest.param(indented("assert " + "+".join(["1"] * 50_000) + " == 2"), id="a long sum"),
        pytest.param(indented("assert 10 ** 10 ** 10 == 1"), id="a power"),
        pytest.param(indented("assert (1 << 4000 << 4000) == 1"), id="a shift"),
        pytest.param(indented("assert round(15, -10 ** 9) == 1"), id="rounded to nothing"),
        pytest.param(indented("assert len('a' * 10 ** 9) == 1"), id="a long text"),
        pytest.param(indented("assert '%1000000000d' % 1 == 1"), id="a wide format"),
        pytest.param(indented("assert ('a' * 9000).replace('a', 'b' * 9000) == 1"), id="a wide replacement"),
        pytest.param(indented("assert list(range(10 ** 12)) == 1"), id="a long range"),
        pytest.param(f"def test_a():\n    a0 = [1, 1]\n{DOUBLED}    assert f(a60) == 1\n    assert a60 == 1\n", id="doubled"),
        pytest.param("A0 = [1, 1]\n" + DOUBLED.replace("    a", "A").replace("[a", "[A").replace(", a", ", A") + indented("assert A60 == 1"), id="doubled constants"),
        pytest.param("".join(f"def test_{at}():\n    assert f({at % 50}) == {at % 50}\n" for at in range(5_000)), id="many tests"),
        pytest.param("@pytest.mark.parametrize('a, b', [" + "(1, 1), " * 20_000 + "])\ndef test_a(a, b):\n    assert f(a) == b\n", id="many rows"),
        pytest.param("".join(f"@pytest.mark.parametrize('a{at}', [1, 2, 3])\n" for at in range(20)) + "def test_a(" + ", ".join(f"a{at}" for at in range(20)) + "):\n    assert f(a1) == f(a2)\n", id="a large product"),
        pytest.param("def test_a():\n" + "".join("    " * (at + 1) + f"for a{at} in range(100):\n" for at in range(8)) + "    " * 9 + "assert f(a1) == a1\n", id="loops in loops"),
        pytest.param("x = '" + "a" * 500_000 + "'\n" + indented("assert 1 == 2"), id="a large file"),
        pytest.param("def test_a(:\n", id="no Python"),
        pytest.param("\0", id="a null byte"),
        pytest.param("x = '\ud800'\n", id="half a character"),
    ],
)  # fmt: skip
def test_hostile_text_is_read_within_bounds(text: str):
    """Nothing of it is run, nothing crashes, and where it is too much, nothing is found."""
    assert conflict_in(text) is None


@pytest.mark.parametrize(
    "goal", ["f(" * 10_000, "a." * 10_000, '"' * 10_000, "f(1) returns " + "[" * 9_000, "f(2) == 4\n" * 2_000]
)
def test_a_hostile_goal_is_read_within_bounds(goal: str):
    """As is the goal."""
    assert conflict_in(ONE, goal) is None


def test_the_steps_are_counted():
    """The same search ends at the same place on every machine."""
    effort = Effort(10)
    effort.spend(10)

    with pytest.raises(TooMuch):
        effort.spend()
    assert MOST_STEPS < 1_000_000


def test_the_built_in_fixtures_are_pytests_own():
    """Every fixture of the installed pytest's modules is known, and `request`, which has none."""
    found = {"request"}
    for path in Path(_pytest.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    called = decorator.func if isinstance(decorator, ast.Call) else decorator
                    if ast.unparse(called).split(".")[-1] == "fixture":
                        words = decorator.keywords if isinstance(decorator, ast.Call) else []
                        names = [ast.literal_eval(word.value) for word in words if word.arg == "name"]
                        found.add(names[0] if names else node.name)

    assert found == BUILT_IN

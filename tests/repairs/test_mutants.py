"""Bugs that are planted by script: what they are, which are kept, and that a seed decides."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from engine.bench import Total
from engine.dataset import SolvedRow

from .measuring import line, table
from .mutants import Bed, mutants, true_lines
from .oracle import outcomes
from .own import Program, own_programs
from .planting import KINDS
from .planting.source import Code
from .rows import WRITTEN, rows

EVERYTHING = '''
class Shelf:
    """Holds things by name."""

    def __init__(self, names, most=5):
        self.names = list(names)
        self.kept = {}
        self.most = most

    def place(self, name, things):
        """Where they are."""
        found = []
        count = 0
        if not name:
            return found
        for number, thing in enumerate(things[1:]):
            if thing is None:
                continue
            count += 1
            if number >= self.most and count > 2:
                break
            elif number < 0:
                found.append(thing)
            else:
                found.extend([thing, number])
        total = count * 2 + self.size(name)
        label = "few" if total < 3 else "many"
        try:
            self.kept[name] = found.copy()
        except KeyError:
            return []
        return label, sorted(thing for thing in found if thing)

    def size(self, name):
        return len(self.kept.get(name, ""))

    def width(self, name):
        last = 0
        for step in range(1, 4):
            last = step
        if 0 < last < 9:
            self.most = last
        return max(last, 2.5) + len(name)
'''
SMALL = Program(
    name="small",
    code="def clamp(n):\n    if n < 0:\n        return 0\n    return min(n, 10)\n",
    tests={
        "test_clamp.py": "from solution import clamp\n\n\ndef test_low():\n    assert clamp(-4) == 0\n\n\n"
        "def test_high():\n    assert clamp(14) == 10\n\n\ndef test_middle():\n    assert clamp(4) == 4\n"
    },
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_where_to_plant(kind):
    """In one class with a bit of everything; nearly all that is planted is Python, and another program."""
    code = Code(EVERYTHING)

    texts = [code.with_edit(edit) for edit in KINDS[kind](code)]

    good = [text for text in texts if parses(text) and ast.dump(ast.parse(text)) != ast.dump(code.tree)]
    assert good
    assert len(good) * 3 >= len(texts) * 2


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("not dropped", "return not (a or b)", "return a or b", id="not"),
        pytest.param("operand dropped", "return a * (b + 1)", "return a * (b)", id="operand"),
        pytest.param("condition dropped", "return (a and b) or c", "return (a and b)", id="condition"),
        pytest.param("comparison changed", "return a not in b", "return a in b", id="comparison"),
        pytest.param("argument dropped", "return f(a, k=b)", "return f(a)", id="argument"),
        pytest.param("slice dropped", "return a[1:] + b", "return a + b", id="slice"),
        pytest.param("chain shortened", "return 0 < a < 9", "return 0 < a", id="chain"),
        pytest.param("exit dropped", "return f(a)", "f(a)", id="return"),
        pytest.param("element dropped", "return a, b", "return a,", id="element"),
        pytest.param("call dropped", "return 2 ** abs(a + b)", "return 2 ** (a + b)", id="call"),
    ],
)
def test_a_bug_changes_what_it_is_about_and_nothing_beside_it(kind, before, after):
    """To the letter, with brackets only where something would fall apart."""
    code = Code(f"def g(a, b, c, f):\n    {before}\n")

    texts = {code.with_edit(edit).splitlines()[1].strip() for edit in KINDS[kind](code)}

    assert after in texts


def test_statements_move_with_their_blocks():
    """Out of a loop and into it, indented as there."""
    code = Code("def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n        n *= 2\n    return n\n")

    out = {code.with_edit(edit) for edit in KINDS["moved out of a loop"](code)}
    into = {code.with_edit(edit) for edit in KINDS["moved into a loop"](code)}

    assert "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n    n *= 2\n    return n\n" in out
    assert "def f(xs):\n    for x in xs:\n        n = 0\n        n += x\n        n *= 2\n    return n\n" in into
    assert "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n        n *= 2\n        return n\n" in into


def test_a_mutant_is_kept_where_its_tests_see_it_among_what_works(monkeypatch):
    """Some test red and some green, each a program of its own; the same seed plants the same, another one others."""
    monkeypatch.setattr("tests.repairs.mutants.own_programs", lambda: [SMALL])

    first, again, other = (list(mutants(seed, 5)) for seed in (1, 1, 2))

    assert first == again != other
    assert len({str(row["buggy"]) for row in first}) == len(first) > 2
    assert all(SolvedRow.model_validate(row).right == {"solution.py": SMALL.code} for row in first)
    for row in first:
        passed = outcomes(SMALL, str(row["buggy"]))
        assert passed
        assert {True, False} == set(passed.values())


def test_kinds_that_were_kept_least_come_first():
    """So that all have their share."""
    bed = Bed(Program(name="all", code=EVERYTHING, tests={}), seed=1)
    kept: Counter[str] = Counter()

    for _ in range(len(KINDS)):
        planted = bed.next_mutant(kept)
        assert planted is not None
        kept[planted[0]] += 1

    assert len(kept) >= len(KINDS) - 2  # where all bugs of a kind are also of another one, that one may have had them
    assert max(kept.values()) <= 2


def test_tests_that_do_not_end_or_end_everything_say_nothing():
    """Their process is killed, and this one goes on."""
    hanging = SMALL.code.replace("return 0", "while True: pass")
    leaving = "import os\n" + SMALL.code.replace("return 0", "os._exit(0)")

    assert outcomes(SMALL, hanging) is None
    assert outcomes(SMALL, leaving) is None
    assert outcomes(SMALL, SMALL.code) == dict.fromkeys(
        ("test_clamp.py::test_low", "test_clamp.py::test_high", "test_clamp.py::test_middle"), True
    )


@pytest.mark.parametrize(
    ("buggy", "fixed", "lines"),
    [
        pytest.param("a\nB\nc\n", "a\nb\nc\n", [2], id="another line"),
        pytest.param("a\nc\n", "a\nb\nc\n", [1, 2], id="a missing line"),
        pytest.param("a\nb\nb\nc\n", "a\nb\nc\n", [3], id="a line too many"),
        pytest.param("a\n", "a\nb\n", [1], id="missing at the end"),
    ],
)
def test_the_lines_at_fault_are_those_that_differ_or_stand_around_the_gap(buggy, fixed, lines):
    """Counted from 1, in the program with the bug."""
    assert true_lines(buggy, fixed) == lines


def test_there_are_enough_programs_to_plant_in():
    """At least a hundred of them, of twenty lines and more, so that three hundred bugs are of many programs."""
    programs = own_programs()

    assert len(programs) >= 100
    assert len({program.name for program in programs}) == len(programs)
    assert sum(bool(program.probe) for program in programs) >= 40


@pytest.mark.parametrize("group", sorted(folder.name for folder in WRITTEN.iterdir() if any(folder.glob("*.toml"))))
def test_hand_written_bugs_are_rows_whose_right_version_is_another(group):
    """Each names lines that the module has, and has a probe."""
    for row in map(SolvedRow.model_validate, rows(group)):
        assert row.right.keys() >= {row.path}
        assert row.right != {row.path: row.buggy, **row.extra_files}
        assert row.probe
        assert row.lines
        assert set(row.lines) <= set(range(1, len(row.buggy.splitlines()) + 1))


def test_a_set_is_one_line_of_the_table():
    """Shares are of what is known."""
    sums = Total(
        rows=10, outcomes={}, verified=8, correct=6, overfitted=1, located=7, locatable=9, seconds=20.0,
        median_seconds=1.25, most_seconds=8.0, candidates=900, tokens=0, usd=0.0,
    )  # fmt: skip

    cells = line("mine", sums)

    assert cells == ("mine", "10", "8 (80 %)", "6 of 7", "1 (14 %)", "7 of 9", "900", "1.2 s", "8.0 s")
    assert table([cells]).splitlines()[2].startswith("| mine | 10 | 8 (80 %) |")


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True

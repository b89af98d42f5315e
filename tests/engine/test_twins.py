"""A twin of a test expects something else in one place, and is the same text everywhere else."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.twins import make
from engine.twins.text import Edit, Text, applied
from engine.twins.wrong import literal, other

PATH = "test_solution.py"


def twins_of(body: str, *, head: str = "", decorator: str = "") -> list[str]:
    """The twins of a file that holds *body* in its one test."""
    inner = body.replace("\n", "\n    ")
    source = f"{head}\n{decorator}\ndef test_one(a=1, b=2, want=3):\n    {inner}\n"
    made = [one.files[PATH] for one in make({PATH: source}).rounds]
    for twin in made:
        ast.parse(twin)
        assert twin != source
    return [_changed(source, twin) for twin in made]


def _changed(source: str, twin: str) -> str:
    """The lines of *twin* that are not those of *source*."""
    old, new = source.splitlines(), twin.splitlines()
    assert len(old) == len(new)
    return "\n".join(line.strip() for before, line in zip(old, new, strict=True) if line != before)


EXPECTATIONS = {
    "a number": ("assert add(1, 2) == 3", "assert add(1, 2) == 1018"),
    "a negative number": ("assert add(1, 2) == -3", "assert add(1, 2) == 1000"),
    "a far negative number": ("assert add(1, 2) == -1000", "assert add(1, 2) == (-1991)"),
    "a number at the left": ("assert 3 == add(1, 2)", "assert 1018 == add(1, 2)"),
    "a text": ("assert name() == 'x'", "assert name() == 'x~'"),
    "a truth": ("assert is_even(2) == True", "assert is_even(2) == False"),
    "nothing": ("assert find(2) == None", "assert find(2) == 1009"),
    "a list": ("assert split('a b') == ['a', 'b']", "assert split('a b') == ['a', 'b~']"),
    "an empty list": ("assert split('') == []", "assert split('') == [1009]"),
    "a table": ("assert table() == {'a': [1]}", "assert table() == {'a': [1012]}"),
    "approximately": ("assert half(1) == pytest.approx(0.5)", "assert half(1) == pytest.approx(1011.0)"),
    "membership": ("assert 'a' in names()", "assert 'a~' in names()"),
    "membership in a choice": ("assert pick() in (1, 2)", "assert pick() in ()"),
    "a call": ("assert is_even(2)", "assert not (is_even(2))"),
    "its opposite": ("assert not is_even(3)", "assert not (not is_even(3))"),
    "identity": ("assert find(2) is None", "assert not (find(2) is None)"),
    "an order": ("assert size() < 3", "assert not (size() < 3)"),
    "both": ("assert a() and b()", "assert not (a() and b())"),
    "an error": ("with pytest.raises(ValueError):\n    add()", "with pytest.raises(UnicodeTranslateError):"),
    "an error of two": (
        "with pytest.raises((ValueError, KeyError), match='x'):\n    add()",
        "with pytest.raises(UnicodeTranslateError, match='x'):",
    ),
    "unittest's": ("self.assertEqual(add(1, 2), 3)", "self.assertEqual(add(1, 2), 1018)"),
    "unittest's truth": ("self.assertTrue(is_even(2))", "self.assertFalse(is_even(2))"),
    "unittest's membership": ("self.assertIn(1, items())", "self.assertNotIn(1, items())"),
    "unittest's error": ("with self.assertRaises(ValueError):\n    add()", "with self.assertRaises(UnicodeTranslateError):"),
    "in a loop": ("for i in range(3):\n    assert f(i) == 1", "assert f(i) == 1012"),
    "in a block": ("with context():\n    assert f() == 1", "assert f() == 1012"),
    "a name": ("wanted = 5\nassert f() == wanted", "wanted = 1024"),
    "beyond ascii": ("x = 'ä€😀'; assert f('ü') == 'ß'", "x = 'ä€😀'; assert f('ü') == 'ß~'"),
    "after an attempt": ("try:\n    g()\nexcept ValueError:\n    pass\nassert f() == 1", "assert f() == 1012"),
    "over lines": ("assert f(\n    1,\n) == [\n    1,\n]", ""),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), EXPECTATIONS.values(), ids=EXPECTATIONS)
def test_every_kind_of_expectation_is_made_wrong(body: str, expected: str):
    """In its own place, so that nothing that equals the right answer equals the wrong one."""
    if not expected:  # the wrong literal is written on one line, so lines cannot be compared
        source = f"def test_one():\n    {body}\n"
        (one,) = make({PATH: source}).rounds
        assert ast.unparse(ast.parse(one.files[PATH])).endswith("assert f(1) == [1012]")
        return

    assert twins_of(body, head="import pytest")[0] == expected


def test_what_no_literal_decides_is_compared_with_an_object_of_no_meaning():
    """Both sides in turn, since either may be the code's."""
    assert twins_of("assert f(a) == g(b)") == ["assert f(a) == object()", "assert object() == g(b)"]


def test_an_object_made_on_the_spot_gets_other_values():
    """Also of the other sign, which a distance would not see."""
    assert twins_of("assert move() == Point(1, y=2)") == [
        "assert move() == Point(1012, y=1015)",
        "assert move() == Point((-1), y=(-2))",
        "assert move() == object()",
        "assert object() == Point(1, y=2)",
    ]


def test_each_round_changes_one_expectation_of_every_test():
    """Six at most, and only of the tests that have so many."""
    source = "def test_many():\n" + "    assert f() == 1\n" * 9 + "\n\ndef test_few():\n    assert f() == 2\n"

    made = make({PATH: source})

    assert [sorted(one.tests) for one in made.rounds] == [[f"{PATH}::test_few", f"{PATH}::test_many"]] + [
        [f"{PATH}::test_many"]
    ] * 5
    assert len(make({PATH: source}, rounds=2).rounds) == 2
    assert made.tests == {f"{PATH}::test_few", f"{PATH}::test_many"}
    for number, one in enumerate(made.rounds):
        lines = one.files[PATH].splitlines()[1:10]
        assert [index for index, line in enumerate(lines) if line != "    assert f() == 1"] == [number]


TABLES = {
    "rows": ("('a', 'want')", "[(1, 2), (3, 4)]", "[(1, 1015), (3, 1021)]"),
    "names in one text": ("'a, want'", "[(1, 2), (3, 4)]", "[(1, 1015), (3, 1021)]"),
    "with ids": ("'a, want'", "[pytest.param(1, 2, id='x'), (3, 4)]", "[pytest.param(1, 1015, id='x'), (3, 1021)]"),
    "one column": ("'want'", "[2, 4]", "[1015, 1021]"),
}


@pytest.mark.parametrize(("names", "rows", "wrong"), TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("by_name", [False, True])
def test_a_column_of_expected_values_is_made_wrong_in_every_row(names: str, rows: str, wrong: str, *, by_name: bool):
    """Whether the rows stand in the decorator or under a name."""
    head = f"import pytest\nROWS = {rows}" if by_name else "import pytest\n"
    decorator = f"@pytest.mark.parametrize({names}, {'ROWS' if by_name else rows})"

    (changed,) = twins_of("assert f(a) == want", head=head, decorator=decorator)

    assert wrong in changed


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("[(1, 2), (3, g())]", "a value that cannot be read"),
        ("ROWS + [(1, 2)]", "rows that are computed"),
        ("[(1, 2, 3)]", "a row of another length"),
        ("[]", "no rows"),
    ],
)
def test_a_column_that_cannot_be_read_is_left_alone(rows: str, why: str):
    """The sides are replaced instead."""
    made = twins_of(
        "assert f(a) == want", head="import pytest\nROWS = []", decorator=f"@pytest.mark.parametrize('a, want', {rows})"
    )

    assert made == ["assert f(a) == object()", "assert object() == want"], why


def test_what_is_read_twice_is_no_expectation():
    """A value that the code is given as well is part of the question: with another, the code could be right as well."""
    column = twins_of(
        "assert f(want) == want", head="import pytest", decorator="@pytest.mark.parametrize('want', [1, 2])"
    )
    local = twins_of("items = [1]\nassert f(items) == items")

    assert column == ["assert f(want) == object()", "assert object() == want"]
    assert local == ["assert f(items) == object()", "assert object() == items"]


NONE = {
    "no expectation": "f()",
    "only where something holds": "if f():\n    assert g() == 1",
    "after it may have ended": "if f():\n    return\nassert g() == 1",
    "after it may have been skipped": "pytest.skip('no')\nassert g() == 1",
    "where errors are swallowed": "with contextlib.suppress(AssertionError):\n    assert g() == 1",
    "in an attempt": "try:\n    assert g() == 1\nexcept ValueError:\n    pass",
    "in a loop that may be empty": "for i in items():\n    assert g() == 1",
    "in a function of its own": "def inner():\n    assert g() == 1\ninner()",
    "in a loop that is left": "while f():\n    assert g() == 1\n    break",
    "with unknown arguments": "self.assertEqual(*both())",
    "with an unknown error": "with pytest.raises(*errors):\n    f()",
    "with warnings": "with pytest.warns(UserWarning):\n    assert g() == 1",
}


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_what_need_not_be_met_has_no_twin(body: str):
    """A test that can end without having met an expectation need not be red when it is wrong."""
    assert twins_of(body) == []


@pytest.mark.parametrize(
    "decorator",
    [
        "@pytest.mark.skip",
        "@pytest.mark.skipif(True, reason='x')",
        "@pytest.mark.xfail",
        "@settings(phases=())\n@given(st.integers())",
        "@settings(PROFILE)\n@given(st.integers())",
        "@settings(**SETTINGS)\n@given(st.integers())",
        "@unittest.expectedFailure",
    ],
)
def test_a_test_that_may_not_run_has_no_twin(decorator: str):
    """Skipped, expected to fail, or run on no example at all."""
    assert twins_of("assert f() == 1", decorator=decorator) == []


def test_a_property_is_made_wrong_for_every_example():
    """As it holds for all that were tried, its opposite holds for none; so the first one already paints it red."""
    decorator = "@settings(max_examples=5)\n@given(st.integers())"

    assert twins_of("assert f(a) == 1", decorator=decorator) == ["assert f(a) == 1012"]


# --- which tests ------------------------------------------------------------------------------------------------------


def made_of(source: str, *passed: str, endings: bool = False) -> set[str]:
    """Names, without the file, of the tests that have a twin, where these *passed*."""
    made = make({PATH: source}, passed={f"{PATH}::{name}" for name in passed}, endings=endings)
    return {name.removeprefix(f"{PATH}::") for name in made.tests}


def test_tests_that_a_project_names_in_its_own_way_have_twins():
    """What was seen to pass is a test, whatever it is called; and nothing else is."""
    source = "def check_add():\n    assert f() == 1\n\n\nclass Adding:\n    def it_adds(self):\n        assert f() == 1\n\n\ndef test_other():\n    assert f() == 1\n"

    assert made_of(source, "check_add", "Adding::it_adds") == {"check_add", "Adding::it_adds"}


def test_a_mark_that_may_skip_is_no_matter_to_a_test_that_ran():
    """It passed, so it was not skipped. What is expected to fail still has no twin, which could pass."""
    head = "import pytest\npytestmark = [pytest.mark.asyncio, pytest.mark.skipif(OLD, reason='x')]\n\n\n"
    source = f"{head}async def test_a():\n    assert await f() == 1\n"

    assert made_of(source, "test_a") == {"test_a"}
    assert made_of(source.replace("skipif(OLD", "xfail(OLD"), "test_a") == set()
    assert make({PATH: source}).tests == frozenset()


def test_an_inherited_test_has_its_twin_in_every_class_that_has_it():
    """Where the class names its first base, and neither it nor one between has a test of the same name."""
    source = (
        "class Shared:\n    def test_a(self):\n        assert f() == 1\n\n    def test_b(self):\n        assert f() == 1\n\n\n"
        "class TestOne(Shared):\n    pass\n\n\nclass TestTwo(TestOne):\n    test_b = None\n\n\n"
        "class TestThree(Other, Shared):\n    pass\n\n\nclass TestFour(TestTwo):\n    def test_a(self):\n        g()\n"
    )
    names = [
        f"{name}::{test}" for name in ("TestOne", "TestTwo", "TestThree", "TestFour") for test in ("test_a", "test_b")
    ]

    assert made_of(source, *names) == {"TestOne::test_a", "TestOne::test_b", "TestTwo::test_a"}


def test_of_two_with_one_name_the_later_is_meant():
    """As for Python: the earlier one is never run, so that its expectations count for nothing."""
    source = "def test_a():\n    assert f() == 1\n    assert f() == 2\n\n\ndef test_a():\n    assert f() == 3\n"

    (one,) = make({PATH: source}).rounds

    assert one.files[PATH] == source.replace("== 3", "== 1018")


# --- endings ----------------------------------------------------------------------------------------------------------

ENDINGS = {
    "a call": ("def test_a():\n    f()\n", "def test_a():\n    f()\n    raise AssertionError\n"),
    "a block": (
        "class TestA:\n\tdef test_a(self):\n\t\tif f():\n\t\t\tassert g()  # why\n",
        "class TestA:\n\tdef test_a(self):\n\t\tif f():\n\t\t\tassert g()\n\t\traise AssertionError  # why\n",
    ),
    "one line": ("def test_a(): f('ü'); g()\n", "def test_a(): f('ü'); g(); raise AssertionError\n"),
    "a property": (
        "@given(st.integers())\ndef test_a(x):\n    check(x)\n",
        "@given(st.integers())\ndef test_a(x):\n    check(x)\n    raise AssertionError\n",
    ),
}


@pytest.mark.parametrize(("source", "twin"), ENDINGS.values(), ids=ENDINGS)
def test_a_test_that_expects_nothing_but_its_end_breaks_there(source: str, twin: str):
    """Only where that is asked for, and it is told from a wrong expectation."""
    name = "TestA::test_a" if "class" in source else "test_a"

    (one,) = make({PATH: source}, endings=True).rounds

    assert make({PATH: source}).rounds == ()
    assert one.files[PATH] == twin
    assert one.tests == one.ended == {f"{PATH}::{name}"}
    ast.parse(twin)


@pytest.mark.parametrize("body", ["if f():\n    return\ng()", "pytest.skip('no')\ng()", "yield f()"])
def test_a_test_that_may_leave_early_does_not_break_at_its_end(body: str):
    """It need not come there."""
    inner = body.replace("\n", "\n    ")

    assert made_of(f"def test_a():\n    {inner}\n", "test_a", endings=True) == set()


def test_an_expectation_comes_before_an_ending():
    """Each test has one kind of twin."""
    source = "def test_a():\n    assert f() == 1\n\n\ndef test_b():\n    f()\n"

    (one,) = make({PATH: source}, endings=True).rounds

    assert one.tests - one.ended == {f"{PATH}::test_a"}
    assert one.ended == {f"{PATH}::test_b"}


def test_files_that_have_none():
    """Marked as a whole, unparsable, no Python, no test."""
    tests = {
        "test_a.py": "import pytest\npytestmark = pytest.mark.skip\n\n\ndef test_a():\n    assert f() == 1\n",
        "test_b.py": "def test_b(:\n",
        "data.txt": "def test_c():\n    assert f() == 1\n",
        "test_d.py": "def helper():\n    assert f() == 1\n",
        "test_e.py": "import pytest\n\n\n@pytest.mark.skip\nclass TestE:\n    def test_e(self):\n        assert f() == 1\n",
    }

    assert make(tests).rounds == ()


def test_methods_are_named_as_pytest_names_them():
    """With the classes they stand in."""
    source = "class TestA:\n    class TestB:\n        def test_c(self):\n            assert f() == 1\n"

    assert make({PATH: source}).tests == {f"{PATH}::TestA::TestB::test_c"}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(PLAIN)
def test_another_value_never_equals_the_right_one(value: object):
    """Whatever the literal, and not even nearly."""
    wrong = other(value)

    assert wrong != value
    assert type(wrong) is type(value) or value is None
    if isinstance(value, float) and math.isfinite(value) and math.isfinite(wrong):
        assert not math.isclose(wrong, value, rel_tol=0.5, abs_tol=100)


@given(PLAIN)
def test_a_literal_is_read_as_what_it_is(value: object):
    """Where `ast.literal_eval` reads it."""
    node = ast.parse(repr(value), mode="eval").body
    read = literal(node)

    assert read is None or read[0] == value


def test_what_is_no_literal_is_not_read():
    """A name, a call."""
    assert literal(ast.parse("f(1)", mode="eval").body) is None
    assert literal(ast.parse("name", mode="eval").body) is None


def test_edits_that_overlap_or_break_the_text_are_not_made():
    """No twin then."""
    source = "assert f() == 1\n"

    assert applied(source, [Edit(start=7, end=10, text="g()")]) == "assert g() == 1\n"
    assert applied(source, [Edit(start=7, end=10, text="g()"), Edit(start=8, end=15, text="h")]) is None
    assert applied(source, [Edit(start=7, end=10, text="(")]) is None


def test_places_are_counted_in_bytes():
    """Python's tree counts columns so, and lines end in more than one way."""
    text = Text("a = 'é'\r\nb = 'ü'; c = 1\n")
    last = ast.parse(text.source.decode()).body[2]

    assert text.source[slice(*text.place(last))] == b"c = 1"

"""What a patch's own text says of it, without running anything."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from agents.offline.worker.deciding import affordable, close, in_turn, order, reached, telling_input
from agents.offline.worker.naturalness import Style, difference
from agents.offline.worker.outcomes import Behaviour, Outcome
from agents.offline.worker.ranking import annotated, copied, form
from agents.offline.worker.scripts import Script, Step
from agents.offline.worker.workplace import Offered

BEFORE = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x * 10\n    return total\n"
TESTS = {
    "test_m.py": "from m import f\n\ndef test_f():\n    assert f([1, 37]) == 'answer'\n    assert f([10, 1]) == 'z'\n"
}


def bits(old, new):
    return sum(reason.bits for reason in form(BEFORE, BEFORE.replace(old, new), TESTS))


@pytest.mark.parametrize(
    ("new", "found"),
    [("37", {"37"}), ("'answer'", {"'answer'"}), ("1", set()), ("10", set()), ("38", set()), ("'z'", {"'z'"})],
)
def test_what_is_copied_from_the_tests_is_found(new, found):
    """Not small numbers, not what the file had, and not what no test has."""
    after = BEFORE.replace("total = 0", f"total = {new}")

    assert copied(ast.parse(BEFORE), ast.parse(after), TESTS) == found


def test_a_copied_literal_costs_more_than_a_larger_edit():
    """It is where over-fitting lives."""
    assert bits("total = 0", "total = 37") > bits("x * 10", "(x + total) * (10 - x)") > bits("x * 10", "x + 10")


def test_to_take_statements_away_costs_something():
    """A test that is too weak likes it."""
    assert bits("        total += x * 10\n", "        pass\n") < bits("    total = 0\n", "")


def test_a_text_that_does_not_parse_is_judged_by_its_size():
    """Its first version, in a repair of syntax."""
    assert len(form("def f(:\n", "def f():\n", TESTS)) == 2


def test_tokens_that_the_file_uses_surprise_less():
    """A mild hint only."""
    style = Style("for x in xs:\n    total += x\nfor y in xs:\n    total += y\n")

    assert style.surprise(["for", "x", "in", "xs"]) < style.surprise(["xs", "in", "for", "x"])
    assert style.surprise([]) == 0.0
    assert difference("a + b * c", "a + d * c") == (["+", "b", "*"], ["+", "d", "*"], 2)


def test_annotations_of_built_in_types_are_promises():
    """Others say nothing that could be held against a value."""
    code = (
        "def a() -> int: ...\ndef b() -> list[int] | None: ...\ndef c() -> Thing: ...\ndef d(): ...\n"
        "class K:\n    def e(self) -> 'float': ...\n    def g(self) -> Optional[str]: ...\n    def h(self) -> int | Thing: ...\n"
    )

    assert annotated([code, "("]) == {
        "a": frozenset(("int", "bool")), "b": frozenset(("list", "NoneType")),
        "K.e": frozenset(("float", "int", "bool")), "K.g": frozenset(("str", "NoneType")),
    }  # fmt: skip


def script(n, **more):
    return Script("m", (Step("f", (n,)),), **more)


def value(x):
    return Outcome("value", "int", str(x), value=str(x))


UNASKED = Outcome("unasked", "")


def test_scripts_are_chosen_by_what_they_cost():
    """One that takes too long is left out; where nothing is known of that, only the tests' own are run."""
    scripts = [script(0, test="t"), script(1, near="t"), script(2, near="t"), script(3, near="t")]
    first = Behaviour(tuple(value(n) for n in range(4)), seconds=(0.1, 0.9, 0.1, 0.1))

    assert [s.steps[0].args[0] for s in affordable(scripts, first, 0.35)] == [0, 2, 3]
    assert affordable(scripts, None, 0.35) == scripts[:1]


def test_every_function_has_its_turn():
    """After the tests' own inputs; those near red tests come first."""
    other = Script("m", (Step("g", (9,)),), near="t")
    scripts = [script(1, near="t"), script(2, near="t"), script(0, test="t"), replace(other, near="red"), other]

    assert [s.source for s in in_turn(scripts, {"t"})] == ["f(0)", "g(9)", "f(1)", "f(2)", "g(9)"]


def test_only_inputs_that_all_versions_were_asked_are_compared():
    """A version that was asked few of them counts as not looked at."""
    scripts = [script(n) for n in range(3)]
    whole = Behaviour((value(1), value(2), value(3)))
    most = Behaviour((value(1), value(2), UNASKED))
    few = Behaviour((value(1), UNASKED, UNASKED))

    left, original, patches = reached(scripts, None, [whole, most, few, Behaviour(())])

    assert (left, original) == (scripts[:2], None)
    assert [p and len(p.outcomes) for p in patches] == [2, 2, None, 0]


def test_patches_that_are_about_equally_likely_are_asked_about():
    """By the simplest input that tells them apart; those that do the same are no question."""
    scripts = [script(n) for n in (1000, 2, 3)]
    offers = [Offered(str(n), {"m.py": BEFORE + "#" * n}, 3.0 + n / 10, ("m.py", n)) for n in range(3)]
    ranked = order({"m.py": BEFORE}, {}, offers, None)
    behaviours = [
        Behaviour((value(1), value(2), Outcome("raises", "ValueError"))), Behaviour((value(5), value(6), value(7))),
        Behaviour((value(1), value(2), Outcome("raises", "ValueError"))),
    ]  # fmt: skip
    seen = [type(one)(one.offered, one.bits, n % 2, (), behaviours[n]) for n, one in enumerate(ranked)]

    rivals = close(seen)

    assert [one.offered.sha256 for one in rivals] == ["0", "1"]
    assert telling_input(rivals, scripts) == 1
    assert telling_input(rivals[:1], scripts) is None
    assert telling_input([seen[0], seen[2]], scripts) is None

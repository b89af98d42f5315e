"""The parts of the tester that decide: what is called, what is chosen, how it is written."""

from __future__ import annotations

import ast
import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from agents.offline.testing.lines import read
from agents.offline.testing.tester import gather
from agents.offline.testing.worker.annotations import annotated, classes
from agents.offline.testing.worker.calls import Call, Made, Maker, Ref, Stand, make
from agents.offline.testing.worker.choosing import Candidate, choose
from agents.offline.testing.worker.examples import examples, literals
from agents.offline.testing.worker.exploring import Explorer
from agents.offline.testing.worker.kinds import KINDS, Source, graph
from agents.offline.testing.worker.outcomes import Outcome
from agents.offline.testing.worker.slips import slips
from agents.offline.testing.worker.spelling import Spelling, Unspeakable, digest
from agents.offline.testing.worker.suspecting import contradicts, crashes
from agents.offline.testing.worker.targets import find, maker, split
from agents.offline.testing.worker.writing import Writer
from engine.plain_tests import is_plain
from engine.testing import path_of_tests

SHOP = '''"""A shop.

>>> net(119)
100
"""


def net(gross, percent=19):
    if percent < 0:
        raise ValueError("below zero")
    return gross * 100 // (100 + percent)


class Stock:
    def __init__(self, size: int):
        self.size = size

    def put(self, item: str) -> int:
        return self.size + len(item)

    @staticmethod
    def unit() -> str:
        return "box"

    def _hidden(self):
        return None
'''
NODES = """class Node:
    def __init__(self, incoming_nodes=[], outgoing_nodes=[], after=None):
        self.incoming_nodes = incoming_nodes
        self.outgoing_nodes = outgoing_nodes
        self.after = after


def roots(nodes):
    return [node for node in nodes if not node.incoming_nodes and node.outgoing_nodes and node.after is None]
"""


def targets(text=SHOP):
    return find({"shop.py": text}, {"shop.py": "shop"})


def answered(expected, *, kind="returns", features=(), **more):
    return Outcome(kind, f"{kind}|{expected}", expected=expected, features=frozenset(features), **more)


def written(*candidates, text=SHOP):
    return Writer(targets(text), {}, frozenset({"shop"})).write(candidates)


def test_functions_and_methods_that_others_may_call_are_found():
    """Hidden ones are left alone; a static method needs no object."""
    found = targets()

    assert [target.shown for target in found] == ["net", "Stock.put", "Stock.unit"]
    assert [target.init is None for target in found] == [True, False, True]
    assert [each.optional for each in found[0].parameters] == [False, True]


def test_what_is_done_with_an_argument_tells_its_kind():
    """A number goes into range, a row is gone through; what is assigned anew stays open."""
    [target] = targets(
        "def f(n, rows, other):\n    other = 1\n    for i in range(n):\n        rows[i]\n    return other - 1\n"
    )

    assert [each.use for each in target.parameters] == ["number", "row", ""]


def test_an_example_of_the_docstring_is_a_call_with_what_it_has_to_answer():
    """What the docstring says is known before anything has run."""
    [example] = examples({"shop.py": SHOP})

    assert (example.name, example.args, example.wanted) == ("net", (119,), "100")


def test_literals_of_the_code_are_values_to_try():
    """Docstrings are none of them."""
    assert 19 in literals(SHOP)
    assert "below zero" in literals(SHOP)
    assert not any("A shop" in str(value) for value in literals(SHOP))


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        ("int", {int}),
        ("str | None", {str, type(None)}),
        ("Optional[bool]", {bool, type(None)}),
        ("dict[str, list[int]]", {dict}),
        ("tuple[int, str]", {tuple}),
        ("tuple[int, ...]", {tuple}),
        ("set[int]", {set}),
        ("Union[bytes, float]", {bytes, float}),
        ("'Sequence[int]'", {list}),
        ("Literal['a', 'b']", {str}),
        ("Unknown", set()),
    ],
)
def test_an_annotation_is_answered_with_values_of_its_kind(annotation, kinds):
    """Each side of a union has its turn; what is not known has none."""
    source = Source(random.Random(1), [])

    draws = annotated(ast.parse(annotation, mode="eval").body)

    assert {type(draw(source)) for draw in draws} == kinds


@pytest.mark.parametrize("name", sorted(KINDS))
def test_values_of_each_kind_can_be_written_down(name):
    """What is made as source text is the same value when it is read."""
    source = Source(random.Random(3), [7, "+", "word"])

    for _ in range(40):
        value = KINDS[name](source)
        assert ast.literal_eval(Spelling().source(value)) == value


def test_objects_that_know_each_other_agree_on_it():
    """Whoever is among the outgoing ones has the other among the incoming ones."""
    texts = {"shop.py": NODES}
    [target] = find(texts, {"shop.py": "shop"})
    made = maker(target, texts, {"shop.py": "shop"})

    found = graph(
        Maker("shop", "Node", frozenset({"incoming_nodes", "outgoing_nodes"}), frozenset({"after"})), random.Random(5)
    )

    assert made is not None
    assert (made.name, made.plural) == ("Node", {"incoming_nodes", "outgoing_nodes"})
    assert made.single == {"after"}
    for number, node in enumerate(found):
        assert all(Ref(number) in found[other.number]["incoming_nodes"] for other in node["outgoing_nodes"])


def test_a_call_has_its_objects_in_the_place_of_references():
    """They are made anew for each call, and one is the same wherever it is named."""
    call = Call(0, (Ref(0), [Ref(1)], {"k": (1, Ref(0))}), objects=({"after": Ref(1)}, {"after": None}))

    made, parts = make(call, Stand)

    assert parts["args"] == [made[0], [made[1]], {"k": (1, made[0])}]
    assert vars(made[0])["after"] is made[1]


@pytest.mark.parametrize(
    ("value", "same"), [(1, True), (1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({2, 1}, {1, 2})]
)
def test_what_an_assert_takes_for_equal_has_one_digest(value, same):
    assert digest(value, {}) == digest(same, {})


@pytest.mark.parametrize(("value", "other"), [(1, 2), ("1", 1), ([1], (1,)), (None, 0), (0.1, 0.2)])
def test_what_differs_has_another_digest(value, other):
    assert digest(value, {}) != digest(other, {})


def test_what_has_no_source_text_is_said_to_have_none():
    """An object of some class, and what nobody would read."""
    for value in (object(), "x" * 10_000, [0] * 5_000, 10**9_000):
        with pytest.raises(Unspeakable):
            Spelling().source(value)


def test_only_calls_that_give_what_no_other_gives_are_chosen():
    """A simple call that kills two mutants makes one that kills only one of them needless."""
    both = Candidate(Call(0, (1,)), answered("1"), {1, 2})
    one = Candidate(Call(0, (2,)), answered("2"), {2})
    branch = Candidate(Call(0, (3,)), answered("3", features={("shop.py", 1, 2, 3)}), set())
    nothing = Candidate(Call(0, (4,)), answered("4"), set())

    chosen = choose([one, nothing, both, branch])

    assert {id(each) for each in chosen} == {id(both), id(branch)}


def test_calls_that_are_alike_are_written_as_one_table():
    """Named by what the code does; the answers stand in a column."""
    text = written(
        Candidate(Call(0, (119,)), answered("100"), {1}),
        Candidate(Call(0, (0,)), answered("0"), {2}),
        Candidate(Call(0, (1, -1)), answered(None, kind="raises", error="ValueError", message="below (zero)"), {3}),
    )

    assert "def test_net_returns_a_number_without_percent(gross, expected):" in text
    assert "    assert net(gross) == expected" in text
    assert 'with pytest.raises(ValueError, match=r"below \\(zero\\)"):' in text
    assert is_plain(text, {"shop.py": SHOP})


@pytest.mark.parametrize(("expected", "line"), [("True", "is True"), ("None", "is None"), ("'a'", "== 'a'")])
def test_an_answer_is_compared_as_a_person_would(expected, line):
    assert f"assert net(1) {line}" in written(Candidate(Call(0, (1,)), answered(expected), {1}))


def test_a_method_is_told_as_a_story():
    """Its object is made first, and what was called on it before stands above the assert."""
    text = written(Candidate(Call(1, ("a",), init=(2,)), answered("3"), {1}))

    assert "def test_stock_put_returns_a_number():\n    stock = Stock(2)\n\n    assert stock.put('a') == 3" in text
    compile(text, "test_shop.py", "exec")


def test_objects_are_made_before_they_are_given():
    """Names stand for them, and identity is asserted where the answer is one of them."""
    texts = {"shop.py": NODES}
    found = find(texts, {"shop.py": "shop"})
    made = {0: Maker("", "", frozenset({"incoming_nodes"}))}
    call = Call(0, ([Ref(0)],), objects=({"incoming_nodes": [Ref(0)]},))

    text = Writer(found, made, frozenset({"shop"})).write([Candidate(call, answered("node_0", same=True), {1})])

    assert "    node_0 = Thing()\n    node_0.incoming_nodes = [node_0]" in text
    assert "assert roots([node_0]) is node_0" in text
    assert is_plain(text, texts)


def test_an_answer_that_the_docstring_denies_is_a_suspected_bug():
    """Also where it fails instead of answering; the same value written otherwise is none."""
    call = Call(0, (1,), wanted="[1, 2]")

    assert contradicts(call, answered("[1]"))
    assert contradicts(call, Outcome("crashes", "crashes", error="KeyError"))
    assert not contradicts(call, answered("[1,2]"))
    assert not contradicts(Call(0, (1,)), answered("[1]"))


def test_a_crash_on_arguments_like_those_that_are_answered_is_suspected():
    """One on arguments of another kind is none: nobody said that those are to be answered."""
    good = [(Call(0, (1,)), answered("1"))]
    crash = Outcome("crashes", "crashes", error="ZeroDivisionError", message="by zero", line=3)

    found = crashes(targets()[0], good, [(Call(0, (0,)), crash), (Call(0, ("a",)), crash), (Call(0, (10,)), crash)])

    assert [(each["call"], each["line"]) for each in found] == [("net(0)", 3)]


def test_slips_are_other_programs_than_the_mutants():
    """Each compiles, and none is there twice."""
    text = "def f(a, b):\n    return a.left + b.right\n"

    found = slips({"shop.py": text}, {text.replace("a.left + b.right", "b.right + a.left")})

    assert any("a.right" in each.text for each in found)
    assert len({each.text for each in found}) == len(found)
    assert all(each.text != text for each in found)


def test_more_calls_are_made_of_those_that_are_answered():
    """No call is made twice."""
    [target, *_] = targets()
    explorer = Explorer([target], {}, {"shop.py": literals(SHOP)})
    tried = [
        (combination, [(call, answered("1", features={("shop.py", 1, 1, 1)})) for call in calls])
        for combination, calls in explorer.first(target)
    ]
    explorer.settle(target, tried)

    calls = explorer.more(target, 50)

    texts = [repr((call.args, call.init, call.steps, call.objects)) for call in calls]
    assert len(set(texts)) == len(texts) == 50
    assert all(1 <= len(call.args) <= 2 for call in calls)


@pytest.mark.parametrize(
    "text",
    [
        "import os\n\n\ndef test_a():\n    assert os.name == 'posix'\n",
        "from os import system\n\n\ndef test_a():\n    assert system('x') == 0\n",
        "from shop import net\n\n\ndef test_a():\n    assert eval('1') == 1\n",
        "from shop import net\n\n\ndef test_a():\n    assert net.__globals__ is None\n",
        "from shop import net\n\nnet(1)\n",
        "from shop import net\n\nx = 1\n",
        "def test_a(:\n",
    ],
)
def test_a_file_that_does_more_than_call_and_compare_is_refused(text):
    """It was written where the code ran, which may have had a hand in it."""
    assert not is_plain(text, {"shop.py": SHOP})


def test_the_test_file_is_named_for_the_module():
    assert path_of_tests({"pkg/shop.py": "", "pkg/__init__.py": ""}) == "test_shop.py"
    assert path_of_tests({"a.py": "", "b.py": ""}) == "test_generated.py"
    assert path_of_tests({"a.py": "", "test_a.py": "", "a.txt": ""}) == "test_generated.py"


def test_a_line_that_is_none_of_the_testers_is_dropped():
    """So is one that names files that nobody handed in."""
    assert read("nonsense") is None
    assert read('{"kind": "written"}') is None
    assert read('{"kind": "progress", "message": "explored"}') is not None

    found = gather(['{"kind": "ended", "reason": ""}', "{"], {"shop.py": SHOP})

    assert (found.text, found.reason) == ("", "")
    assert "did not come to its end" in gather([], {}).reason


def test_an_argument_that_is_only_given_by_its_name_is_given_by_it():
    """It stands in the call as a person would write it."""
    text = "def f(a, *, b, c=3):\n    return a + b + c\n"

    [target] = targets(text)

    assert [(each.name, each.keyword, each.optional) for each in target.parameters] == [
        ("a", False, False),
        ("b", True, False),
        ("c", True, True),
    ]
    assert split(target.parameters, (1, 2)) == ([1], {"b": 2})
    assert "assert f(1, b=2) == 6" in written(Candidate(Call(0, (1, 2)), answered("6"), {1}), text=text)


@pytest.mark.parametrize(
    "annotation", ["Decimal", "Fraction", "datetime.date", "datetime.datetime", "time", "timedelta"]
)
def test_times_and_exact_numbers_are_made_and_written(annotation):
    """They are what their source says, with what that needs imported."""
    source = Source(random.Random(2), [2020])
    [draw] = annotated(ast.parse(annotation, mode="eval").body)

    value = draw(source)

    spelling = Spelling()
    space = {"datetime": dt, "Decimal": Decimal, "Fraction": Fraction}
    assert eval(spelling.source(value), space) == value
    assert spelling.imports


def test_objects_of_the_projects_own_classes_are_made_as_it_would():
    """Members of an enumeration, and classes whose fields say what they hold; their names are imported."""
    text = (
        "class Colour(Enum):\n    RED = 1\n\n\n"
        "@dataclass\nclass Spot:\n    x: int\n    colour: Colour\n\n\n"
        "class Plain:\n    pass\n\n\n"
        "def f(spot: Spot) -> int:\n    return 1\n"
    )

    own = classes({"shop.py": text}, {"shop.py": "shop"})

    spot = own["Spot"](Source(random.Random(1), []))
    assert own.keys() == {"Colour", "Spot", "Plain"}
    assert isinstance(spot, Made)
    assert spot.args[1] == Made("shop", "Colour", member="RED")
    text = written(Candidate(Call(0, (Made("shop", "Spot", (1, spot.args[1])),)), answered("1"), {1}), text=text)
    assert "assert f(Spot(1, Colour.RED)) == 1" in text
    assert "from shop import Colour, Spot, f" in text


def test_a_test_may_use_the_name_of_a_built_in_function_for_its_own_argument():
    """It is the argument then, and only there."""
    text = "from shop import net\n\n\ndef test_a(max, eval):\n    assert net(max) == eval\n"

    assert is_plain(text, {"shop.py": SHOP})
    assert not is_plain(text + "\n\ndef test_b():\n    assert net(eval) == 1\n", {"shop.py": SHOP})


def test_a_part_of_the_standard_library_is_imported_before_the_project():
    """As every formatter of imports has it."""
    outcome = answered('Decimal("2")', imports=frozenset({("decimal", "Decimal")}))

    text = written(Candidate(Call(0, (1,)), outcome, {1}))

    assert text.index("from decimal import Decimal\n\n") < text.index("from shop import net")

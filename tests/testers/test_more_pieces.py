"""More of what the tester decides with: objects, methods after methods, values of every sort and every form of test."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from agents.offline.testing.worker.calls import Call, Ref, Step
from agents.offline.testing.worker.choosing import Candidate
from agents.offline.testing.worker.examples import Example, literals
from agents.offline.testing.worker.exploring import Explorer
from agents.offline.testing.worker.kinds import KINDS, OBJECTS
from agents.offline.testing.worker.outcomes import Outcome
from agents.offline.testing.worker.spelling import Spelling, digest
from agents.offline.testing.worker.suspecting import contradiction, contradicts, crashes
from agents.offline.testing.worker.targets import find, maker
from agents.offline.testing.worker.wording import tidied
from agents.offline.testing.worker.writing import Writer

TEXT = """from dataclasses import dataclass


class Stack:
    def __init__(self, size: int):
        self.items = []

    def push(self, item: str) -> int:
        self.items.append(item)
        return len(self.items)

    @classmethod
    def empty(cls):
        return cls(0)


@dataclass
class Spot:
    x: int
    y: int = 0

    def moved(self, by: int) -> int:
        return self.x + by


async def later(n, rows):
    rows.append(n)
    return n / 3


def reach(start, goal):
    node = start
    while node is not None and node is not goal:
        if node.weight > 3:
            return node.weight - 1
        node = node.following
    return node
"""
NAMES = {"m.py": "m"}


class Colour(enum.Enum):
    RED = 1


class Pair(NamedTuple):
    a: int


@dataclass
class Spot:
    x: int


def targets():
    return {target.shown: target for target in find({"m.py": TEXT}, NAMES)}


def explorer():
    found = list(targets().values())
    makers = {each.number: made for each in found if (made := maker(each, {"m.py": TEXT}, NAMES))}
    return Explorer(found, makers, {"m.py": literals(TEXT)})


def answered(expected="1", **more):
    return Outcome("returns", f"returns|{expected}", expected=expected, **more)


def settled(one, target):
    tried = [
        (kinds, [(call, answered(features={("m.py", 1, 1, 1)})) for call in calls])
        for kinds, calls in one.first(target)
    ]
    one.settle(target, tried)
    return one.seen[target.number]


def test_methods_are_called_after_others_of_the_same_object():
    """Which those were is a part of the call; a class method and a dataclass are targets, too."""
    one, known = explorer(), targets()
    settled(one, known["Stack.push"])

    calls = [call for _ in range(5) for call in one.more(known["Stack.push"], 40)]

    assert {"Stack.push", "Stack.empty", "Spot.moved", "later", "reach"} == known.keys()
    assert [each.name for each in known["Spot.moved"].init or ()] == ["x", "y"]
    assert any(step.name == "push" for call in calls for step in call.steps)
    assert all(call.init is not None for call in calls)


def test_objects_are_tried_where_attributes_are_asked_for():
    """What is a number among them holds one, what is another object holds one or none."""
    one, reach = explorer(), targets()["reach"]
    made = one.makers[reach.number]
    one.seen[reach.number].combinations.append((OBJECTS["first object"], OBJECTS["object"]))
    one.note([(call, answered()) for call in one.more(reach, 30)])

    calls = one.more(reach, 60)

    assert (made.name, made.plain, made.single) == ("", {"weight"}, {"following"})
    assert any(isinstance(call.args[0], Ref) for call in calls)
    assert all(type(each["weight"]) is int for call in calls for each in call.objects)


def test_an_example_is_a_call_of_the_target_that_it_names():
    """With as many arguments as that takes."""
    one = explorer()

    calls = one.examples(
        [Example("later", (1, []), "2", "doc"), Example("later", (1,), None, "doc"), Example("no", (), None, "")]
    )

    assert [(call.args, call.wanted) for call in calls] == [((1, []), "2")]


def test_what_is_not_answered_is_kept_as_a_crash():
    one, later = explorer(), targets()["later"]
    one.note([(Call(later.number, (1, 2)), Outcome("crashes", "crashes TypeError", error="TypeError"))])

    assert len(one.seen[later.number].crashes) == 1
    assert one.more(later, 3) == []


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (Colour.RED, "Colour.RED"),
        (Pair(1), "Pair(1)"),
        (Spot(2), "Spot(x=2)"),
        ({2, 1}, "{1, 2}"),
        (frozenset(), "frozenset()"),
        (frozenset({1}), "frozenset({1})"),
        (set(), "set()"),
        ({"a": (1,)}, "{'a': (1,)}"),
        (float("inf"), 'float("inf")'),
        (range(3), "range(0, 3)"),
        (b"x", "b'x'"),
    ],
)
def test_a_value_is_written_as_a_person_would(value, source):
    assert Spelling(project=frozenset({__name__})).source(value) == source
    assert digest(value, {}) == digest(value, {})


def written(*candidates):
    return Writer(list(targets().values()), explorer().makers, frozenset({"m"})).write(candidates)


def test_a_changed_argument_is_asserted_after_the_call():
    """In a table it has a column of its own; a coroutine is run; what was rounded is compared so."""
    number = targets()["later"].number
    one = answered("0.3333333333333333", rounded=True, changed=((1, "[1]"),))
    two = answered("0.6666666666666666", rounded=True, changed=((1, "[2]"),))

    single = written(Candidate(Call(number, (1, [])), one, {1}))
    several = written(Candidate(Call(number, (1, [])), one, {1}), Candidate(Call(number, (2, [])), two, {2}))

    assert (
        "    rows = []\n    assert asyncio.run(later(1, rows)) == pytest.approx(0.3333333333333333, rel=1e-9)" in single
    )
    assert "    assert rows == [1]" in single
    assert '("n", "rows", "expected", "rows_afterwards")' in several
    assert "    assert rows == rows_afterwards" in several
    compile(tidied(several), "test_m.py", "exec")


def test_a_story_names_what_was_called_before_and_what_changed():
    known = targets()
    push = Candidate(
        Call(known["Stack.push"].number, ("b",), init=(1,), steps=(Step("push", ("a",)),)), answered("2"), {1}
    )
    objects = ({"following": Ref(1), "weight": 1}, {"following": None, "weight": 2})
    found = answered("node_1", same=True, state=((0, "weight", "9"), (1, "following", "None")))
    reach = Candidate(Call(known["reach"].number, (Ref(0), Ref(1)), objects=objects), found, {2})

    text = written(push, reach)

    assert "def test_stack_push_returns_a_number_after_push():\n    stack = Stack(1)\n    stack.push('a')\n" in text
    assert "    node_0.following = node_1" in text
    assert (
        "    assert reach(node_0, node_1) is node_1\n    assert node_0.weight == 9\n    assert node_1.following is None"
        in text
    )


def test_calls_without_an_end_are_suspected_and_other_shapes_are_not():
    """An empty list is a list of anything."""
    later = targets()["later"]
    good = [(Call(later.number, (1, [2])), answered())]
    hang = Outcome("hangs", "hangs")

    found = crashes(later, good, [(Call(later.number, (5, [])), hang), (Call(later.number, ("a", "b")), hang)])

    assert [(each["what"], each["call"]) for each in found] == [("no end", "later(5, [])")]


def test_an_error_that_the_docstring_promises_is_none():
    call = Call(
        0, ("a",), init=(1,), steps=(Step("push", ("b",)),), wanted="Traceback (most recent call last):\nValueError: no"
    )

    assert not contradicts(call, Outcome("raises", "raises", error="ValueError"))
    assert contradicts(call, Outcome("raises", "raises", error="KeyError"))
    told = contradiction(targets()["Stack.push"], call, Outcome("raises", "raises", error="KeyError", message="x"))
    assert told["call"] == "Stack(1): .push('b'); .push('a')"
    assert "KeyError: x" in str(told["detail"])


def test_kinds_have_names_of_their_own():
    """No kind stands there twice."""
    assert len({*KINDS.values(), *OBJECTS.values()}) == len(KINDS) + len(OBJECTS)

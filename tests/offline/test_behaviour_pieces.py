"""What is recorded, changed, run and told apart, without a box."""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest

from agents.offline.worker.calls import Recorder
from agents.offline.worker.documented import Check, checks, same
from agents.offline.worker.evidence import Compared, clusters, weigh
from agents.offline.worker.inputs import more
from agents.offline.worker.mutation import Habit, change
from agents.offline.worker.outcomes import Behaviour, Outcome
from agents.offline.worker.scripts import Script, Step
from agents.offline.worker.values import Made, NotPlain, kept, source, text
from agents.offline.worker.versions import Versions

CODE = """
def top(xs, k=2, *, key=None, into=[]):
    into.append(xs)
    return sorted(xs, key=key)[-k:]

def squares(n):
    for i in range(n):
        yield i * i

def spoil(xs):
    xs.sort()

def say(x):
    print(x)
    raise KeyError(x)

def outer(x):
    return top([x])

class Stack:
    def __init__(self, start=()):
        self.items = list(start)

    def push(self, x):
        self.items.append(x)
        return self

    def pop(self):
        return self.items.pop()

    @property
    def size(self):
        return len(self.items)

    @classmethod
    def of(cls, *items):
        return cls(items)
"""


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path, {"mended_here": "m.py"})


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Calls the code and tells what was recorded."""
    (tmp_path / "recorded_here.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import recorded_here as module  # noqa: PLC0415

    def during(act):
        recorder = Recorder(frozenset([str(tmp_path / "recorded_here.py")]))
        recorder.test = "test_x"

        def heard(frame, event, _):
            if event == "call" and frame.f_code.co_filename in recorder.names:
                recorder.began(frame)

        before = sys.getprofile()
        sys.setprofile(heard)
        try:
            act(module)
        finally:
            sys.setprofile(before)
        return recorder.found()

    yield during
    del sys.modules["recorded_here"]


def test_a_call_is_kept_without_what_its_defaults_gave(recorded):
    """A default that is shared between calls is part of what may be wrong."""
    found = recorded(lambda m: (m.top([1, 2]), m.top([3], 1), m.top([3], key=None, k=7)))

    assert [script.source for script in found] == ["top([1, 2])", "top([3], 1)", "top([3], 7)"]
    assert {script.test for script in found} == {"test_x"}


def test_only_what_the_test_itself_calls_is_kept(recorded):
    """Not what the code calls further in, nor what was given something that cannot be copied."""
    found = recorded(lambda m: (m.outer(4), m.top([], key=len), m.top([object()])))

    assert [script.source for script in found] == ["outer(4)"]


def test_what_is_called_on_one_object_is_kept_together(recorded):
    """With how the object was made."""

    def use(module):
        stack = module.Stack([1])
        stack.push(2)
        assert stack.size == 2
        assert stack.pop() == 2
        module.Stack.of(5)

    found = recorded(use)

    assert [script.source for script in found] == ["Stack.of(5)", "s = Stack([1]); s.push(2); s.size; s.pop()"]
    assert found[1].entry == ("recorded_here", "Stack")


def test_an_argument_is_kept_as_it_was_when_it_came(recorded):
    """The function may change it."""
    (script,) = recorded(lambda m: m.spoil([3, 1]))

    assert script.source == "spoil([3, 1])"


def test_only_plain_data_is_kept():
    """Too much of it is not."""
    with pytest.raises(NotPlain):
        kept([object()])
    with pytest.raises(NotPlain):
        kept(list(range(10_000)))
    thing = object()
    assert kept([thing], {id(thing): Made("m", "Thing", (1,))}) == [Made("m", "Thing", (1,))]


def test_a_value_is_written_as_source():
    """A person is shown it, and can type it."""
    assert (
        source([(1,), {"a": {2}}, Made("m", "Node", (1,), {"next": None})]) == "[(1,), {'a': {2}}, Node(1, next=None)]"
    )
    assert source(float("nan")) == "float('nan')"


class Box:
    def __init__(self):
        self.inside = 1.0


def test_what_is_seen_of_a_value_is_the_same_for_equal_ones():
    """Sets have no order, sums in another order have other last digits, and addresses say nothing."""
    assert text({"b", "a"}) == "set('a', 'b')"
    assert text(0.1 + 0.2) == text(0.3)
    assert text(iter([1, 2])) == "iterator(1, 2)"
    assert text(Box()) == "Box(inside=1.0)"
    assert " at 0x" not in text(object())
    assert text(True) != text(1)


@pytest.mark.parametrize(
    "value", [3, 2.5, "Word word", b"ab", [1, 2], (1, "a"), {1, 2}, frozenset([1]), {"a": 1}, True]
)
def test_a_changed_value_has_the_same_type(value):
    """A wrong type would only show how code fails on it."""
    rng = random.Random(3)

    made = [change(value, Habit(), rng) for _ in range(60)]

    assert {type(other) for other in made} == {type(value)}
    assert any(other != value for other in made)


def test_made_inputs_keep_to_what_all_recorded_ones_have_in_common():
    """Sorted lists stay sorted, numbers that never were below 0 stay so, and tables keep their shape."""
    scripts = [
        Script("m", (Step("find", ([1, 4, 9], 4)),), test="a"),
        Script("m", (Step("find", ([2, 3, 5, 8], 1)),), test="b"),
        Script("m", (Step("table", ([[1, 2], [3, 4]],)),), test="c"),
    ]

    made = [script for script in more(scripts) if script.near]

    lists = [script.steps[0].args[0] for script in made if script.steps[0].name == "find"]
    rows = [script.steps[0].args[0] for script in made if script.steps[0].name == "table"]
    assert len(lists) > 40
    assert all(xs == sorted(xs) and all(x >= 0 for x in xs) for xs in lists)
    assert all(len({len(row) for row in table}) <= 1 for table in rows)


def test_the_same_inputs_are_made_each_time():
    """Two runs ask the same question."""
    scripts = [Script("m", (Step("f", ("some text", 3, {"a": 1})),), test="a")]

    assert more(scripts) == more(scripts)
    assert len({script.source for script in more(scripts)}) == len(more(scripts))


def test_steps_of_an_object_are_left_out_and_doubled():
    """Not only the data of its calls is changed."""
    scripts = [Script("m", (Step("push", (1,)), Step("pop")), Made("m", "Stack"), test="a")]

    assert {len(script.steps) for script in more(scripts)} > {1, 2}


def test_a_version_is_imported_from_memory_run_and_forgotten(versions):
    """The next one finds nothing of it."""
    scripts = [
        Script("mended_here", (Step("top", ([3, 1, 2],)),)),
        Script("mended_here", (Step("squares", (4,)),)),
        Script("mended_here", (Step("spoil", ([3, 1],)),)),
        Script("mended_here", (Step("say", (1,)),)),
        Script("mended_here", (Step("push", (2,)), Step("pop")), Made("mended_here", "Stack", ([1],))),
    ]

    one = versions.run({"m.py": CODE}, scripts)
    other = versions.run({"m.py": CODE.replace("[-k:]", "[:k]")}, scripts)

    assert "mended_here" not in sys.modules
    assert [o.words for o in one.outcomes] == [
        "returns [2, 3]", "returns iterator(0, 1, 4, 9)", "returns None", "raises KeyError", "returns 2",
    ]  # fmt: skip
    assert "leaves [1, 3]" in one.outcomes[2].text
    assert [a == b for a, b in zip(one.outcomes, other.outcomes, strict=True)] == [False, True, True, True, True]
    assert other.outcomes[0].words == "returns [1, 2]"


def test_a_version_that_cannot_be_imported_raises_on_every_input(versions):
    """It is no reason to stop."""
    told = versions.run({"m.py": "1 / 0\n"}, [Script("mended_here", (Step("f"),))])

    assert [outcome.words for outcome in told.outcomes] == ["raises ZeroDivisionError"]


DOCUMENTED = '''
def half(n):
    """Half of it.

    half(8) == 4, and half(3) -> 1.
    half(5) returns 2.5 with some luck

    >>> half(10)
    5
    >>> h = half
    >>> h("x")
    Traceback (most recent call last):
    TypeError: no
    >>> unknown(1)
    2
    """
    return n // 2
'''


def test_examples_of_docstrings_are_read_and_held_against_a_version(versions):
    """What names something that is not there tells nothing."""
    examples = checks({"m.py": DOCUMENTED})

    told = versions.run({"m.py": DOCUMENTED}, [], examples)

    assert [(c.source, c.want, c.raises) for c in examples] == [
        ("half(10)", "5", ""), ("h = half", "", ""), ('h("x")', "", "TypeError"), ("unknown(1)", "2", ""),
        ("half(8)", "4", ""), ("half(3)", "1", ""), ("half(5)", "2.5", ""),
    ]  # fmt: skip
    assert told.agrees == (True, None, True, None, True, True, False)


def test_a_text_that_stands_at_the_end_of_a_file_may_have_examples_too():
    """As well as one at its beginning."""
    code = '"""half(2) == 1"""\n\ndef half(n):\n    return n // 2\n\n"""\nExamples:\n    >>> half(4)\n    2\n"""\n'

    assert [(c.source, c.want) for c in checks({"m.py": code})] == [("half(2)", "1"), ("half(4)", "2")]


def test_an_answer_may_be_written_otherwise():
    """Blanks, the order of keys, the last digits."""
    assert same("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}")
    assert same("0.30000000000000004", "0.3")
    assert not same("[1, 2]", "[2, 1]")
    assert not same("word", "other")


def value(x):
    return Outcome("value", type(x).__name__, repr(x), value=repr(x))


RAISES = Outcome("raises", "IndexError")
SCRIPTS = [
    Script("m", (Step("f", (0,)),), test="red"),
    Script("m", (Step("f", (1,)),), test="green"),
    *(Script("m", (Step("f", (n,)),), near="green") for n in range(2, 14)),
]


def bits(*patches, original=None, **more):
    compared = Compared(SCRIPTS, original, [Behaviour(tuple(p)) for p in patches], passed=frozenset(["green"]), **more)
    return [sum(reason.bits for reason in reasons) for reasons in weigh(compared)]


def test_a_patch_that_raises_where_its_rival_does_not_is_less_likely():
    """And one that still raises what was the failure, even more so."""
    fine, raising = [value(n) for n in range(14)], [value(0), value(1), *[RAISES] * 12]

    one, other = bits(fine, raising)
    _, still = bits(fine, raising, failure="IndexError")

    assert one == 0 < other < still


def test_a_patch_that_keeps_what_passed_before_is_likelier():
    """On inputs near those of the tests that passed."""
    before = Behaviour((RAISES, *(value(n) for n in range(1, 14))))
    careful = [value(0), *(value(n) for n in range(1, 13)), value(99)]
    rough = [value(0), value(1), *(value(-n) for n in range(2, 14))]

    one, other = bits(careful, rough, original=before)

    assert one < other


def test_a_patch_that_changes_nothing_but_what_is_asked_is_narrow():
    """Where rivals find more to change."""
    before = Behaviour((RAISES, value(1), *[RAISES] * 12))
    narrow = [value(0), value(1), *[RAISES] * 12]
    broad = [value(n) for n in range(14)]

    one, other = bits(narrow, broad, original=before)

    assert other < one


def test_types_that_neither_tests_nor_annotations_know_are_unlikely():
    """Such as None on some path."""
    fine = [value(n) for n in range(14)]
    forgetful = [value(0), value(1), *[value(None)] * 12]

    one, other = bits(fine, forgetful)
    _, hinted = bits(fine, forgetful, hints={"f": frozenset(["int"])})

    assert one == 0 < other < hinted


def test_an_answer_that_only_equals_what_a_test_asks_for_is_unlikely():
    """True for 1."""
    before = Behaviour((RAISES, *(value(n) for n in range(1, 14))))
    fine = [value(1), *(value(n) for n in range(1, 14))]

    one, other = bits(fine, [value(True), *fine[1:]], original=before)

    assert one == 0 < other


def test_a_documented_example_weighs_more_than_anything_else():
    """One that was contradicted."""
    fine = tuple(value(n) for n in range(14))
    compared = Compared(
        SCRIPTS,
        None,
        [Behaviour(fine, (True,)), Behaviour(fine, (False,)), Behaviour(())],
        checks=[Check("m.py", "f", "f(1)", "1")],
    )

    one, other, died = ([reason.bits for reason in reasons] for reasons in weigh(compared))

    assert one == []
    assert sum(other) > sum(died) > 0


def test_patches_of_one_behaviour_are_one_cluster():
    """Those that were not observed are in none."""
    fine = Behaviour(tuple(value(n) for n in range(14)), seconds=(0.1,) * 14)

    assert clusters([fine, None, Behaviour((RAISES,)), replace(fine, seconds=())]) in ([0, None, 1, 0], [0, None, 1, 2])

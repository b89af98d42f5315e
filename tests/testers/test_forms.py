"""More forms of code and of tests: what is called, what it is given, and how it stands in a file."""

from __future__ import annotations

import ast
import random
import unittest

import pytest

from agents.offline.testing.worker.annotations import annotated, by_name, classes
from agents.offline.testing.worker.calls import Call, Code, File, Made, Making, Stand, Step, files, make, put
from agents.offline.testing.worker.choosing import Candidate, choose, worth_most
from agents.offline.testing.worker.examples import examples, scripts
from agents.offline.testing.worker.exploring import Explorer, Seen
from agents.offline.testing.worker.framing import as_unittest
from agents.offline.testing.worker.kinds import Source, file, function
from agents.offline.testing.worker.outcomes import Outcome, Said
from agents.offline.testing.worker.properties import answers_at_all, domains, file_of, proposed, sort_of
from agents.offline.testing.worker.spanning import Spans
from agents.offline.testing.worker.spelling import Spelling
from agents.offline.testing.worker.strategies import LEVELS, Strategies
from agents.offline.testing.worker.strategies import classes as own_classes
from agents.offline.testing.worker.suspecting import denied, shown
from agents.offline.testing.worker.targets import find, split, spread
from agents.offline.testing.worker.writing import Writer
from engine.plain_tests import is_plain

MANY = '''"""Many.

>>> box = Box(2)
>>> box.put("a")
1
"""
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import ClassVar, NamedTuple


class Colour(Enum):
    RED = 1


class Pair(NamedTuple):
    left: int
    right: str = ""


@dataclass(kw_only=True)
class Spot:
    kind: ClassVar[str] = "spot"
    x: int
    colour: Colour = Colour.RED
    seen: list = field(init=False)
    tags: list[str] = field(default_factory=list)


class Box:
    def __init__(self, size):
        self.size = size

    def put(self, item: str) -> int:
        return self.size

    @property
    def full(self):
        return self.size > 1

    @unknown
    def left_alone(self):
        return 1

    async def send(self):
        return self.size


class Large(Box):
    def more(self):
        return self.size


class Strange(Unknown):
    def method(self):
        return 1


def load(path, parse):
    with open(path) as text:
        return parse(text.read(), 1)


def chunks(rows, size=2):
    yield rows[:size]


@contextmanager
def opened(name):
    yield name


@lru_cache
def known(n: int) -> int:
    return n


@app.route("/")
def page():
    return ""


def total(*numbers: int, scale: int = 1, base: int) -> int:
    return sum(numbers) * scale + base


if __name__ == "__main__":
    box = Box(3)
    print(box.put("b"))
'''


def targets(text=MANY):
    return find({"many.py": text}, {"many.py": "many"})


def named(name, text=MANY):
    return next(each for each in targets(text) if each.shown == name)


def source(*literals, seed=1):
    return Source(random.Random(seed), list(literals))


def returns(expected, **more):
    return Outcome("returns", f"returns|{expected}", expected=expected, **more)


def written(*candidates, text=MANY):
    found = Writer(targets(text), {}, frozenset({"many"})).write(candidates)
    compile(found, "test_many.py", "exec")
    return found


def test_decorated_functions_properties_and_inherited_classes_are_found():
    """Where the decorator is one after which a function is called as it stands; others are left alone."""
    found = {each.shown: each for each in targets()}

    assert list(found) == [
        "Box.put", "Box.full", "Box.send", "Large.more", "load", "chunks", "opened", "known", "total",
    ]  # fmt: skip
    assert found["Box.full"].reads
    assert found["chunks"].shape == "generator"
    assert found["opened"].shape == "context"
    assert [each.name for each in found["Large.more"].init] == ["size"]


def test_what_is_done_with_an_argument_tells_paths_and_functions():
    """A path is opened; a function is called, with so many arguments."""
    assert [each.use for each in named("load").parameters] == ["path", "call 2"]


def test_any_number_of_arguments_is_one_row_of_them():
    """Those that have to be named come before those that may be left out."""
    total = named("total").parameters

    assert [(each.name, each.star, each.keyword) for each in total] == [
        ("numbers", True, False), ("base", False, True), ("scale", False, True),
    ]  # fmt: skip
    assert spread(total, [(1, 2), 3]) == ([1, 2], {"base": 3})
    assert split(total, ["a", "b"]) == (["a"], {"base": "b"})


def test_statements_in_a_row_are_found_in_docstrings_and_in_what_runs_as_a_program():
    """What is printed there is what is looked at."""
    (first, second) = scripts({"many.py": MANY, "broken.py": "def f(:"})

    assert first == ("many.py", (("box = Box(2)", None), ('box.put("a")', "1")), "the examples of a docstring")
    assert second[1] == (("box = Box(3)", None), ("box.put('b')", None))
    assert scripts({"a.py": 'def f():\n    """\n    >>> f(\n    >>> 1 +\n    """\n'}) == []


def test_objects_of_any_class_can_be_made():
    """By annotations, names, and defaults; what has to be named is named."""
    own = classes({"many.py": MANY}, {"many.py": "many"})

    spot = own["Spot"](source())
    pair = own["Pair"](source())

    assert isinstance(spot, Made)
    assert [name for name, _ in spot.named] == ["x", "colour", "tags"]
    assert isinstance(pair, Made)
    assert len(pair.args) == 2
    assert isinstance(own["Box"](source()), Made)
    assert "Strange" not in own
    deep = source()
    deep.depth = 3
    assert own["Spot"](deep) is None
    assert own["Box"](deep) is None
    assert by_name("box", own) == [own["Box"]]
    assert isinstance(by_name("boxs", own)[0](source()), list)
    assert by_name("title", own) == []


def test_a_class_that_wants_something_by_name_is_not_made_by_guessing():
    """Nor one whose maker is not known."""
    text = "class A:\n    def __init__(self, *, key):\n        self.key = key\n\n\nclass B:\n    def __init__(self, title, rows, n):\n        pass\n"

    own = classes({"a.py": text}, {"a.py": "a"})

    assert own.keys() == {"B"}
    title, rows, n = own["B"](source()).args
    assert (type(title), type(rows), type(n)) == (str, list, int)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [("Callable[[int, int], int]", Code), ("Callable", Code), ("Path", File), ("PathLike[str]", File)],
)
def test_functions_and_files_are_made_where_they_are_asked_for(annotation, kind):
    """Each has a source that a test can say."""
    [draw] = annotated(ast.parse(annotation, mode="eval").body)

    assert isinstance(draw(source()), kind)


def test_what_an_annotation_wraps_is_what_is_made():
    """The rest of it says nothing about the value."""
    [draw] = annotated(ast.parse("Annotated[int, 'positive']", mode="eval").body)

    assert isinstance(draw(source()), int)
    assert isinstance(function(7)(source()), Code)
    suffixes = {file(as_text=True)(source(".csv", seed=seed)).name for seed in range(5)}
    assert suffixes == {"a.csv"}
    assert any(file(as_text=True)(source(seed=seed)).text is None for seed in range(40))


def test_files_and_functions_become_real_ones(tmp_path):
    """A file is laid into the call's own folder; a function is made of its source."""
    call = Call(0, (File("a.txt", "x"), File("b.txt", None, as_text=True), Code("lambda n: n + 1")), init=())

    _, parts = make(call, Stand, lambda: tmp_path)

    path, text, work = parts["args"]
    assert path.read_text() == "x"
    assert text == str(tmp_path / "b.txt")
    assert work(1) == 2
    assert files(call) == [File("a.txt", "x"), File("b.txt", None, as_text=True)]
    assert files(Call(0, (), steps=(Step("put", ([Made("m", "C", (File("c", ""),))],)),))) == [File("c", "")]
    with pytest.raises(ValueError, match="no folder"):
        put(File("a", ""), Making())


def test_files_functions_and_named_arguments_have_a_source():
    """As they stand in a test."""
    spelling = Spelling({}, frozenset({"many"}))

    assert spelling.source(File("a.txt", "x")) == 'tmp_path / "a.txt"'
    assert spelling.source(File("a.txt", "x", as_text=True)) == 'str(tmp_path / "a.txt")'
    assert spelling.source([Code("len")]) == "[len]"
    assert spelling.source(Made("many", "Spot", (1,), named=(("x", "a"),))) == "Spot(1, x='a')"


def test_files_are_laid_read_and_looked_at_afterwards():
    """In the folder that pytest gives."""
    call = Call(named("load").number, (File("a.txt", "x"), Code("max")))

    text = written(Candidate(call, returns("1", files=(("b.txt", "new\n"),)), set()))

    assert "def test_load_writes_a_file(tmp_path):" in text
    assert '(tmp_path / "a.txt").write_text(\'x\', encoding="utf-8")' in text
    assert 'assert load(tmp_path / "a.txt", max) == 1' in text
    assert 'assert (tmp_path / "b.txt").read_text(encoding="utf-8") == \'new\\n\'' in text
    assert is_plain(text, {"many.py": MANY})


def test_what_is_printed_entered_streamed_or_refused_late_is_asserted_as_it_is():
    """Each in the way in which somebody would call it."""
    chunks, opened, known, send = named("chunks"), named("opened"), named("known"), named("Box.send")
    refused = Outcome("raises", "r", error="ValueError", message="no", imports=frozenset())

    text = written(
        Candidate(Call(known.number, (1,)), returns("None", printed="one\n"), set()),
        Candidate(Call(known.number, (2,)), returns("2", printed="two\n"), set()),
        Candidate(Call(opened.number, ("a",)), Outcome("enters", "e", expected="'a'"), set()),
        Candidate(Call(opened.number, ("b",)), refused, set()),
        Candidate(Call(chunks.number, ([1], 0)), refused, set()),
        Candidate(Call(send.number, (), init=(1,)), Outcome("enters later", "e", expected="True"), set()),
        Candidate(Call(send.number, (), init=(2,)), Outcome("streams", "s", expected="[1]"), set()),
        Candidate(Call(known.number, (3,)), returns("{'x': 1, 'y': None}", viewed=True), set()),
        Candidate(Call(named("Box.full").number, (), init=(1,), steps=(Step("put", ("a",)),)), returns("True"), set()),
        Candidate(Call(named("total").number, ((1, 2), 3)), returns("6"), set()),
    )

    for line in (
        "with redirect_stdout(StringIO()) as printed:",
        "answer = known(2)",
        "assert printed.getvalue() == 'one\\n'",
        "with opened('a') as entered:",
        "list(chunks([1], 0))",
        "async with box.send() as value:",
        "return [each async for each in box.send()]",
        "assert found.x == 1",
        "assert found.y is None",
        "assert box.full is True",
        "assert total(*(1, 2), base=3) == 6",
    ):
        assert line in text, line
    assert text.index("import asyncio") < text.index("from contextlib") < text.index("import pytest")
    assert is_plain(text, {"many.py": MANY})


def test_asynchronous_work_that_refuses_is_followed_until_it_does():
    """A stream is gone through, a context is entered."""
    text = "async def stream(n):\n    yield n\n\n\n@asynccontextmanager\nasync def later(n):\n    yield n\n"
    refused = Outcome("raises", "r", error="ValueError")
    stream, later = targets(text)

    found = written(
        Candidate(Call(stream.number, (1,)), refused, set()),
        Candidate(Call(later.number, (1,)), refused, set()),
        text=text,
    )

    assert "async for _ in stream(1):" in found
    assert "async with later(1):" in found
    assert "asyncio.run(followed())" in found


def test_an_object_is_followed_step_by_step():
    """Each step with what it answered, and its attributes at the end."""
    put, full = named("Box.put"), named("Box.full")
    said = (
        Said("returns", "1"),
        Said("raises", error="ValueError", message="no room"),
        Said("nothing"),
        Said("views", attributes=(("size", "2"),)),
        Said("yields", "[1]"),
        Said("returns", "True"),
    )
    steps = tuple(Step("put", (letter,)) for letter in "abcde")
    call = Call(full.number, (), init=(2,), steps=steps, whole=True)

    text = written(Candidate(call, Outcome("tells", "t", expected="", said=said, owner=(("size", "2"),)), set()))

    assert "def test_box_through_put_full():" in text
    for line in (
        "assert box.put('a') == 1",
        'with pytest.raises(ValueError, match=r"no room"):',
        "    box.put('c')\n",
        "found = box.put('d')\n    assert found.size == 2",
        "assert list(box.put('e')) == [1]",
        "assert box.full is True",
        "assert box.size == 2",
    ):
        assert line in text, line
    assert put.number != full.number


def test_what_stands_in_a_row_becomes_a_test_in_the_same_row():
    """Names that the code has are imported, others are bound in it."""
    lines = (("box = Box(2)", None), ('box.put("a")', "1"))
    call = Call(0, (), origin="the examples of a docstring", script=lines)
    said = (Said("nothing", source="box = Box(2)"), Said("returns", "1", source='box.put("a")'))
    program = Call(0, (), origin="what the code does as a program", script=lines)
    outcome = Outcome("tells", "t", expected="", said=said)

    text = written(Candidate(call, outcome, set()), Candidate(program, outcome, set()))

    assert "from many import Box\n" in text
    assert 'def test_many_does_what_its_examples_show():\n    box = Box(2)\n    assert box.put("a") == 1' in text
    assert "def test_many_does_as_a_program():" in text
    assert choose([Candidate(call, outcome, {1}), Candidate(Call(0, ("a",)), outcome, {1})])[0].call is call


def test_a_row_that_shows_something_else_than_its_docstring_is_suspected():
    """The first statement that differs is told."""
    call = Call(0, (), script=(("a = 1", None), ("f(a)", "2"), ("g()", "Traceback\nValueError: no")))
    right = Outcome("tells", "t", said=(Said("nothing"), Said("returns", "2"), Said("raises", error="ValueError")))
    wrong = Outcome("tells", "t", said=(Said("nothing"), Said("returns", "3"), Said("raises", error="ValueError")))

    assert denied(call, right) is None
    assert denied(call, wrong) == ("f(a)", "the docstring says 2, and it was 3")
    assert shown(named("load"), call) == "a = 1; f(a); g()"


def test_parts_are_modules_where_there_are_several_and_else_functions():
    """An object that is made and used is no two parts."""
    text = "class A:\n    def __init__(self):\n        pass\n\n    def f(self):\n        return g()\n\n\ndef g():\n    return 1\n"
    one = Spans({"a.py": text}, modules=False)
    two = Spans({"a.py": text, "b.py": text}, modules=True)

    def ran(*entered):
        return Outcome("returns", "", entered=frozenset(entered))

    assert one.several(ran(("a.py", 5), ("a.py", 9)))
    assert not one.several(ran(("a.py", 2), ("a.py", 9)))
    assert two.several(ran(("a.py", 5), ("b.py", 9)))
    assert not two.several(ran(("a.py", 5), ("a.py", 9)))
    assert "two modules" in two.nothing
    assert "this one module" in one.nothing


def test_tests_for_unittest_are_the_same_cases():
    """They run, they are green where the others are, and red where the code changes."""
    text = '''"""Tests."""

import math
from fractions import Fraction

import pytest

from many import known


class Thing:
    """Has what it is given."""


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (2.5, 2.5)])
def test_known(n, expected):
    assert known(n) == pytest.approx(expected, rel=1e-9)


def test_forms(tmp_path):
    values = [1, 2]
    assert (tmp_path / "a").exists() is False
    assert known(None) is None
    assert known(values) is values
    assert 1 in values
    assert known([0.1]) == pytest.approx([0.1], rel=1e-9)
    assert isinstance(known(1), int)
    assert known(1)
    assert known(Fraction(1, 2)) < 1
    with pytest.raises(TypeError, match=r"unhashable"):
        hash(values)
    with pytest.raises(TypeError):
        hash(values)
    with open(tmp_path / "b", "w") as out:
        assert out.name != ""
'''

    found = as_unittest(text, "TestMany")
    space = {"__name__": "test_many"}
    exec(compile(found.replace("from many import known", "known = lambda value: value"), "t", "exec"), space)
    case = space["TestMany"]
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)

    assert (result.testsRun, result.errors, result.failures) == (2, [], [])
    for line in (
        "self.assertTrue(close(known(n), expected))", "with self.subTest(n=n):", "self.assertIsNone(known(None))",
        "self.assertIs(known(values), values)", "self.assertIn(1, values)", "self.assertIsInstance(known(1), int)",
        "self.assertRaisesRegex(TypeError, 'unhashable')", "tempfile.TemporaryDirectory() as folder",
        "self.assertLess(known(Fraction(1, 2)), 1)", "self.assertNotEqual(out.name, '')",
    ):  # fmt: skip
        assert line in found, line
    assert "import pytest" not in found
    assert found.index("import unittest") < found.index("from many import known")


STRATEGIC = """from dataclasses import dataclass
from enum import Enum


class Colour(Enum):
    RED = 1


@dataclass
class Spot:
    x: int
    colour: Colour


@dataclass
class Odd:
    x: Unknown


def f(a):
    return a
"""


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("int", "st.integers()"),
        ("'str'", "st.text()"),
        ("float", "st.floats(allow_nan=False, allow_infinity=False)"),
        ("None", "st.none()"),
        ("int | None", "st.integers() | st.none()"),
        ("Optional[bool]", "st.none() | st.booleans()"),
        ("Union[int, str]", "st.integers() | st.text()"),
        ("Union[int, Unknown]", None),
        ("list[int]", "st.lists(st.integers())"),
        ("list", "st.lists(st.integers(-1000, 1000))"),
        ("tuple[int, str]", "st.tuples(st.integers(), st.text())"),
        ("tuple[int, ...]", "st.lists(st.integers()).map(tuple)"),
        ("set[int]", "st.sets(st.integers())"),
        ("dict[str, int]", "st.dictionaries(st.text(), st.integers())"),
        ("dict[str, Unknown]", None),
        ("Literal['a', 2]", "st.sampled_from(['a', 2])"),
        ("Colour", "st.sampled_from(Colour)"),
        ("Spot", "st.builds(Spot, x=st.integers(), colour=st.sampled_from(Colour))"),
        ("Odd", None),
        ("'not a type('", None),
        ("Queue[int]", None),
        ("f()", None),
    ],
)
def test_an_annotation_has_a_strategy(annotation, said):
    """None where it is not known; classes are noted for import."""
    own = own_classes({"m.py": STRATEGIC}, {"m.py": "m"})
    imports = set()

    found = Strategies(own, 0, imports).told(ast.parse(annotation, mode="eval").body)

    assert found == said
    assert (("m", "Colour") in imports) == (annotation in ("Colour", "Spot"))


def seen_of(text, *calls):
    """What an explorer knows after such calls of the one function in *text*."""
    [target] = [each for each in find({"m.py": text}, {"m.py": "m"}) if each.name == "f"]
    explorer = Explorer([target], {}, {"m.py": []})
    first, _ = explorer.first(target)[0]
    seen = Seen(combinations=[first])
    seen.calls += [(Call(0, args), outcome) for args, outcome in calls]
    return target, seen


def names_of(text, *calls, own=None):
    target, seen = seen_of(text, *calls)
    domain = domains(target, seen, own or {})[0]
    return {each.name.removeprefix("test_f_"): each for each in proposed(domain, seen, [])}


def test_domains_go_from_all_values_to_a_few_small_ones():
    """The widest that a function takes is taken; it has a test that it answers at all."""
    target, seen = seen_of("def f(values: list[int], *, by: int = 2):\n    return values\n")

    found = domains(target, seen, {})

    assert len(found) == LEVELS
    assert found[0].given == (("values", "st.lists(st.integers())"),)
    assert "min_size=1" in found[-1].given[0][1]
    assert "    f(values)" in answers_at_all(found[0], 1).source


@pytest.mark.parametrize(
    "text",
    [
        "async def f(n: int):\n    return n\n",
        "def f():\n    return 1\n",
        "def f(*n: int):\n    return n\n",
        "def f(n: Unknown[int]):\n    return n\n",
    ],
)
def test_what_has_no_strategy_has_no_domain(text):
    """Nothing is proposed of it."""
    target, seen = seen_of(text)
    seen.combinations = [tuple(lambda _: 1 for _ in target.parameters)]

    assert domains(target, seen, {}) == []


def test_rows_texts_and_numbers_have_what_may_hold_of_them():
    """By the sorts of what is given and answered."""
    rows = names_of("def f(values: list[int]):\n    return values\n", (([1],), returns("[1]")))
    texts = names_of("def f(text: str):\n    return text\n", (("a",), returns("'a'")))
    number = names_of("def f(values: list[int]):\n    return 1\n", (([1],), returns("1")))
    two = names_of("def f(a: int, b: int):\n    return 1\n", ((1, 2), returns("1")), ((1, 2), returns("1.5")))
    several = names_of("def f(n: int):\n    return [n]\n", ((1,), returns("[1]")))
    truth = names_of("def f(a: str, b: str):\n    return True\n", (("a", "b"), returns("True")))
    both = names_of("def f(a: list[int], b: list[int]):\n    return a\n", (([1], [2]), returns("[1]")))

    assert {"gives_what_sorting_values_gives", "undoes_itself", "is_sorted", "always_gives_a_list"} <= set(rows)
    assert {"is_in_lower_case", "does_nothing_the_second_time", "has_no_blanks"} <= set(texts)
    assert {"gives_the_sum_of_values", "lies_between_the_ends_of_values", "is_never_negative"} <= set(number)
    assert {"is_the_same_for_a_and_b_exchanged", "gives_the_larger_one", "grows_with_a", "divides_a"} <= set(two)
    assert {"gives_as_many_as_n", "begins_with_what_less_n_gives"} <= set(several)
    assert {"tells_whether_b_is_in_a", "is_true_of_the_same_a"} <= set(truth)
    assert {"joins_both", "joins_and_sorts_both"} <= set(both)
    for each in (*rows.values(), *texts.values(), *two.values(), *both.values(), *truth.values(), *number.values()):
        compile(each.source, "p", "exec")


def test_what_is_refused_may_be_refused_always():
    """With the error that was seen."""
    refused = Outcome("raises", "r", error="ValueError")
    found = names_of("def f(n: int):\n    return n\n", ((1,), returns("1")), ((-1,), refused))

    each = found["refuses_n_below_zero"]
    text = file_of([each])

    assert "@given(n=st.integers(max_value=-1))" in text
    assert "with pytest.raises(ValueError):" in text
    assert is_plain(text, {"m.py": ""})


def test_two_functions_may_undo_each_other():
    """Where what one gives is what the other takes."""
    text = "def f(text: str):\n    return [1]\n\n\ndef g(codes: list[int]):\n    return ''\n"
    there, back = find({"m.py": text}, {"m.py": "m"})
    explorer = Explorer([there, back], {}, {"m.py": []})
    seen = Seen([explorer.first(there)[0][0]], [(Call(0, ("a",)), returns("[1]"))])
    other = Seen([explorer.first(back)[0][0]])
    domain, around = domains(there, seen, {})[0], domains(back, other, {})[0]

    found = {each.name: each for each in proposed(domain, seen, [(around, "str"), (domain, "list")])}

    each = found["test_g_undoes_f"]
    assert "assert g(f(text)) == text" in each.source
    assert "from m import f, g" in file_of([each])


def test_answers_of_several_sorts_or_changed_arguments_promise_nothing():
    """There is no one thing to say of them."""
    assert sort_of([returns("1"), returns("'a'")]) == ""
    assert sort_of([returns("Spot(1)")]) == ""
    assert sort_of([returns("1"), returns("1.5")]) == "float"
    target, seen = seen_of("def f(n: int):\n    return n\n", ((1,), returns("1", changed=((0, "2"),))))
    assert proposed(domains(target, seen, {})[0], seen, []) == []


def test_the_few_that_are_worth_most_are_kept():
    """Each has what no other has; what two have is one's."""
    kills = {"a": {1}, "b": {1, 2}, "c": {3}, "d": set(), "e": {1, 3}}

    assert worth_most(kills, {"d": {"branch"}}) == ["b", "d", "e"] or worth_most(kills, {"d": {"branch"}}) == [
        "b",
        "c",
        "d",
    ]
    assert worth_most({}, {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os\n",
        "from io import open\n",
        "from m import *\n",
        "from . import m\n",
        "import pytest as p\n",
        "import pytest\n\n\ndef test_a():\n    pytest.main()\n",
        "from pathlib import Path\n\n\ndef test_a():\n    assert Path('/etc').exists()\n",
        "from m import f\n\n\ndef test_a(tmp_path):\n    tmp_path.rmdir()\n",
        "from m import f\n\n\ndef test_a():\n    assert open('x')\n",
        "x = 1\n",
    ],
)
def test_what_does_more_than_call_and_compare_is_not_plain(text):
    """It was written in a box in which the code ran."""
    assert not is_plain(text, {"m.py": ""})


def test_what_may_be_given_is_told_by_annotation_name_use_and_stars():
    """An annotation says most; then a class of that name, then what is done with it."""
    text = (
        "class Box:\n    def __init__(self, size):\n        self.size = size\n\n\n"
        "def f(box, path, work, *rest, n: int = 2):\n    open(path)\n    return work(box), rest, n\n"
    )
    found = find({"m.py": text}, {"m.py": "m"})
    target = next(each for each in found if each.name == "f")
    explorer = Explorer(found, {}, {"m.py": []}, classes({"m.py": text}, {"m.py": "m"}), whole=True)

    kinds = set()
    for _, calls in explorer.first(target):
        for call in calls:
            box, path, work = call.args[:3]
            kinds |= {type(box), type(path), type(work)}
            assert all(isinstance(each, tuple) for each in call.args[3:4])
    loose = explorer.first(target, told=False)

    assert kinds == {Made, File, Code}
    assert any(not isinstance(call.args[1], File) for _, calls in loose for call in calls)


def test_an_explorer_goes_on_from_what_it_has_seen():
    """Calls that somebody wrote down first; then others made anew, and others made of those that were answered."""
    text = '"""\n>>> twice(3)\n6\n"""\n\n\ndef twice(n: int):\n    return n * 2\n\n\nclass Box:\n    def __init__(self, size: int):\n        self.size = size\n\n    def put(self, item: str):\n        return self.size\n\n    @property\n    def full(self):\n        return False\n'
    found = find({"m.py": text}, {"m.py": "m"})
    explorer = Explorer(found, {}, {"m.py": [3]}, whole=True)
    twice, put = found[0], found[1]

    [example] = explorer.examples(examples({"m.py": text}))
    assert (example.args, example.wanted) == ((3,), "6")
    assert explorer.more(twice, 5) == []
    for target in (twice, put, found[2]):
        tried = [
            (each, [(call, returns("1", features=frozenset({("m.py", 1, 2, 3)}))) for call in calls])
            for each, calls in explorer.first(target)
        ]
        explorer.settle(target, tried)
    explorer.note([(Call(twice.number, (9,)), Outcome("crashes", "c", error="E", line=1))])

    others = explorer.more(twice, 20)
    stories = explorer.more(put, 20)

    assert len({call.told for call in others}) == len(others) > 5
    assert explorer.seen[twice.number].crashes
    assert all(call.whole for call in stories)
    assert any(len(call.steps) > 1 for call in stories)
    assert {step.name for call in stories for step in call.steps} == {"put", "full"}

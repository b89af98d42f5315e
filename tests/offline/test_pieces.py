"""The arithmetic of the search: suspicion, prices, code comparison, ranking, hints."""

from __future__ import annotations

import math
from functools import partial

import pytest

from agents.offline.worker.codes import Compiler, by_name, key
from agents.offline.worker.edits import Change, Edit, apply, overlap, shorten
from agents.offline.worker.failure import Failure, describe, hints
from agents.offline.worker.job import Job
from agents.offline.worker.localise import FARTHEST, IMPORTED, Spectrum, Suspicion, dstar, localise, ochiai
from agents.offline.worker.ranking import rank
from agents.offline.worker.source import Source


def change(text, old, new, bits=5.0):
    at = text.index(old)
    return Change("m.py", 1, "kind", "note", (Edit(at, at + len(old), new),), bits)


def test_a_line_that_only_failing_tests_run_is_the_most_suspicious():
    """Ochiai's formula."""
    assert ochiai(2, 0, 2) == 1.0
    assert ochiai(2, 2, 2) == pytest.approx(0.707, abs=0.001)
    assert ochiai(0, 3, 2) == 0.0
    assert dstar(2, 0, 2) == 1.0
    assert dstar(1, 0, 2) == 0.5  # a line that only one of two failing tests runs
    assert dstar(2, 2, 2) == pytest.approx(0.667, abs=0.001)
    assert dstar(0, 3, 2) == 0.0


def test_lines_are_ranked_over_several_files():
    """Files that were not handed in do not count."""
    red = Spectrum(passed=False, lines=frozenset({("a.py", 1), ("b.py", 2), ("lib.py", 3)}), traceback=(("b.py", 2),))
    green = Spectrum(passed=True, lines=frozenset({("a.py", 1)}))

    suspicion = localise([red, green], lines={"a.py": 5, "b.py": 5})

    assert [(p, n) for p, n, _ in suspicion.top()] == [("b.py", 2), ("a.py", 1)]
    assert suspicion.price("b.py", 2, 2) == pytest.approx(-1.0)
    assert suspicion.price("a.py", 1, 1) == pytest.approx(-1.5 * math.log2((ochiai(1, 1, 1) + dstar(1, 1, 1)) / 2))
    assert suspicion.price("a.py", 3, 4) is None


def test_without_any_run_every_line_may_be_at_fault():
    """A file that fails on import."""
    red = Spectrum(passed=False, lines=frozenset(), traceback=(("a.py", 4),))

    suspicion = localise([red], lines={"a.py": 9})

    assert suspicion.price("a.py", 4, 4) == -1.0
    assert suspicion.price("a.py", 7, 8) == FARTHEST


def test_lines_that_run_on_import_are_suspected_less_than_those_that_tests_run():
    """A constant of the module is part of every test, and no more of the failing ones."""
    red = Spectrum(passed=False, lines=frozenset({("a.py", 5)}))
    green = Spectrum(passed=True, lines=frozenset({("a.py", 7)}))

    suspicion = localise([red, green], lines={"a.py": 9}, imported=frozenset({("a.py", 1), ("a.py", 5), ("lib.py", 2)}))

    assert suspicion.of("a.py", 5) == 1.0  # although it runs on import too
    assert suspicion.of("a.py", 1) == pytest.approx(IMPORTED * (ochiai(1, 1, 1) + dstar(1, 1, 1)) / 2)
    assert suspicion.of("a.py", 7) == 0.0
    assert ("lib.py", 2) not in suspicion.scores


def test_a_line_at_which_changes_mend_something_is_suspected_before_those_at_which_none_do():
    """The search tells more than the spectra did; a line that they did not know comes in, too."""
    before = Suspicion({("a.py", 1): 1.0, ("a.py", 2): 0.5}, named=frozenset({("a.py", 1)}))

    after = before.weighed({("a.py", 2): 1.0, ("b.py", 3): 0.5})

    assert [(path, line) for path, line, _ in after.top()] == [("a.py", 2), ("b.py", 3), ("a.py", 1)]
    assert after.of("a.py", 2) == pytest.approx(0.875)
    assert after.of("b.py", 3) == pytest.approx(0.375)
    assert after.named == before.named
    assert [line for _, line, _ in before.weighed({}).top()] == [1, 2]


def test_edits_are_made_from_the_end_so_that_offsets_hold():
    """Several edits of one text."""
    assert apply("abc", [Edit(0, 1, "xx"), Edit(2, 3, "y")]) == "xxby"
    assert overlap([Edit(0, 2, "")], [Edit(1, 3, "")])
    assert not overlap([Edit(0, 1, "")], [Edit(2, 3, "")])
    assert len(shorten("x" * 200)) < 70


SOURCE = "import os\n\ndef f(a):\n    return a - 1\n\nclass A:\n    y = 1\n\n    def g(self, z=2):\n        return [q for q in (lambda: z)()]\n"


def compiled(old, new):
    return Compiler(Source("m.py", SOURCE)).candidate(change(SOURCE, old, new))


def test_a_change_inside_a_function_exchanges_only_that_function():
    """So that a candidate costs less than a millisecond."""
    found = compiled("a - 1", "a + 1")

    assert list(found.exchange) == [("f", 0)]
    assert found.rebuild is None


def test_a_change_of_a_default_runs_the_statement_again():
    """The function's code is the same; what made it is not."""
    found = compiled("z=2", "z=3")

    assert found.exchange is None
    assert found.rebuild is not None


def test_a_change_of_an_import_needs_everything_anew():
    """Neither can be done in a running module."""
    found = compiled("import os", "import sys")

    assert (found.exchange, found.rebuild) == (None, None)


def test_a_change_between_statements_is_compiled_with_the_whole_file():
    """Inserted lines belong to no statement."""
    found = Compiler(Source("m.py", SOURCE)).candidate(Change("m.py", 1, "k", "n", (Edit(10, 10, "x = 1\n"),), 1.0))

    assert found is not None


def test_a_new_inner_function_still_exchanges_the_outer_one():
    """Inner functions are made by the outer one's own code."""
    found = compiled("a - 1", "(lambda: a - 1)()")

    assert list(found.exchange) == [("f", 0)]


@pytest.mark.parametrize("new", ["a -", "(a - 1)"], ids=["does-not-compile", "says-the-same"])
def test_what_cannot_help_is_not_tried(new):
    """Texts that Python refuses, or that mean what was there."""
    assert compiled("a - 1", new) is None


def test_code_is_equal_wherever_it_stands():
    """Line numbers do not count, constants do."""
    one, two, three = (
        compile(t, "m", "exec") for t in ("def f(): return 1", "\n\ndef f(): return 1", "def f(): return 2")
    )

    assert key(one) == key(two) != key(three)
    assert list(by_name(one)) == [("f", 0)]


def test_a_variable_that_is_no_longer_read_costs_rank():
    """A patch that makes a parameter useless is seldom right."""
    text = "def f(a, b):\n    return a - b\n"
    source = Source("m.py", text)

    assert rank(source, change(text, "a - b", "a - 1")) > rank(source, change(text, "a - b", "a + b"))


def test_words_of_the_docstring_gain_rank():
    """The file says what was meant."""
    text = 'def f(left, right):\n    """The right one, left."""\n    return left + left + right\n'

    assert rank(Source("m.py", text), change(text, "left +", "right +")) < 5.0


def test_a_constant_condition_costs_rank_and_a_broken_text_changes_nothing():
    """Conditions that cannot go both ways hide faults."""
    text = "def f(a):\n    if a:\n        return a\n"
    source = Source("m.py", text)

    assert rank(source, change(text, "if a", "if a == a")) > 5.0
    assert rank(source, change(text, "if a:", "if a")) == 5.0


def failure_of(call):
    try:
        call()
    except BaseException as error:  # noqa: BLE001
        return describe(error, error.__traceback__, {__file__: "test_pieces.py"})
    raise AssertionError


class Odd(Exception):
    def __str__(self):
        raise ValueError

    def __dir__(self):
        raise ValueError


def test_a_failure_tells_what_it_misses_and_what_there_is():
    """The fitting templates come first."""
    attribute = failure_of(lambda: "x".uper)
    name = failure_of(lambda: undefined_thing + 1)  # noqa: F821
    module = failure_of(partial(__import__, "colections"))
    odd = failure_of(lambda: (_ for _ in ()).throw(Odd()))
    no_attribute = failure_of(lambda: Odd().missing)
    call = failure_of(len)

    found = hints([attribute, name, module, call], {"t.py": "x = 'abc'\n", "broken.py": "x ="}, ("m",))

    assert "upper" in found.attributes["uper"]
    assert found.names == ("undefined_thing",)
    assert found.modules == ("colections",)
    assert found.literals == ("'abc'",)
    assert found.arguments
    assert attribute.frames[0][0] == "test_pieces.py"
    assert (odd.message, no_attribute.has) == ("", ())


def test_an_import_that_fails_inside_a_test_file_is_told_as_itself():
    """Pytest wraps it in an exception of its own."""

    class CollectError(Exception):
        pass

    def collect():
        try:
            from os import nothing_such  # noqa: F401, PLC0415
        except ImportError as error:
            raise CollectError from error

    found = failure_of(collect)

    assert (found.type, found.module) == ("ImportError", "os")


def test_a_job_knows_its_suites_and_modules():
    """Support files of the tests are not collected where some file is named as a test."""
    job = Job.read(
        '{"files": {"src/a/__init__.py": "", "b.py": "", "x.txt": ""}, "tests": {"test_b.py": "", "help.py": ""}, "seconds": 1}'
    )

    assert job.modules == ("a", "b")
    assert job.suites == ["test_b.py"]
    assert Job(files={}, tests={"check.py": ""}, seconds=1).suites == ["check.py"]


def test_suspicion_of_an_unknown_line_is_none_at_all():
    """Zero, not an error."""
    assert Suspicion().of("m.py", 3) == 0.0


def test_a_source_knows_names_and_flags():
    """What may be used where."""
    source = Source(
        "m.py",
        "from __future__ import annotations\nimport os as o\ndef f(*a, k=1, **w):\n    try:\n        pass\n    except E as e:\n        lambda z: z\n",
    )
    inner = source.tree.body[2].body[0]

    assert set(source.visible(inner)) == {"a", "k", "w", "e", "annotations", "o", "f"}
    assert source.future_flags
    assert source.statement(inner) is inner
    assert source.block(source.tree.body[0]) == source.tree.body


def test_the_tests_say_which_exceptions_they_wait_for():
    """By pytest's words and unittest's; what failing tests died of is told beside it, if a program may catch it."""
    tests = {"t.py": "with pytest.raises(LookupError):\n    f()\nself.assertRaises(OSError, g)\n"}

    told = hints([Failure("ValueError"), Failure("AssertionError"), Failure("Odd")], tests, ())

    assert (told.raised, told.expected) == (("ValueError",), ("LookupError", "OSError"))

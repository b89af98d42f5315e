"""Files that do not parse are brought to parse by small edits."""

from __future__ import annotations

import ast
import time

import pytest

from agents.offline.worker.syntax import mend, parse_error


def tree(text):
    return ast.dump(ast.parse(text))


CASES = [
    pytest.param("def f(x)\n    return x\n", "def f(x):\n    return x\n", id="colon"),
    pytest.param("if x = 1:\n    y = 2\n", "if x == 1:\n    y = 2\n", id="equals"),
    pytest.param("print('a'\nx = 1\n", "print('a')\nx = 1\n", id="bracket"),
    pytest.param("x = [1, 2\ny = 3\n", "x = [1, 2]\ny = 3\n", id="square-bracket"),
    pytest.param("x = (1, 2]\n", "x = (1, 2)\n", id="wrong-bracket"),
    pytest.param("x = 1)\n", "x = 1\n", id="bracket-too-many"),
    pytest.param("x = f 1)\n", "x = f(1)\n", id="opening-bracket"),
    pytest.param("x = 'abc\n", "x = 'abc'\n", id="quote"),
    pytest.param('print("abc)\n', 'print("abc")\n', id="quote-before-bracket"),
    pytest.param("x = 'it's'\n", 'x = "it\'s"\n', id="apostrophe"),
    pytest.param("x = [1 2]\n", "x = [1, 2]\n", id="comma"),
    pytest.param("x = {'a' 1}\n", "x = {'a': 1}\n", id="colon-of-a-dict"),
    pytest.param("def f():\nreturn 1\n", "def f():\n    return 1\n", id="indent"),
    pytest.param("x = 1\n    y = 2\n", "x = 1\ny = 2\n", id="indent-too-many"),
    pytest.param("def f():\n    retrun 1\n", "def f():\n    return 1\n", id="keyword"),
    pytest.param("whlie True:\n    pass\n", "while True:\n    pass\n", id="while"),
    pytest.param("if a && b:\n    pass\n", "if a and b:\n    pass\n", id="other-languages-and"),
    pytest.param("if a:\n    pass\nelse if b:\n    pass\n", "if a:\n    pass\nelif b:\n    pass\n", id="else-if"),
    pytest.param("x++\n", "x += 1\n", id="increment"),
    pytest.param("for x range(3):\n    pass\n", "for x in range(3):\n    pass\n", id="in"),
    pytest.param("print 'hello'\n", "print('hello')\n", id="print"),
    pytest.param("f(x):\n    return x\n", "def f(x):\n    return x\n", id="def"),
    pytest.param("def f():\n\nx = 1\n", "def f():\n\n    pass\nx = 1\n", id="empty-block"),
    pytest.param(
        "def f():\n    a = 1\n\tb = 2\n    return a\n", "def f():\n    a = 1\n    b = 2\n    return a\n", id="tab"
    ),
    pytest.param(
        "def f(x)\n    if x = 1:\n        retrun x\n",
        "def f(x):\n    if x == 1:\n        return x\n",
        id="three-faults",
    ),
    pytest.param('def f():\n    """Doc\n    return 1\n', 'def f():\n    """Doc"""\n    return 1\n', id="docstring"),
    pytest.param("importos.path as p\n", "import os.path as p\n", id="glued"),
    pytest.param("if x == 1;\n    y = 1\n", "if x == 1:\n    y = 1\n", id="semicolon"),
]


@pytest.mark.parametrize(("broken", "whole"), CASES)
def test_a_small_slip_is_among_the_first_texts_that_parse(broken, whole):
    """What was meant comes early, for the tests to choose."""
    seen = []
    for mended in mend(broken):
        seen.append(mended.text)
        if tree(mended.text) == tree(whole):
            break

    assert tree(seen[-1]) == tree(whole)
    assert len(seen) <= 25
    assert all(parse_error(text) is None for text in seen)


def test_each_mended_text_says_what_was_done_and_where():
    """The person reads it in the draft's note."""
    first = next(mend("x = 1\nif x\n    y = 2\n"))

    assert (first.text, first.note, first.line) == ("x = 1\nif x:\n    y = 2\n", "line 2: missing colon", 2)


def test_a_text_that_parses_needs_nothing():
    """There is nothing to mend, and nothing is offered."""
    assert list(mend("x = 1\n")) == []


def test_a_hopeless_text_ends_at_its_bound():
    """Bounded by compiles and by time."""
    began = time.monotonic()

    found = list(mend("((((( ]]]] ))) if else def class 'x\n" * 5, until=began + 5))

    assert found == []
    assert time.monotonic() - began < 10


def test_a_null_byte_is_an_error_like_any_other():
    """Python raises another exception for it."""
    broken = parse_error("x = 1\x00\n")

    assert broken is not None
    assert "null" in broken.message

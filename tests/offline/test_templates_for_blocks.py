"""Kinds of repair that guard what raises, insert what is missing, and leave a block another way, by a fault each mends."""

from __future__ import annotations

import pytest

from agents.offline.worker.site import Hints

from .proposing import kinds, proposals, proposed

FUNCTION = "def f(a, b):\n    {}\n"
LOOP = "def f(a):\n    for x in a:\n        {}\n"
DUCK = "class Log:\n    def put(self, row):\n        self.rows.append(row)\n        self.size += 1\n\n    def take(self):\n        {}\n"


def died(kind: str, line: int = 2) -> Hints:
    """A failing test died of *kind* at *line*."""
    return Hints(crashes={("m.py", line): (kind,)})


@pytest.mark.parametrize(
    ("kind", "hints", "before", "after"),
    [
        pytest.param(
            "guard-cond",
            died("IndexError"),
            FUNCTION.format("if a[0] > b:\n        return 1"),
            FUNCTION.format("if a and a[0] > b:\n        return 1"),
            id="nothing-at-that-index",
        ),
        pytest.param(
            "guard-cond",
            died("IndexError"),
            FUNCTION.format("if a[b] or b:\n        return 1"),
            FUNCTION.format("if b < len(a) and (a[b] or b):\n        return 1"),
            id="index-behind-the-end",
        ),
        pytest.param(
            "guard-cond",
            died("AttributeError"),
            FUNCTION.format("while a.next != b:\n        a = a.next"),
            FUNCTION.format("while a is not None and a.next != b:\n        a = a.next"),
            id="none-at-the-end",
        ),
        pytest.param(
            "guard-cond",
            died("IndexError", 3),
            FUNCTION.format("while True:\n        b = a.pop()"),
            FUNCTION.format("while a:\n        b = a.pop()"),
            id="as-long-as-there-is-something",
        ),
        pytest.param(
            "guard-cond",
            died("ZeroDivisionError", 4),
            FUNCTION.format("if a < 0:\n        return 0\n    return a / b"),
            FUNCTION.format("if a < 0 or b == 0:\n        return 0\n    return a / b"),
            id="the-way-out-before-it",
        ),
        pytest.param(
            "guard-before",
            died("ZeroDivisionError"),
            FUNCTION.format("return sum(a) / len(a)"),
            FUNCTION.format("if not a:\n        return 0\n    return sum(a) / len(a)"),
            id="mean-of-nothing",
        ),
        pytest.param(
            "guard-before",
            died("KeyError"),
            FUNCTION.format("a[b] += 1"),
            FUNCTION.format("if b in a:\n        a[b] += 1"),
            id="only-for-known-keys",
        ),
        pytest.param(
            "guard-before",
            died("TypeError", 3),
            LOOP.format("x.go()"),
            LOOP.format("if x is None:\n            continue\n        x.go()"),
            id="none-is-passed-over",
        ),
        pytest.param(
            "guard-before",
            died("ValueError"),
            FUNCTION.format("a.remove(b)"),
            FUNCTION.format("if b not in a:\n        return False\n    a.remove(b)"),
            id="nothing-to-remove",
        ),
        pytest.param(
            "guard-before",
            died("ValueError"),
            FUNCTION.format("a, c = b"),
            FUNCTION.format("if not b:\n        return None\n    a, c = b"),
            id="nothing-to-unpack",
        ),
        pytest.param(
            "guard-value",
            died("IndexError"),
            FUNCTION.format("return a[-1]"),
            FUNCTION.format("return a[-1] if a else None"),
            id="last-of-nothing",
        ),
        pytest.param(
            "guard-value",
            died("ValueError"),
            FUNCTION.format("return max(a)"),
            FUNCTION.format("return max(a) if a else 0"),
            id="largest-of-nothing",
        ),
        pytest.param(
            "guard-value",
            died("ZeroDivisionError"),
            FUNCTION.format("return 1 + a % b"),
            FUNCTION.format("return 1 + (a % b if b != 0 else 0)"),
            id="rest-of-nothing",
        ),
    ],
)
def test_a_guard_is_the_one_that_the_failure_asks_for(kind, hints, before, after):
    """What raised says which condition was missing."""
    assert kind in kinds(before, after, hints)


@pytest.mark.parametrize(
    ("kind", "hints", "text"),
    [
        pytest.param("guard-cond", died("IndexError", 9), FUNCTION.format("if a[0]:\n        pass"), id="another-line"),
        pytest.param("guard-cond", died("IndexError"), FUNCTION.format("if a < b:\n        pass"), id="takes-nothing"),
        pytest.param("guard-before", Hints(raised=("KeyError",)), FUNCTION.format("a[b] += 1"), id="place-unknown"),
        pytest.param("guard-before", died("RuntimeError"), FUNCTION.format("a[b] += 1"), id="no-condition-known"),
        pytest.param("guard-before", died("KeyError", 1), "a[b] += 1\n", id="no-function-to-leave"),
        pytest.param("guard-value", died("KeyError"), FUNCTION.format("a[b] = 1"), id="stored"),
        pytest.param("guard-value", died("IndexError"), FUNCTION.format("return a[1:]"), id="slices-never-raise"),
    ],
)
def test_without_a_danger_there_is_no_guard(kind, hints, text):
    """No candidate is spent on a condition that nothing asked for."""
    assert kind not in proposed(text, hints)


def test_the_usual_answer_of_the_function_is_the_first_that_an_early_way_out_gives():
    """What it returns elsewhere, before what functions return in general."""
    text = FUNCTION.format("if b < 0:\n        return 'none'\n    return a[b]")

    found = [
        (c.bits, new) for c, new in proposals(text, died("KeyError", 4)) if c.template == "guard-before" and "\n    if" in new
    ]  # fmt: skip

    assert "if b not in a:\n        return 'none'" in min(found)[1]


INSERTED = [
    pytest.param(
        "else-branch",
        FUNCTION.format("if a:\n        b = 1\n    return b"),
        FUNCTION.format("if a:\n        b = 1\n    else:\n        b = 0\n    return b"),
        id="the-other-value",
    ),
    pytest.param(
        "else-branch",
        LOOP.format("if x:\n            yield x"),
        LOOP.format("if x:\n            yield x\n        else:\n            break"),
        id="the-end-otherwise",
    ),
    pytest.param(
        "else-branch",
        FUNCTION.format("if a:\n        b = 1\n    elif b:\n        a = 1"),
        FUNCTION.format("if a:\n        b = 1\n    elif b:\n        a = 1\n    else:\n        return None"),
        id="behind-elif",
    ),
    pytest.param(
        "insert-stmt",
        DUCK.format("return self.rows.pop()"),
        DUCK.format("self.size -= 1\n        return self.rows.pop()"),
        id="what-another-method-counts",
    ),
    pytest.param(
        "insert-stmt",
        LOOP.format("print(x in a)"),
        LOOP.format("print(x in a)\n        a.remove(x)"),
        id="as-the-last-of-a-block",
    ),
    pytest.param(
        "insert-stmt",
        "def one(a, n):\n    n = abs(n)\n    return a * n\n\n\ndef two(a, n):\n    return a + n\n",
        "def one(a, n):\n    n = abs(n)\n    return a * n\n\n\ndef two(a, n):\n    n = abs(n)\n    return a + n\n",
        id="as-the-neighbour-does",
    ),
    pytest.param(
        "insert-guarded",
        LOOP.format("yield x"),
        LOOP.format("if not x:\n            continue\n        yield x"),
        id="passed-over",
    ),
    pytest.param(
        "insert-guarded",
        FUNCTION.format("return a / b"),
        FUNCTION.format("if a is None:\n        return None\n    return a / b"),
        id="none-for-none",
    ),
]


@pytest.mark.parametrize(("kind", "before", "after"), INSERTED)
def test_a_missing_statement_is_made_of_what_is_at_hand(kind, before, after):
    """By the names in reach and by what the code does elsewhere."""
    assert kind in kinds(before, after)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("else-branch", FUNCTION.format("if a:\n        b = 1\n    else:\n        b = 2"), id="has-one"),
        pytest.param("else-branch", FUNCTION.format("if a: b = 1"), id="on-one-line"),
        pytest.param("else-branch", "if a:\n    b = 1\n", id="no-function"),
        pytest.param("insert-stmt", "a = 1\nb = a\n", id="nothing-in-modules"),
        pytest.param("insert-stmt", "def f(a): a.append(1); return a\n", id="statements-that-share-a-line"),
        pytest.param("insert-guarded", "a = 1\n", id="no-function-to-leave-early"),
        pytest.param("insert-return", "a = 1\n", id="no-function-to-return-from"),
        pytest.param("leave", "def f(a):\n    'Says what it does.'\n", id="a-docstring-is-no-answer"),
        pytest.param("leave", "print(1)\n", id="a-module-returns-nothing"),
        pytest.param("keyword", FUNCTION.format("b = 1 if a else 2"), id="an-expression"),
        pytest.param(
            "swap-branches",
            FUNCTION.format("if a:\n        b = 1\n    elif b:\n        b = 2"),
            id="elif-is-no-else",
        ),
        pytest.param("swap-branches", FUNCTION.format("if a:\n        b = 1"), id="one-branch"),
    ],
)
def test_where_nothing_can_be_missing_nothing_is_inserted(kind, text):
    """Not into modules, between statements of one line, or into what is whole."""
    assert kind not in proposed(text)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("leave", LOOP.format("continue"), LOOP.format("break"), id="break"),
        pytest.param("leave", FUNCTION.format("yield from a"), FUNCTION.format("return a"), id="return-for-yield"),
        pytest.param("leave", FUNCTION.format("return g(a)"), FUNCTION.format("g(a)"), id="no-return"),
        pytest.param(
            "keyword",
            FUNCTION.format("while a:\n        return b"),
            FUNCTION.format("if a:\n        return b"),
            id="once",
        ),
        pytest.param(
            "swap-branches",
            LOOP.format("if x:\n            yield x\n        else:\n            break"),
            LOOP.format("if x:\n            break\n        else:\n            yield x"),
            id="branches-in-a-loop",
        ),
        pytest.param("insert-return", LOOP.format("print(x)"), LOOP.format("print(x)\n        break"), id="first-only"),
        pytest.param(
            "insert-return",
            FUNCTION.format("if a:\n        b += 1\n    return b"),
            FUNCTION.format("if a:\n        b += 1\n        return a\n    return b"),
            id="out-of-a-branch",
        ),
        pytest.param(
            "insert-return",
            LOOP.format("print(x)\n        yield 1"),
            LOOP.format("yield x\n        print(x)\n        yield 1"),
            id="one-more-value",
        ),
    ],
)
def test_a_block_is_left_another_way(kind, before, after):
    """Sooner, later, with an answer or without."""
    assert kind in kinds(before, after)

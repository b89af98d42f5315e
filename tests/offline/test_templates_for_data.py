"""Kinds of repair for containers, for what is never filled or moved, and for one slip in several places, by a fault each mends."""

from __future__ import annotations

import pytest

from .proposing import kinds, proposals, proposed

FUNCTION = "def f(a, b):\n    {}\n"
TWICE = (
    "def f(xs):\n    seen = set()\n    for x in xs:\n        if x in seen:\n            return x\n{}    return None\n"
)
ALL = "def f(xs):\n    out = []\n    for x in xs:\n        y = x * 2\n{}    return out\n"
KEPT = "def f(xs):\n    memo = {{}}\n    for x in xs:\n        y = g(x, len(memo))\n{}    return memo\n"
AGAIN = (
    "def f(xs):\n    last = None\n    for x in xs:\n        if x == last:\n            return x\n{}    return None\n"
)
STEPS = "def f(n):\n    k = 0\n    while k < n:\n        print(k)\n{}"
SQUARE = "class Box:\n    def area(self):\n        return {}\n"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param(
            "same-rows",
            FUNCTION.format("return [[0] * a] * b"),
            FUNCTION.format("return [[0] * a for _ in range(b)]"),
            id="rows",
        ),
        pytest.param(
            "same-rows",
            FUNCTION.format("c = 3 * [set()]"),
            FUNCTION.format("c = [set() for _ in range(3)]"),
            id="number-in-front",
        ),
        pytest.param(
            "deep-copy",
            "import copy\n\n\ndef f(a):\n    return copy.copy(a)\n",
            "import copy\n\n\ndef f(a):\n    return copy.deepcopy(a)\n",
            id="the-module-is-there",
        ),
        pytest.param(
            "deep-copy",
            "from copy import deepcopy\n\n\ndef f(a):\n    return a[:]\n",
            "from copy import deepcopy\n\n\ndef f(a):\n    return deepcopy(a)\n",
            id="the-function-is-there",
        ),
        pytest.param(
            "deep-copy",
            FUNCTION.format("return dict(a)"),
            "from copy import deepcopy\n\n\n" + FUNCTION.format("return deepcopy(a)"),
            id="neither-is-there",
        ),
        pytest.param(
            "deep-copy", FUNCTION.format("b = a.copy()"), FUNCTION.format("b = [list(row) for row in a]"), id="each-row"
        ),
        pytest.param("first-use", FUNCTION.format("a[b] += 1"), FUNCTION.format("a[b] = a.get(b, 0) + 1"), id="counted"),
        pytest.param(
            "first-use",
            FUNCTION.format("a[b].add(1)"),
            FUNCTION.format("a.setdefault(b, set()).add(1)"),
            id="put-into-a-set",
        ),
        pytest.param(
            "add-to-key", FUNCTION.format("a[b] = 1"), FUNCTION.format("a[b] = a.get(b, 0) + 1"), id="counted-up"
        ),
        pytest.param(
            "add-to-key",
            FUNCTION.format("a[b.key] = [b]"),
            FUNCTION.format("a.setdefault(b.key, []).append(b)"),
            id="collected",
        ),
        pytest.param("fill", TWICE.format(""), TWICE.format("        seen.add(x)\n"), id="set"),
        pytest.param("fill", ALL.format(""), ALL.format("        out.append(y)\n"), id="list"),
        pytest.param("fill", KEPT.format(""), KEPT.format("        memo[x] = y\n"), id="dict"),
        pytest.param("move-on", AGAIN.format(""), AGAIN.format("        last = x\n"), id="what-was-before"),
        pytest.param("move-on", STEPS.format(""), STEPS.format("        k += 1\n"), id="counter"),
    ],
)  # fmt: skip
def test_a_container_or_a_variable_gets_what_it_lacks(kind, before, after):
    """Rows of its own, all that it holds copied, a first value, or any value at all."""
    assert kind in kinds(before, after)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("same-rows", FUNCTION.format("return [0] * a"), id="numbers-may-be-shared"),
        pytest.param("same-rows", FUNCTION.format("return [[a], [b]] * 2"), id="more-than-one-row"),
        pytest.param("deep-copy", FUNCTION.format("return a[1:]"), id="a-part-is-no-copy"),
        pytest.param("deep-copy", FUNCTION.format("return list()"), id="nothing-to-copy"),
        pytest.param("first-use", FUNCTION.format("a += b"), id="no-key"),
        pytest.param("first-use", FUNCTION.format("a[:].append(b)"), id="a-slice-is-always-there"),
        pytest.param("first-use", FUNCTION.format("return a[b].strip()"), id="puts-nothing-in"),
        pytest.param("add-to-key", FUNCTION.format("a[b:] = []"), id="a-slice-is-no-key"),
        pytest.param("add-to-key", FUNCTION.format("a = b"), id="no-container"),
        pytest.param("fill", TWICE.format("        seen.add(x)\n"), id="grows"),
        pytest.param("fill", TWICE.format("        note(x, seen)\n"), id="somebody-else-may-fill-it"),
        pytest.param("fill", TWICE.format("        seen |= {x}\n"), id="is-added-to"),
        pytest.param("fill", KEPT.format("        memo[0] = 1\n"), id="has-a-key"),
        pytest.param("fill", "seen = []\nfor x in seen:\n    y = x\n", id="no-function"),
        pytest.param("move-on", AGAIN.format("        last = x\n"), id="moves"),
        pytest.param("move-on", FUNCTION.format("c = 0\n    return a[c]"), id="no-loop"),
        pytest.param("move-on", "k = 0\nwhile k < 3:\n    print(k)\n", id="no-function-around-the-loop"),
    ],
)
def test_what_has_all_it_needs_is_left_alone(kind, text):
    """Such candidates would come early and mend nothing."""
    assert kind not in proposed(text)


def test_an_import_for_a_copy_comes_in_with_it():
    """Either without the other would be a fault of its own."""
    text = '"""Doc."""\nimport os\n\n\ndef f(a):\n    return a.copy()\n'

    found = [new for change, new in proposals(text) if change.template == "deep-copy" and "deepcopy(a)" in new]

    assert [new.count("from copy import deepcopy\n") for new in found] == [1]
    assert found[0].index("import os") < found[0].index("def f")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("both-sides", FUNCTION.format("return a - b"), FUNCTION.format("return len(a) - len(b)"), id="len"),
        pytest.param(
            "both-sides",
            FUNCTION.format("return a == b + 'x'"),
            FUNCTION.format("return a.lower() == (b + 'x').lower()"),
            id="lower",
        ),
        pytest.param(
            "both-sides", FUNCTION.format("return abs(a) < abs(b)"), FUNCTION.format("return a < b"), id="freed-of-it"
        ),
        pytest.param(
            "every-constant", FUNCTION.format("return a[1] + b[1]"), FUNCTION.format("return a[0] + b[0]"), id="index"
        ),
        pytest.param(
            "every-constant",
            FUNCTION.format("return g(a, True) or g(b, True)"),
            FUNCTION.format("return g(a, False) or g(b, False)"),
            id="flag",
        ),
        pytest.param(
            "every-use", FUNCTION.format("return a * a + b"), FUNCTION.format("return b * b + b"), id="in-a-statement"
        ),
        pytest.param(
            "every-use",
            FUNCTION.format("for c in a:\n        g(a[c], b)"),
            FUNCTION.format("for c in b:\n        g(b[c], b)"),
            id="in-a-loop",
        ),
        pytest.param(
            "every-attribute",
            SQUARE.format("self.w * self.w - self.h"),
            SQUARE.format("self.h * self.h - self.h"),
            id="of-an-object",
        ),
        pytest.param(
            "every-attribute",
            FUNCTION.format("return a.left.y, a.left.x, a.right.x"),
            FUNCTION.format("return a.right.y, a.right.x, a.right.x"),
            id="on-the-way",
        ),
        pytest.param(
            "every-comparison",
            FUNCTION.format("return 0 < a and a < b"),
            FUNCTION.format("return 0 <= a and a <= b"),
            id="bounds",
        ),
        pytest.param(
            "every-comparison",
            FUNCTION.format("if a < b:\n        return 1\n    return (b) > (a)"),
            FUNCTION.format("if a > b:\n        return 1\n    return (b) < (a)"),
            id="order-of-a-function",
        ),
    ],
)  # fmt: skip
def test_a_slip_that_was_made_twice_is_mended_twice(kind, before, after):
    """Neither place alone turns a test green."""
    assert kind in kinds(before, after)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("both-sides", FUNCTION.format("return 0 < a < b"), id="three-sides"),
        pytest.param("every-constant", FUNCTION.format("return a[1] + b[2]"), id="each-once"),
        pytest.param("every-constant", FUNCTION.format("return g(a, 1) or g(b, True)"), id="equal-and-yet-another-type"),
        pytest.param("every-constant", "x = 1\ny = 1\n", id="no-function-that-they-share"),
        pytest.param("every-use", FUNCTION.format("return a + b"), id="each-name-once"),
        pytest.param("every-attribute", FUNCTION.format("return a.x + a.x"), id="no-other-attribute"),
        pytest.param("every-comparison", FUNCTION.format("return a < b"), id="one-comparison"),
        pytest.param("every-comparison", FUNCTION.format("return a == 1 and b == 2"), id="no-order"),
    ],
)  # fmt: skip
def test_what_occurs_once_is_not_changed_everywhere(kind, text):
    """The single edit is another template's, and cheaper."""
    assert kind not in proposed(text)

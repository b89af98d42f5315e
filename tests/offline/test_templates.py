"""Each kind of repair, by a fault it mends."""

from __future__ import annotations

import pytest

from agents.offline.worker.site import Hints

from .proposing import kinds, proposals, proposed

FUNCTION = "def f(a, b):\n    {}\n"
CASES = [
    pytest.param("cmp-op", FUNCTION.format("return a < b"), FUNCTION.format("return a <= b"), id="comparison"),
    pytest.param("cmp-op", FUNCTION.format("return a not in b"), FUNCTION.format("return a in b"), id="membership"),
    pytest.param("cmp-op", FUNCTION.format("return a is None"), FUNCTION.format("return a is not None"), id="identity"),
    pytest.param("arith-op", FUNCTION.format("return a - b"), FUNCTION.format("return a + b"), id="arithmetic"),
    pytest.param("aug-op", FUNCTION.format("a -= b"), FUNCTION.format("a += b"), id="augmented"),
    pytest.param("accumulate", FUNCTION.format("a = b"), FUNCTION.format("a += b"), id="assign-to-augmented"),
    pytest.param("aug-op", FUNCTION.format("a += b"), FUNCTION.format("a = b"), id="augmented-to-assign"),
    pytest.param("bool-op", FUNCTION.format("return a and b"), FUNCTION.format("return a or b"), id="boolean"),
    pytest.param(
        "negate", FUNCTION.format("return a if not b else 1"), FUNCTION.format("return a if b else 1"), id="without-not"
    ),
    pytest.param(
        "negate", FUNCTION.format("return 1 if a else b"), FUNCTION.format("return 1 if not a else b"), id="with-not"
    ),
    pytest.param(
        "negate",
        FUNCTION.format("return 1 if a and b else b"),
        FUNCTION.format("return 1 if not (a and b) else b"),
        id="not-of-and",
    ),
    pytest.param("unwrap-binop", FUNCTION.format("return a + 1"), FUNCTION.format("return a"), id="one-operand"),
    pytest.param("unwrap-binop", FUNCTION.format("return a and b"), FUNCTION.format("return b"), id="one-condition"),
    pytest.param("unwrap-binop", FUNCTION.format("return -a"), FUNCTION.format("return a"), id="no-sign"),
    pytest.param("unwrap-binop", FUNCTION.format("return a if a else b"), FUNCTION.format("return b"), id="one-branch"),
    pytest.param("swap-operands", FUNCTION.format("return a - b"), FUNCTION.format("return b - a"), id="operands"),
    pytest.param("swap-operands", FUNCTION.format("return a < b"), FUNCTION.format("return b < a"), id="compared"),
    pytest.param("swap-operands", FUNCTION.format("return a or b"), FUNCTION.format("return b or a"), id="or-ed"),
    pytest.param(
        "swap-operands", FUNCTION.format("return a if b else 1"), FUNCTION.format("return 1 if b else a"), id="branches"
    ),
    pytest.param("reassoc", FUNCTION.format("return a + b * 2"), FUNCTION.format("return (a + b) * 2"), id="binding"),
    pytest.param(
        "reassoc", FUNCTION.format("return a - b * 5 / 9"), FUNCTION.format("return (a - b) * 5 / 9"), id="binding-less"
    ),
    pytest.param(
        "reassoc", FUNCTION.format("return 5 * a - b"), FUNCTION.format("return 5 * (a - b)"), id="binding-behind"
    ),
    pytest.param(
        "reassoc", FUNCTION.format("return (a + b) * 2"), FUNCTION.format("return a + (b * 2)"), id="binding-back"
    ),
    pytest.param("minus", FUNCTION.format("return a"), FUNCTION.format("return -a"), id="sign"),
    pytest.param("absolute", FUNCTION.format("return a - b"), FUNCTION.format("return abs(a - b)"), id="absolute"),
    pytest.param("const-tweak", FUNCTION.format("return a[0]"), FUNCTION.format("return a[1]"), id="constant"),
    pytest.param("const-tweak", FUNCTION.format("return a * 1.5"), FUNCTION.format("return a * 2.5"), id="float"),
    pytest.param("bool-flip", FUNCTION.format("return True"), FUNCTION.format("return False"), id="flag"),
    pytest.param("bool-flip", FUNCTION.format("return None"), FUNCTION.format("return []"), id="none"),
    pytest.param("str-tweak", FUNCTION.format("return ' '.join(a)"), FUNCTION.format("return ''.join(a)"), id="string"),
    pytest.param("str-tweak", "A = 'left'\nB = 'right'\n", "A = 'right'\nB = 'right'\n", id="string-of-the-file"),
    pytest.param(
        "off-by-one", FUNCTION.format("return range(a)"), FUNCTION.format("return range(a + 1)"), id="off-by-one"
    ),
    pytest.param(
        "const-to-expr", FUNCTION.format("return a[0]"), FUNCTION.format("return a[b]"), id="constant-to-name"
    ),
    pytest.param("display", FUNCTION.format("a = []"), FUNCTION.format("a = [[]]"), id="first-element"),
    pytest.param("display", FUNCTION.format("a = {}"), FUNCTION.format("a = set()"), id="dict-to-set"),
    pytest.param("display", FUNCTION.format("a = list()"), FUNCTION.format("a = {}"), id="list-to-dict"),
    pytest.param("display", FUNCTION.format("a = [b]"), FUNCTION.format("a = b"), id="element-alone"),
    pytest.param("swap-elts", FUNCTION.format("return a, b"), FUNCTION.format("return b, a"), id="elements"),
    pytest.param("var-replace", FUNCTION.format("return a.x"), FUNCTION.format("return b.x"), id="variable"),
    pytest.param(
        "var-replace",
        "def f(a):\n    return g(a)\n\ndef g(a):\n    return a\n",
        "def f(a):\n    return f(a)\n\ndef g(a):\n    return a\n",
        id="function",
    ),
    pytest.param("target-replace", FUNCTION.format("a = 1"), FUNCTION.format("b = 1"), id="target"),
    pytest.param("func-replace", FUNCTION.format("return min(a)"), FUNCTION.format("return max(a)"), id="builtin"),
    pytest.param(
        "func-replace", "import math\nx = math.floor(1.5)\n", "import math\nx = math.ceil(1.5)\n", id="module-function"
    ),
    pytest.param("method-replace", FUNCTION.format("a.append(b)"), FUNCTION.format("a.extend(b)"), id="method"),
    pytest.param(
        "attr-replace", FUNCTION.format("return a.x + a.y"), FUNCTION.format("return a.y + a.y"), id="attribute"
    ),
    pytest.param("object-of", FUNCTION.format("return a.x"), FUNCTION.format("return a"), id="object"),
    pytest.param("swap-args", FUNCTION.format("return g(a, b)"), FUNCTION.format("return g(b, a)"), id="arguments"),
    pytest.param("swap-params", "def f(a, b):\n    return a\n", "def f(b, a):\n    return a\n", id="parameters"),
    pytest.param("drop-arg", FUNCTION.format("return g(a, b)"), FUNCTION.format("return g(a)"), id="argument-gone"),
    pytest.param(
        "drop-arg",
        FUNCTION.format("return sorted(a, reverse=True)"),
        FUNCTION.format("return sorted(a)"),
        id="keyword-gone",
    ),
    pytest.param("add-arg", FUNCTION.format("return g(a)"), FUNCTION.format("return g(a, b)"), id="argument-more"),
    pytest.param(
        "add-arg",
        FUNCTION.format("return sorted(a)"),
        FUNCTION.format("return sorted(a, reverse=True)"),
        id="keyword-more",
    ),
    pytest.param("wrap-call", FUNCTION.format("return a"), FUNCTION.format("return len(a)"), id="wrapped"),
    pytest.param("wrap-method", FUNCTION.format("return a"), FUNCTION.format("return a.strip()"), id="method-called"),
    pytest.param("wrap-minmax", FUNCTION.format("a = b"), FUNCTION.format("a = max(a, b)"), id="running-maximum"),
    pytest.param("unwrap-call", FUNCTION.format("return g(a)"), FUNCTION.format("return a"), id="unwrapped"),
    pytest.param("unwrap-call", FUNCTION.format("return a.g()"), FUNCTION.format("return a"), id="method-gone"),
    pytest.param("parentheses", FUNCTION.format("return a.items"), FUNCTION.format("return a.items()"), id="called"),
    pytest.param("parentheses", FUNCTION.format("a.close"), FUNCTION.format("a.close()"), id="statement-called"),
    pytest.param("parentheses", FUNCTION.format("return a()"), FUNCTION.format("return a"), id="not-called"),
    pytest.param("range", FUNCTION.format("return range(a)"), FUNCTION.format("return range(len(a))"), id="range"),
    pytest.param(
        "range", FUNCTION.format("return range(a, b)"), FUNCTION.format("return range(a, b, -1)"), id="range-step"
    ),
    pytest.param("use-result", FUNCTION.format("a.strip()"), FUNCTION.format("a = a.strip()"), id="result-kept"),
    pytest.param("use-result", FUNCTION.format("a = b.sort()"), FUNCTION.format("b.sort()"), id="result-not-kept"),
    pytest.param("slice-bounds", FUNCTION.format("return a[1:]"), FUNCTION.format("return a[:]"), id="slice"),
    pytest.param("slice-bounds", FUNCTION.format("return a[:b]"), FUNCTION.format("return a[b:]"), id="other-side"),
    pytest.param("index", FUNCTION.format("return a[0][b]"), FUNCTION.format("return a[b][0]"), id="indexes"),
    pytest.param("index", FUNCTION.format("return a[b]"), FUNCTION.format("return a.get(b, 0)"), id="safe-get"),
    pytest.param("add-slice", FUNCTION.format("return sum(a)"), FUNCTION.format("return sum(a[1:])"), id="part"),
    pytest.param("add-slice", FUNCTION.format("return a"), FUNCTION.format("return a[b:]"), id="part-from-variable"),
    pytest.param(
        "strengthen-cond",
        FUNCTION.format("while a:\n        pass"),
        FUNCTION.format("while a and b:\n        pass"),
        id="stronger",
    ),
    pytest.param(
        "weaken-cond",
        FUNCTION.format("while a:\n        pass"),
        FUNCTION.format("while a or b:\n        pass"),
        id="weaker",
    ),
    pytest.param(
        "other-cond",
        FUNCTION.format("while True:\n        pass"),
        FUNCTION.format("while a:\n        pass"),
        id="other-condition",
    ),
    pytest.param("expr-reuse", FUNCTION.format("return a, g(b)"), FUNCTION.format("return g(b), g(b)"), id="reused"),
    pytest.param("expr-to-var", FUNCTION.format("return g(a)"), FUNCTION.format("return b"), id="simpler"),
    pytest.param("extend-arith", FUNCTION.format("return a"), FUNCTION.format("return a + b"), id="one-more-term"),
    pytest.param("delete-stmt", FUNCTION.format("a += 1\n    return a"), FUNCTION.format("return a"), id="deleted"),
    pytest.param("delete-stmt", FUNCTION.format("a += 1"), FUNCTION.format("pass"), id="only-statement"),
    pytest.param(
        "delete-stmt",
        FUNCTION.format("if a:\n        b = 1\n    return b"),
        FUNCTION.format("b = 1\n    return b"),
        id="always",
    ),
    pytest.param(
        "swap-stmts", FUNCTION.format("a = 1\n    b = a"), FUNCTION.format("b = a\n    a = 1"), id="neighbours"
    ),
    pytest.param(
        "swap-stmts",
        FUNCTION.format("a = 1\n    b = a\n    g(b)"),
        FUNCTION.format("b = a\n    g(b)\n    a = 1"),
        id="further",
    ),
    pytest.param(
        "move-stmt",
        FUNCTION.format("for x in a:\n        b += x\n        return b"),
        FUNCTION.format("for x in a:\n        b += x\n    return b"),
        id="out-of-the-loop",
    ),
    pytest.param(
        "move-stmt",
        FUNCTION.format("for x in a:\n        b += x\n    g(b)"),
        FUNCTION.format("for x in a:\n        b += x\n        g(b)"),
        id="into-the-loop",
    ),
    pytest.param("wrap-if", FUNCTION.format("b = 1"), FUNCTION.format("if a:\n        b = 1"), id="guarded"),
    pytest.param("leave", FUNCTION.format("a + b"), FUNCTION.format("return a + b"), id="forgotten-return"),
    pytest.param("leave", FUNCTION.format("return a"), FUNCTION.format("yield a"), id="yield"),
    pytest.param("leave", FUNCTION.format("yield a"), FUNCTION.format("yield from a"), id="yield-from"),
    pytest.param(
        "leave",
        FUNCTION.format("while a:\n        break"),
        FUNCTION.format("while a:\n        continue"),
        id="continue",
    ),
    pytest.param(
        "keyword", FUNCTION.format("if a:\n        b = 1"), FUNCTION.format("while a:\n        b = 1"), id="while"
    ),
    pytest.param(
        "keyword",
        FUNCTION.format("if a:\n        b = 1\n    if b:\n        a = 1"),
        FUNCTION.format("if a:\n        b = 1\n    elif b:\n        a = 1"),
        id="elif",
    ),
    pytest.param(
        "keyword",
        FUNCTION.format("if a:\n        b = 1\n    elif b:\n        a = 1"),
        FUNCTION.format("if a:\n        b = 1\n    if b:\n        a = 1"),
        id="no-elif",
    ),
    pytest.param(
        "swap-branches",
        FUNCTION.format("if a:\n        b = 1\n    else:\n        b = 2"),
        FUNCTION.format("if a:\n        b = 2\n    else:\n        b = 1"),
        id="branches-of-if",
    ),
    pytest.param(
        "insert-stmt",
        FUNCTION.format("while a:\n        print(b)"),
        FUNCTION.format("while a:\n        print(b)\n        b += 1"),
        id="step",
    ),
    pytest.param(
        "insert-stmt",
        FUNCTION.format("a = []\n    return a"),
        FUNCTION.format("a = []\n    a.append(b)\n    return a"),
        id="append",
    ),
    pytest.param(
        "insert-return", FUNCTION.format("a += b"), FUNCTION.format("a += b\n    return a"), id="return-at-the-end"
    ),
    pytest.param(
        "insert-guarded",
        FUNCTION.format("return a / b"),
        FUNCTION.format("if b == 0:\n        return 0\n    return a / b"),
        id="edge-case",
    ),
    pytest.param(
        "mutable-default",
        "def f(a=[]):\n    return a\n",
        "def f(a=None):\n    if a is None:\n        a = []\n    return a\n",
        id="default",
    ),
    pytest.param(
        "instance-attribute",
        "class A:\n    xs = []\n\n    def __init__(self):\n        self.y = 1\n",
        "class A:\n\n    def __init__(self):\n        self.y = 1\n        self.xs = []\n",
        id="class-attribute",
    ),
    pytest.param(
        "late-binding",
        "fs = []\nfor i in range(3):\n    fs.append(lambda: i)\n",
        "fs = []\nfor i in range(3):\n    fs.append(lambda i=i: i)\n",
        id="lambda",
    ),
    pytest.param(
        "declare", "n = 0\n\ndef f():\n    n += 1\n", "n = 0\n\ndef f():\n    global n\n    n += 1\n", id="global"
    ),
    pytest.param(
        "declare",
        "def f():\n    n = 0\n\n    def g():\n        n += 1\n    return g\n",
        "def f():\n    n = 0\n\n    def g():\n        nonlocal n\n        n += 1\n    return g\n",
        id="nonlocal",
    ),
    pytest.param("copy", FUNCTION.format("b = a"), FUNCTION.format("b = a.copy()"), id="copied"),
    pytest.param(
        "name-typo",
        "def f(values):\n    return sum(valeus)\n",
        "def f(values):\n    return sum(values)\n",
        id="misspelt",
    ),
    pytest.param(
        "name-typo", "def f(a):\n    return lenn(a)\n", "def f(a):\n    return len(a)\n", id="misspelt-builtin"
    ),
    pytest.param(
        "defined-typo",
        "def f(vaule):\n    return value\n",
        "def f(value):\n    return value\n",
        id="misspelt-parameter",
    ),
    pytest.param(
        "add-self",
        "class A:\n    def f(self):\n        self.x = 1\n        return x\n",
        "class A:\n    def f(self):\n        self.x = 1\n        return self.x\n",
        id="self",
    ),
    pytest.param(
        "add-self-parameter",
        "class A:\n    def f():\n        return 1\n",
        "class A:\n    def f(self):\n        return 1\n",
        id="self-parameter",
    ),
    pytest.param("add-import", "x = math.pi\n", "import math\n\n\nx = math.pi\n", id="import"),
    pytest.param(
        "add-import",
        '"""Doc."""\nx = deque()\n',
        '"""Doc."""\nfrom collections import deque\nx = deque()\n',
        id="from-import",
    ),
    pytest.param(
        "add-import",
        "import os\nx = np.array(1)\n",
        "import os\nimport numpy as np\nx = np.array(1)\n",
        id="short-name",
    ),
    pytest.param("fix-import", "import jsn\n", "import json\n", id="module-name"),
    pytest.param(
        "fix-import",
        "from collections import defaultdct\nx = defaultdct(int)\n",
        "from collections import defaultdict\nx = defaultdict(int)\n",
        id="imported-name",
    ),
    pytest.param("fix-import", "from itertools import reduce\n", "from functools import reduce\n", id="other-module"),
]


@pytest.mark.parametrize(("kind", "before", "after"), CASES)
def test_each_kind_of_repair_proposes_the_edit_it_is_for(kind, before, after):
    """The fault is one edit of that kind away."""
    found = kinds(before, after)

    assert kind in found


def test_what_a_failure_says_is_missing_is_offered_first():
    """A missing attribute whose object is known is the cheapest idea there is."""
    hints = Hints(attributes={"itmes": ("items", "push", "_x")})
    text = "class A:\n    def f(self):\n        return self.itmes\n"

    change, new = proposals(text, hints)[0]

    assert (change.template, "self.items" in new) == ("attr-typo", True)


def test_a_function_that_others_call_by_another_name_is_renamed_with_its_uses():
    """A test imports `total`; the file calls it `totl`."""
    hints = Hints(imports=(("m", "total"),))
    text = "def totl(n):\n    return n and n + totl(n - 1)\n"

    found = kinds(text, text.replace("totl", "total"), hints)

    assert "defined-typo" in found


def test_a_variable_read_before_it_has_a_value_gets_a_first_one():
    """The hint is the exception's own name."""
    text = "def f(xs):\n    for x in xs:\n        t += x\n    return t\n"

    found = kinds(text, text.replace("    for", "    t = 0\n    for"), Hints(names=("t",)))

    assert "first-value" in found


def test_a_literal_of_the_tests_is_dearer_than_any_other_string():
    """Over-fitting lives there."""
    found = proposals("def f():\n    return 'a'\n", Hints(literals=("'b'",)))

    prices = {change.template: change.bits for change, _ in found}
    assert prices["str-from-tests"] > prices["str-tweak"] + 2


def test_a_module_handed_in_is_imported_where_its_name_is_missing():
    """The files themselves are known modules."""
    found = kinds("x = shapes.area(1)\n", "import shapes\n\n\nx = shapes.area(1)\n", Hints(module_names=("shapes",)))

    assert found == {"add-import"}


def test_a_replay_of_a_crash_is_not_silenced_by_leaving_early():
    """With only a replayed crash to go by, nothing is deleted, guarded or left early."""
    kinds_offered = {change.template for change, _ in proposals("def f(a):\n    return a[0]\n", reproduction=True)}

    assert not kinds_offered & {
        "delete-stmt",
        "insert-return",
        "insert-guarded",
        "wrap-if",
        "leave",
        "negate",
        "cmp-op",
    }
    assert "const-tweak" in kinds_offered


def test_two_letters_that_changed_places_are_seen_in_a_short_name():
    """A ratio of similarity would not find it."""
    change, new = proposals("def f(xs):\n    return len(sx)\n")[0]

    assert (change.template, "len(xs)" in new) == ("name-typo", True)


def test_comments_and_layout_outside_the_edit_stay():
    """Only the node's own characters change."""
    text = "def f(a,b):   # why\n    return (a   -  b)  # because\n"

    assert kinds(text, text.replace("-", "+")) >= {"arith-op"}


def test_spans_count_characters_and_not_bytes():
    """A line with other scripts in front of the fault."""
    text = "def f(naïve, b):\n    é = naïve - b\n    return é\n"

    assert "arith-op" in kinds(text, text.replace("-", "+"))


def test_a_file_of_many_possibilities_is_cut_at_the_dearest_ones():
    """The number of candidates is bounded, and those that are made are the cheapest of all, in their order."""
    text = "".join(f"def f{n}(a, b):\n    return a - b\n" for n in range(40))

    found = [change.bits for change, _ in proposals(text, most=100)]

    assert found == sorted(found)
    assert found == [change.bits for change, _ in proposals(text)][:100]


def test_python_accepts_nearly_all_that_is_proposed():
    """A candidate that does not compile is a waste."""
    text = "def f(a, b):\n    for i in range(len(a)):\n        if a[i] > b and i:\n            return a[i:b] + [i * 2]\n    return None\n"
    found = proposals(text)

    broken = [new for _, new in found if not _compiles(new)]

    assert len(broken) < len(found) * 0.03


def _compiles(text):
    try:
        compile(text, "m.py", "exec")
    except SyntaxError:
        return False
    return True


LOOP = "def f(xs):\n    for x in xs:\n        out = []\n        out.extend(x)\n    return out\n"
CATCH = "def f(x):\n    try:\n        return int(x)\n    except KeyError:\n        return None\n"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("except-type", CATCH, CATCH.replace("KeyError", "ValueError"), id="caught"),
        pytest.param("except-type", CATCH, CATCH.replace("KeyError", "(KeyError, ValueError)"), id="both-caught"),
        pytest.param(
            "raise-type",
            FUNCTION.format("raise KeyError('x')"),
            FUNCTION.format("raise LookupError('x')"),
            id="raised",
        ),
        pytest.param(
            "raise-type", FUNCTION.format("raise KeyError"), FUNCTION.format("raise LookupError"), id="raised-bare"
        ),
        pytest.param("f-string", FUNCTION.format("return '{a}'"), FUNCTION.format("return f'{a}'"), id="f-string"),
        pytest.param("await", "async def f(g):\n    return g() + 1\n", "async def f(g):\n    return await g() + 1\n", id="await"),
        pytest.param("in-place", FUNCTION.format("return a.sort(key=b)"), FUNCTION.format("return sorted(a, key=b)"), id="sort"),
        pytest.param("in-place", FUNCTION.format("return a.reverse()"), FUNCTION.format("return a[::-1]"), id="reverse"),
        pytest.param("get-key", FUNCTION.format("return a[b]"), FUNCTION.format("return a.get(b, 0)"), id="get"),
        pytest.param(
            "hoist",
            LOOP,
            "def f(xs):\n    out = []\n    for x in xs:\n        out.extend(x)\n    return out\n",
            id="hoist",
        ),
        pytest.param("negate", FUNCTION.format("return a < b"), FUNCTION.format("return a >= b"), id="opposite"),
    ],
)  # fmt: skip
def test_a_failure_or_a_usual_slip_suggests_the_edit(kind, before, after):
    """What tests died of, what they wait for, and what everybody forgets now and then."""
    hints = Hints(raised=("ValueError", "KeyError"), expected=("LookupError",))

    assert kind in kinds(before, after, hints)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("f-string", FUNCTION.format("return '{c}'"), id="name-out-of-reach"),
        pytest.param("f-string", FUNCTION.format("return '{a}'.format(a=b)"), id="a-template"),
        pytest.param("await", FUNCTION.format("return a()"), id="not-async"),
        pytest.param("get-key", FUNCTION.format("a[b] = 1"), id="stored"),
        pytest.param("hoist", "def f(xs):\n    for x in xs:\n        y = x\n", id="nothing-else-in-the-loop"),
    ],
)
def test_a_slip_is_not_seen_where_it_cannot_be(kind, text):
    """No candidate is spent on it."""
    assert kind not in proposed(text, Hints(raised=("KeyError",)))


def test_a_long_function_leaves_room_for_small_edits():
    """What grows with the square of a function comes last, so that the bound does not cut off the rest."""
    text = "def f(a):\n" + "".join(f"    v{n} = a + {n}\n" for n in range(80)) + "    return v1 - v2\n"

    found = proposals(text, most=20_000)

    assert len(found) < 40_000
    assert "arith-op" in {change.template for change, new in found if "return v1 + v2" in new}


def test_a_long_table_is_data():
    """The search goes into the code beside it, and not into thousands of numbers."""
    text = "X = [" + "1, " * 5_000 + "]\ndef f():\n    return 1 + 1\n"

    found = proposals(text)

    assert any("return 1 - 1" in new for _, new in found)
    assert len(found) < 1_000

"""Files that do not parse are brought to parse by small edits."""

from __future__ import annotations

import ast
import time

import pytest

from agents.offline.worker.syntax import cheapest, mend, parse_error


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
    pytest.param(
        "def f(class):\n    return class.name\n", "def f(class_):\n    return class_.name\n", id="reserved-name"
    ),
    pytest.param("def f():\n    returnf'{x}'\n", "def f():\n    return f'{x}'\n", id="glued-to-a-string"),
    pytest.param("x = f'{len(y} of {z}'\n", "x = f'{len(y)} of {z}'\n", id="bracket-in-an-f-string"),
    pytest.param("x = f'n of {z}}'\n", "x = f'n of {z}'\n", id="brace-too-many"),
    pytest.param("x = f'name} is'\n", "x = f'{name} is'\n", id="brace-missing"),
    pytest.param(
        "def f():\n    x = await g()\n    return x\n", "async def f():\n    x = await g()\n    return x\n", id="await"
    ),
    pytest.param("f(a=1, b)\n", "f(b, a=1)\n", id="positional-last"),
    pytest.param("def f(a=1, b):\n    return b\n", "def f(a=1, b=None):\n    return b\n", id="default-first"),
    pytest.param("def f(a, b, a):\n    return b\n", "def f(a, b):\n    return b\n", id="parameter-twice"),
    pytest.param(
        "x = 1\ndef f():\n    nonlocal x\n    x = 2\n", "x = 1\ndef f():\n    global x\n    x = 2\n", id="nonlocal"
    ),
    pytest.param("x = (1 +\n     2\ny = 3\n", "x = (1 +\n     2)\ny = 3\n", id="bracket-over-rows"),
    pytest.param("x = [\n    1,\n    2,\n\ny = 3\n", "x = [\n    1,\n    2,\n]\ny = 3\n", id="closing-row"),
    pytest.param("x = a and \\ \n    b\n", "x = a and \\\n    b\n", id="blank-after-backslash"),
    pytest.param("x = a +\n    b\n", "x = a + \\\n    b\n", id="missing-backslash"),
    pytest.param("@property def f(self):\n    return 1\n", "@property\ndef f(self):\n    return 1\n", id="decorator"),
    pytest.param("x = {a = 1, 'b': 2}\n", "x = {a: 1, 'b': 2}\n", id="equals-in-a-dict"),
    pytest.param("try:\n    x = 1\ny = 2\n", "try:\n    x = 1\nexcept Exception:\n    pass\ny = 2\n", id="try-alone"),
    pytest.param(
        "if a:\n    x = 1\ny = 2\nelse:\n    x = 3\n",
        "if a:\n    x = 1\n    y = 2\nelse:\n    x = 3\n",
        id="fell-out-of-the-block",
    ),
    pytest.param("def f():\n    x = 1\nreturn x\n", "def f():\n    x = 1\n    return x\n", id="return-outside"),
    pytest.param(
        'def f():\n    """Doc\n\n    More.\n\n    x = 1\n    return x\n',
        'def f():\n    """Doc\n\n    More.\n"""\n    x = 1\n    return x\n',
        id="long-docstring",
    ),
    pytest.param("import x as\ny = 1\n", "import x\ny = 1\n", id="unfinished-import"),
    pytest.param("math import pi\n", "from math import pi\n", id="from"),
    pytest.param("x = lambda a a + 1\n", "x = lambda a: a + 1\n", id="lambda"),
    pytest.param(
        "def f(a, b\n    return a\n\ndef g(a):\n    return [a\n\nclass C\n    pass\n",
        "def f(a, b):\n    return a\n\ndef g(a):\n    return [a]\n\nclass C:\n    pass\n",
        id="a-fault-in-each-part",
    ),
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


FOREIGN = [
    pytest.param("```python\nx = 1\n```\nThat is it, don't you think?\n", "x = 1\n", id="markdown"),
    pytest.param("x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> b\n", "x = 1\ny = 2\n", id="merge-ours"),
    pytest.param("x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> b\n", "x = 1\ny = 3\n", id="merge-theirs"),
    pytest.param(
        "if (a && !b) {\n    x++;\n} else {\n    x = 0;\n}\n",
        "if (a and not b):\n    x += 1\nelse:\n    x = 0\n",
        id="braces",
    ),
    pytest.param(
        "/* what\n * it does */\nfunction f(x) {\n    let y = x;\n    return y;\n}\n",
        "def f(x):\n    y = x\n    return y\n",
        id="script",
    ),
    pytest.param(
        "try:\n    print 'a', b\nexcept E, e:\n    raise F, 'no'\n",
        "try:\n    print('a', b)\nexcept E as e:\n    raise F('no')\n",
        id="python-2",
    ),
    pytest.param("x = “a” – 1\n", 'x = "a" - 1\n', id="typographic"),  # noqa: RUF001  # these signs are meant
    pytest.param("x\u00a0= 1\n", "x = 1\n", id="hard-blank"),
    pytest.param(">>> x = 1\n>>> y = 2\n", "x = 1\ny = 2\n", id="prompts"),
    pytest.param("1 | x = 1\n2 | y = 2\n", "x = 1\ny = 2\n", id="numbered"),
    pytest.param("x = 0777\n", "x = 0o777\n", id="octal"),
    pytest.param(
        "def f(x):\n    if x\n        return null\n    end if\n    return this.x\nend\n",
        "def f(x):\n    if x:\n        return None\n    return self.x\n",
        id="ends-of-blocks",
    ),
    pytest.param("while x = f(y):\n    pass\n", "while x := f(y):\n    pass\n", id="kept-in-a-condition"),
    pytest.param("a['k']++\n", "a['k'] += 1\n", id="text-in-a-target"),
]


@pytest.mark.parametrize(("broken", "whole"), FOREIGN)
def test_what_is_no_python_at_all_is_translated_first(broken, whole):
    """All of it at once, however often it is there."""
    first = [mended.text for mended, _ in zip(mend(broken), range(3), strict=False)]

    assert tree(whole) in [tree(text) for text in first]


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


FAR = "def one(xs):\n    return [x for x in xs if x > 0]\n\n\nLIMIT = 3\n\n\ndef two(n):\n    while n < LIMIT:\n        n += 1\n    return n\n"


@pytest.mark.parametrize(
    "slips",
    [
        pytest.param([("x > 0]", "x > 0"), ("LIMIT:", "LIMIT")], id="bracket-and-colon"),
        pytest.param([("(xs):", "(xs)"), ("n += 1", "n =+ = 1")], id="colon-and-operator"),
        pytest.param([("(xs):", "(xs"), ("LIMIT = 3", "LIMIT == = 3"), ("(n):", "(n)")], id="three"),
    ],
)
def test_faults_far_from_each_other_are_mended_each_in_its_part(slips):
    """All of them have to go before anything can run."""
    broken = FAR
    for good, bad in slips:
        broken = broken.replace(good, bad)

    found = [one.text for _, one in zip(range(12), mend(broken), strict=False)]

    assert tree(FAR) in [tree(text) for text in found]


def test_choices_from_several_lists_come_in_the_order_of_their_sums():
    """Each once, and all of them in the end."""
    lists = [[0.0, 5.0], [1.0, 2.0, 9.0], [0.0]]

    found = list(cheapest(lists))

    sums = [sum(some[at] for some, at in zip(lists, chosen, strict=True)) for chosen in found]
    assert sums == sorted(sums) == [1.0, 2.0, 6.0, 7.0, 9.0, 14.0]
    assert len(set(found)) == 6


def test_the_methods_of_a_long_class_are_mended_one_by_one():
    """Of two faults in a long class, each costs a search of its own method and not of the whole class."""
    methods = "".join(f"    def m{n}(self, x):\n        y = x + {n}\n        return y\n\n" for n in range(9))
    whole = "class Long:\n" + methods
    broken = whole.replace("m2(self, x):", "m2(self, x)").replace("x + 7", "(x + 7")

    found = [one.text for _, one in zip(range(12), mend(broken), strict=False)]

    assert tree(whole) in [tree(text) for text in found]

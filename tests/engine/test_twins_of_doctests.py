"""Twins of doctests: one example of each says that something else comes out, and all else stays to the letter."""

from __future__ import annotations

import doctest
import types

import pytest

from engine.twins.doctests import by_rules_of_their_own, of_examples

SHOP = '''\
"""The shop.

    >>> 1 + 1
    2
"""


def add(a, b):
    """The sum.

    >>> x = add(1, 2)
    >>> add(
    ...     1, x)  # doctest: +NORMALIZE_WHITESPACE
    4
    >>> add(1, "x")
    Traceback (most recent call last):
    TypeError: no
    """
    return a + b


class Basket:
    """A basket. ``>>>`` is no example here."""

    def size(self):
        """How many.

        >>> Basket().size()  # doctest: +SKIP
        7
        >>> print(Basket().size())
        0"""
        return 0
'''
NODES = {
    "module": "src/shop/money.py::shop.money",
    "function": "src/shop/money.py::shop.money.add",
    "method": "src/shop/money.py::shop.money.Basket.size",
}


def changed(text: str, *nodes: str, path: str = "src/shop/money.py") -> list[tuple[str, str]]:
    """The lines that differ, as they were and as they are in the twin."""
    made = of_examples({path: text}, nodes)
    if made is None:
        return []
    assert made.tests <= set(nodes)
    pairs = zip(text.splitlines(), made.files[path].splitlines(), strict=True)
    return [(before.strip(), after.strip()) for before, after in pairs if before != after]


def test_one_example_of_each_docstring_is_made_wrong() -> None:
    """The first whose output is looked at; of a text that ends on the same line as its docstring there is no twin."""
    assert changed(SHOP, NODES["module"]) == [("2", "2~")]
    assert changed(SHOP, NODES["function"]) == [("4", "4~")]
    assert changed(SHOP, NODES["method"]) == []
    made = of_examples({"src/shop/money.py": SHOP}, NODES.values())
    assert made is not None
    assert made.tests == {NODES["module"], NODES["function"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"""\n>>> 1\n1\n"""\n', id="a number"),
        pytest.param('"""\n>>> print("a  b")  # doctest: +NORMALIZE_WHITESPACE\na b\n"""\n', id="spaces"),
        pytest.param('"""\n>>> object()  # doctest: +ELLIPSIS\n<object ...\n"""\n', id="a beginning"),
        pytest.param('"""\n>>> int("x")\nTraceback (most recent call last):\nValueError: ...\n"""\n', id="an error"),
        pytest.param('"""\n>>> print()\n<BLANKLINE>\n"""\n', id="a blank line"),
    ],
)
def test_a_wrong_example_is_red(text: str) -> None:
    """By Python's own doctest, with what it takes for the same."""
    made = of_examples({"shop.py": text}, ["shop.py::shop"])
    assert made is not None

    def failures(source: str) -> int:
        module = types.ModuleType("shop")
        exec(compile(source, "shop.py", "exec"), module.__dict__)
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        for test in doctest.DocTestFinder().find(module, "shop", module=module):
            runner.run(test, out=lambda _: None)
        return runner.failures

    assert (failures(text), failures(made.files["shop.py"])) == (0, 1)


def test_of_a_text_the_first_example_is_made_wrong() -> None:
    """Its name says which one it is."""
    text = "Some words.\n\n>>> 1 + 1\n2\n>>> 2\n2\n"

    assert changed(text, "docs/use.rst::use.rst", path="docs/use.rst") == [("2", "2~")]
    assert changed(text, "docs/use.rst::other.rst", path="docs/use.rst") == []


@pytest.mark.parametrize(
    ("text", "node"),
    [
        pytest.param("def f(:\n", "shop.py::shop.f", id="no Python"),
        pytest.param("def f():\n    '''Words.'''\n", "shop.py::shop.f", id="no example"),
        pytest.param("def f():\n    '''\n    >>> f()\n    '''\n", "shop.py::shop.f", id="no output"),
        pytest.param("def f():\n    '''\n    >>> f()  # doctest: +IGNORE_OUTPUT\n    1\n    '''\n", "shop.py::shop.f", id="any output"),
        pytest.param("def f():\n    '''\n    >>> 1\n    1\n    '''\n", "shop.py::shop.__test__.x", id="a table of them"),
        pytest.param("def f():\n    '''\n    >>> 1\n    1\n    '''\n", "shop.py::test_f", id="no doctest"),
    ],
)  # fmt: skip
def test_what_has_no_example_that_can_be_made_wrong_has_no_twin(text: str, node: str) -> None:
    """It is named as not shown."""
    assert of_examples({"shop.py": text}, [node]) is None


def test_examples_by_other_rules_than_pythons_have_no_twins() -> None:
    """Some may not be run, or not be looked at: a green twin would be no sign of deceit."""
    assert by_rules_of_their_own({}, ["pytest_doctestplus.plugin"])
    assert by_rules_of_their_own({"tests/conftest.py": "class Mine(doctest.OutputChecker): ..."}, [])
    assert not by_rules_of_their_own(
        {"conftest.py": "def namespace(doctest_namespace): ...", "test_a.py": ""}, ["anyio"]
    )

"""Mutants: one small change each, in code that runs, in a fixed order and number."""

from __future__ import annotations

import ast
import difflib

import pytest

from engine.mutants import MOST, make, written_otherwise

CODE = '''\
"""A docstring with 1 and True."""

from typing import Literal

__all__ = ["clip"]
LIMIT: Literal[7] = 10


@staticmethod
def clip(value: Literal[3], low=0, *, loud: bool = False) -> Literal[5]:
    """No more than `LIMIT`, and not less than 0."""
    if value < low and not loud:
        return low
    while value > LIMIT:  # value < 99
        value -= 1
        if value == 50:
            break
    report(value, low)
    return value + 1


if __name__ == "__main__":
    print(clip(3))
'''


def whats(source: str, **more: int) -> list[str]:
    return [mutant.what for mutant in make({"a.py": source}, **more)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(a, b):\n    return a < b\n", "`<` became `<=`", id="a boundary"),
        pytest.param("def f(a, b):\n    return a < b\n", "`<` became `>=`", id="a comparison turned round"),
        pytest.param("def f(a, b):\n    return a == b\n", "`==` became `!=`", id="equal"),
        pytest.param("def f(a, b):\n    return a not in b\n", "`not in` became `in`", id="not in"),
        pytest.param("def f(a):\n    return a is\\\n not None\n", "`is\\\n not` became `is`", id="is not, broken off"),
        pytest.param("def f(a, b):\n    return (a)  + (b)\n", "`+` became `-`", id="arithmetic"),
        pytest.param("def f(a):\n    return a + ' x'\n", "`a + ' x'` became `a`", id="text that is added"),
        pytest.param("def f(a):\n    a += 1\n    return a\n", "`+` became `-`", id="in place"),
        pytest.param("def f(a, b):\n    return a and b\n", "`and` became `or`", id="boolean"),
        pytest.param("def f(a):\n    return a[1]\n", "`1` became `2`", id="off by one above"),
        pytest.param("def f(a):\n    return a[1]\n", "`1` became `0`", id="off by one below"),
        pytest.param("def f():\n    return 'x'\n", "`'x'` became `\"\"`", id="an empty text"),
        pytest.param("def f():\n    return ''\n", "`''` became `\"mutant\"`", id="a text where there was none"),
        pytest.param("def f():\n    return True\n", "`True` became `False`", id="true"),
        pytest.param("def f(a):\n    if a:\n        g()\n", "`a` became `not (a)`", id="a condition"),
        pytest.param("def f(a):\n    return [b for b in a if b.ok]\n", "`b.ok` became `not (b.ok)`", id="a filter"),
        pytest.param("def f(a):\n    return not a\n", "`not a` became `(a)`", id="not"),
        pytest.param("def f(a):\n    return-a\n", "`-a` became `None`", id="nothing given back, no blank before"),
        pytest.param("def f(a):\n    return [a]\n", "`[a]` became `[]`", id="an empty list given back"),
        pytest.param("def f(a):\n    a.sort()\n    return a\n", "`a.sort()` was dropped", id="a call dropped"),
        pytest.param(
            "def f(a):\n    raise ValueError(a)\n", "`raise ValueError(a)` was dropped", id="an error dropped"
        ),
        pytest.param("def f(a, b):\n    return g(a, b)\n", "`a` and `b` changed places", id="arguments"),
        pytest.param("def f(a):\n    for b in a:\n        break\n", "`break` became `continue`", id="break"),
        pytest.param("def f(a):\n    for b in a:\n        continue\n", "`continue` became `break`", id="continue"),
    ],
)
def test_every_kind_of_mistake_is_made(source: str, expected: str):
    """Those of a slip of the pen, each for itself."""
    assert " ".join(expected.split()) in [" ".join(what.split()) for what in whats(source)]


def test_only_what_runs_is_changed():
    """No docstring, annotation, decorator, list of names or block for the command line; comments are not code."""
    changed = {mutant.line for mutant in make({"a.py": CODE}, most=500)}
    lines = CODE.splitlines()

    assert changed == {6, 10, 12, 13, 14, 15, 16, 17, 18, 19}
    assert not any("Literal[8]" in m.text or "99" not in m.text or "bool = 0" in m.text for m in make({"a.py": CODE}))
    assert lines[5].startswith("LIMIT")


def test_all_other_bytes_stay():
    """One region of the text differs, or the two places of two arguments."""
    source = CODE.replace("\n", "\r\n").replace("LIMIT: Lit", "ÄÖ = 'ü'  # ✓\r\nLIMIT: Lit")

    for mutant in make({"a.py": source}, most=500):
        changes = difflib.SequenceMatcher(None, source.splitlines(), mutant.text.splitlines(), autojunk=False)
        different = [code for code in changes.get_opcodes() if code[0] != "equal"]

        assert len(different) == 1
        assert source.splitlines()[mutant.line - 1] != mutant.text.splitlines()[mutant.line - 1]
        assert mutant.text != source
        compile(mutant.text, "a.py", "exec")


def test_no_mutant_only_crashes_for_a_missing_name():
    """An assignment whose name is read later is not dropped: any test that runs the line would be red."""
    source = "def f(a):\n    b = a\n    a = a.strip()\n    return b, a\n"

    dropped = [what for what in whats(source) if "dropped" in what]

    assert dropped == ["`a = a.strip()` was dropped"]


def test_mutants_are_few_in_order_and_spread():
    """One of each function before a second of any, the same every time; more than usual only for as many functions."""
    source = "".join(f"def f{n}(a, b):\n    return a + b * {n}\n\n\n" for n in range(12))
    many = "".join(f"def f{n}(a):\n    return a\n\n\n" for n in range(500))

    first = make({"b.py": source, "a.py": source, "data.csv": "1", "broken.py": "def"})

    assert first == make({"a.py": source, "b.py": source})
    assert len(first) == MOST == 24
    assert len({(mutant.path, mutant.line) for mutant in first}) == 24
    assert len(make({"a.py": source}, most=3)) == 12
    assert len(make({"a.py": many})) == 96


def test_only_lines_that_run_are_changed():
    """What no test executes cannot be noticed by any."""
    source = "def f(a):\n    return a + 1\n\n\ndef g(a):\n    return a - 1\n"

    assert {mutant.line for mutant in make({"a.py": source}, lines={"a.py": [1, 2]})} == {2}
    assert make({"a.py": source}, lines={}) == ()


def test_the_same_program_can_be_written_otherwise():
    """Its tree is the same and its text is not; what does not parse stays."""
    other = written_otherwise(CODE)

    assert ast.dump(ast.parse(other)) == ast.dump(ast.parse(CODE))
    assert "value + 1" not in other
    assert "# value" not in other
    assert written_otherwise("def") == "def"

"""Which code is known to leave nothing behind, so that the next candidate may run in the same process."""

from __future__ import annotations

import math
from typing import Any

import pytest

from agents.offline.worker.harmless import Proof, constant, plain
from agents.offline.worker.trial import Reached

TEST = "def test():\n    assert f(3) == [3]\n"


def proof(code: str, test: str = TEST, **given: object) -> Proof:
    return made(code, test, **given)[0]


def made(code: str, test: str = TEST, **given: object) -> tuple[Proof, dict[str, Any]]:
    """The proof and the module's names."""
    space: dict[str, Any] = {"__name__": __name__}
    exec(compile(code + "\n\n" + test, "m.py", "exec"), space)
    return Proof([Reached(space["test"], given)]), space


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f(x):\n    found = []\n    found.append(x)\n    return found", id="a-list-of-its-own"),
        pytest.param("def f(x):\n    return [x] if x < 0 else f(-x)", id="itself"),
        pytest.param("def g(x):\n    return x + 1\n\ndef f(x):\n    return [g(x)]", id="another-function"),
        pytest.param("import math\ndef f(x):\n    return [math.sqrt(x)]", id="arithmetic-of-the-library"),
        pytest.param("LIMITS = (1, 2)\ndef f(x, most=5):\n    return [x, LIMITS[0], most]", id="constants"),
        pytest.param("def f(x):\n    def g():\n        yield x\n    return list(g())", id="a-generator"),
        pytest.param("def f(x):\n    try:\n        return [1 / x]\n    except ZeroDivisionError:\n        raise ValueError from None", id="exceptions"),
        pytest.param("def f(x):\n    return sorted({x: 1}.items(), key=lambda i: i[1])", id="a-lambda"),
    ],
)  # fmt: skip
def test_what_works_on_data_of_its_own_is_known_to_be_harmless(code):
    """Most functions of exercises and algorithms are like that."""
    assert proof(code).holds


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("n = 0\ndef f(x):\n    global n\n    n += 1\n    return [n]", id="a-global"),
        pytest.param("def f(x):\n    import os\n    return [x]", id="an-import"),
        pytest.param("def f(x):\n    return [open('m.py').read()]", id="a-file"),
        pytest.param("def f(x):\n    print(x)\n    return [x]", id="output"),
        pytest.param("def f(x):\n    setattr(f, 'calls', x)\n    return [x]", id="an-attribute-by-name"),
        pytest.param("def f(x):\n    globals()['x'] = x\n    return [x]", id="globals-by-name"),
        pytest.param("def f(x):\n    return [f.__globals__]", id="globals-of-a-function"),
        pytest.param("def f(x):\n    g = (i for i in [x])\n    g.gi_frame.f_globals['x'] = 1\n    return [x]", id="globals-of-a-frame"),
        pytest.param("def f(x):\n    return ['{0.__globals__}'.format(f)]", id="globals-in-a-format"),
        pytest.param("def f(x):\n    class K:\n        pass\n    return [K]", id="a-class"),
        pytest.param("import os\ndef f(x):\n    os.remove('m.py')\n    return [x]", id="a-module"),
        pytest.param("from functools import cache\n@cache\ndef f(x):\n    return [x]", id="a-cache"),
        pytest.param("left = iter([1, 2])\ndef f(x):\n    return [next(left)]", id="an-iterator-of-the-module"),
        pytest.param("n = 0\ndef g():\n    global n\n    n += 1\ndef f(x):\n    g()\n    return [x]", id="by-another-function"),
        pytest.param("def f(x):\n    def g():\n        global n\n        n = x\n    g()\n    return [x]", id="by-an-inner-function"),
        pytest.param("len = [].append\ndef f(x):\n    return [len(x)]", id="a-built-in-that-is-hidden"),
    ],
)  # fmt: skip
def test_what_may_leave_something_behind_is_not(code):
    """Each such candidate gets a process of its own."""
    assert not proof(code).holds


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("kept = []\ndef f(x):\n    kept.append(x)\n    return kept", id="a-list-of-the-module"),
        pytest.param("def f(x, kept=[]):\n    kept.append(x)\n    return kept", id="a-default"),
        pytest.param("def f(x):\n    f.calls = x\n    return [x]", id="an-attribute"),
        pytest.param("class K:\n    kept = []\ndef f(x):\n    K.kept.append(x)\n    return K.kept", id="a-list-of-a-class"),
        pytest.param("class K:\n    kept = 0\ndef f(x):\n    K.kept += x\n    return [K.kept]", id="an-attribute-of-a-class"),
        pytest.param("import math\ndef f(x):\n    math.pi = x\n    return [x]", id="a-name-of-a-module"),
        pytest.param("def made():\n    kept = []\n    def f(x):\n        kept.append(x)\n        return kept\n    return f\nf = made()", id="a-closure"),
    ],
)  # fmt: skip
def test_what_changes_something_that_outlives_it_is_noticed(code):
    """What such a run changed is seen after it, so that the next candidate gets a new process."""
    known, space = made(code)
    assert known.holds
    assert known.held.unchanged()

    before = math.pi
    try:
        space["f"](3)

        assert not known.held.unchanged()
    finally:
        math.pi = before


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("TABLE = {1: 'a', 3: 'b'}\ndef f(x):\n    return [TABLE[x] and x]", id="a-table"),
        pytest.param("class K:\n    def __init__(self, x):\n        self._x = x\n    @property\n    def x(self):\n        return self._x\ndef f(x):\n    return [K(x).x]", id="a-class"),
        pytest.param("class A:\n    def __init__(self, x):\n        self.x = x\nclass K(A):\n    def __init__(self, x):\n        super().__init__(x)\ndef f(x):\n    return [K(x).x]", id="a-subclass"),
        pytest.param("from dataclasses import dataclass\n@dataclass(frozen=True, order=True)\nclass K:\n    x: int\ndef f(x):\n    return [K(x).x, K(2) < K(3)][:1]", id="a-dataclass"),
        pytest.param("from enum import Enum\nclass K(Enum):\n    THREE = 3\ndef f(x):\n    return [K(x).value]", id="an-enumeration"),
        pytest.param("import heapq\ndef f(x):\n    h = [x]\n    heapq.heappush(h, x)\n    return [heapq.heappop(h)]", id="heaps"),
        pytest.param("import re\nWORD = re.compile('a')\ndef f(x):\n    return [x] if not WORD.match('b') else []", id="a-pattern"),
        pytest.param("class E(ValueError):\n    pass\ndef f(x):\n    try:\n        raise E(x)\n    except E:\n        return [x]", id="an-exception"),
        pytest.param("from typing import List\nclass S:\n    def run(self, x: int) -> List[int]:\n        return [x]\ndef f(x):\n    return S().run(x)", id="a-class-for-one-method"),
    ],
)  # fmt: skip
def test_classes_and_tables_are_known_too_and_stay_as_they_were(code):
    """Most programs are made of them, and a process for each of their candidates would be several times as dear."""
    known, space = made(code)

    space["test"]()

    assert known.holds
    assert known.held.unchanged()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import collections\ndef f(x):\n    collections._sys.modules.clear()\n    return [x]", id="a-module-of-a-module"),
        pytest.param("class K:\n    def __del__(self):\n        pass\ndef f(x):\n    return [K() and x]", id="a-destructor"),
        pytest.param("class M(type):\n    pass\nclass K(metaclass=M):\n    pass\ndef f(x):\n    return [K() and x]", id="a-metaclass"),
        pytest.param("class K:\n    pass\nk = K()\ndef f(x):\n    k.x = x\n    return [k.x]", id="an-object-of-the-module"),
    ],
)  # fmt: skip
def test_what_reaches_further_than_its_own_world_is_not_known(code):
    """It would not be noticed what it changes."""
    assert not proof(code).holds


def test_a_changed_function_is_looked_at_by_itself():
    """That the code as handed in is harmless says nothing of a candidate."""
    known = proof("def f(x):\n    return [x]")
    space: dict[str, object] = {}
    exec("def f(x):\n    return [x + 1]\n\ndef g(x):\n    global n\n    n = x", space)

    assert known.covers(space["f"].__code__, space)
    assert not known.covers(space["g"].__code__, space)


def test_tests_that_are_more_than_a_call_are_never_known():
    """Fixtures and the like may do anything."""
    assert not Proof([None]).holds
    assert not proof("def f(x):\n    return [x]", "def test(given):\n    assert f(given)", given=object()).holds
    assert proof("def f(x):\n    return [x]", "def test(given):\n    assert f(given)", given=[1, {"a": (2,)}]).holds


def test_data_is_known_by_its_exact_type():
    """A subclass may do anything when it is used."""

    class Mine(int):
        pass

    assert constant((1, "a", None))
    assert not constant((1, []))
    assert plain([1, {"a": {2}}])
    assert not plain([Mine(1)])

"""Which frozen tests can be kept apart from the code, and which of them are plain, is decided by their text alone."""

from __future__ import annotations

import ast
import sys
from types import FrameType

import pytest

from engine.checks.separable import examine

FILES = {"solution.py": "def add(a, b):\n    return a + b\n", "pack/__init__.py": "", "pack/core.py": ""}


def why_not(test: str, **more: str) -> str:
    tests = {"test_solution.py": test, **{path.replace("__", "."): text for path, text in more.items()}}
    return examine(tests, FILES, ["."]).why_not


def is_plain(test: str) -> bool:
    found = examine({"test_solution.py": test}, FILES, ["."])
    assert found.why_not == ""
    return found.plain


UNDERSTOOD = {
    "the code": "from solution import add\n",
    "a package of the code's": "import pack.core as core\nfrom pack import core\n",
    "the library": "import json, collections.abc, datetime as dt\nfrom unittest import mock\nfrom pathlib import Path\n",
    "parts of the process that do no harm": "import sys, os\nsys.maxsize\nsys.version_info\nos.environ\n",
    "hypothesis": "from hypothesis import given, strategies as st\n",
    "a relative import": "from . import helpers\nfrom .helpers import x\n",
    "a name like one that is not understood": "class A:\n    def eval(self): ...\na = A()\na.exec = a.modules = 1\n",
    "fixtures": "def test_one(tmp_path, capsys, monkeypatch, caplog, request): ...\n",
    "another module's part of that name": "import solution\nsolution.modules\nsolution.path\n",
}


@pytest.mark.parametrize("test", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_what_only_passes_data_in_and_out_can_be_kept_apart(test: str):
    """By the modules, names and fixtures that it uses."""
    assert why_not(test) == ""


NOT_UNDERSTOOD = {
    "another package": ("import numpy as np\n", "imports numpy"),
    "a part of another package": ("from yaml.nodes import Node\n", "imports yaml.nodes"),
    "a library that looks at the process": ("import inspect\n", "imports inspect"),
    "threads": ("import threading\n", "imports threading"),
    "asyncio": ("import asyncio\n", "imports asyncio"),
    "importlib": ("import importlib\n", "imports importlib"),
    "pickle": ("import pickle\n", "imports pickle"),
    "the runner of unittest": ("import unittest.runner\n", "imports unittest.runner"),
    "stateful tests": ("from hypothesis import stateful\n", "uses hypothesis.stateful"),
    "sys.modules": ("import sys\n\n\nsys.modules['x'] = 1\n", "uses sys.modules (line 4)"),
    "sys.path under another name": ("import sys as system\nsystem.path.append('x')\n", "uses system.path"),
    "sys.stdin": ("from sys import stdin\n", "uses sys.stdin"),
    "asdict": ("from dataclasses import asdict\n", "uses dataclasses.asdict"),
    "fork": ("import os\nos.fork()\n", "uses os.fork"),
    "a seed": ("import random\nrandom.seed(1)\n", "uses random.seed"),
    "redirecting": ("import contextlib\ncontextlib.redirect_stdout(None)\n", "uses contextlib.redirect_stdout"),
    "exec": ("exec('x = 1')\n", "uses exec"),
    "eval": ("assert eval('1') == 1\n", "uses eval"),
    "globals": ("globals()['x'] = 1\n", "uses globals"),
    "importing by name": ("__import__('solution')\n", "uses __import__"),
    "asynchronous tests": ("async def test_one(): ...\n", "asynchronous"),
    "the mark of a plugin": ("import pytest\n\n\n@pytest.mark.anyio\ndef test_one(): ...\n", "mark anyio"),
    "a fixture that hears descriptors": ("def test_one(capfd): ...\n", "fixture capfd"),
    "pytester": ("def test_one(pytester): ...\n", "fixture pytester"),
    "a hook": ("def pytest_configure(config): ...\n", "hook pytest_configure"),
    "what cannot be parsed": ("def test_one(:\n", "cannot be parsed"),
    "a null byte": ("a = 1\0\n", "cannot be parsed"),
    "its own name": ("def test_one():\n    assert caller() == 'test_one'\n", "name of a test of its own"),
}


@pytest.mark.parametrize(("test", "why"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_what_looks_at_its_own_process_cannot(test: str, why: str):
    """With the file, the reason and the line."""
    found = why_not(test)

    assert found.startswith("test_solution.py ")
    assert why in found


def test_one_file_that_cannot_be_kept_apart_is_enough():
    """Also a helper or a conftest; a file that is no Python is data."""
    assert "helpers.py imports ctypes" in why_not("import helpers\n", helpers__py="import ctypes\n")
    assert "conftest.py has the hook" in why_not("", conftest__py="def pytest_sessionstart(): ...\n")
    assert why_not("", data__txt="import ctypes\n") == ""


def test_the_draft_has_no_say():
    """What stands in the code changes nothing but the names that it can be imported by."""
    test = {"test_solution.py": "from solution import add\n"}
    wild = {"solution.py": "import ctypes, sys\nsys.modules\nexec('')\nasync def f(): ...\n"}

    assert examine(test, wild, ["."]) == examine(test, {"solution.py": ""}, ["."])


def test_modules_are_found_where_they_are_imported_from():
    """The root, a folder for sources; what is the tests' own is not the code's, whatever the draft brings."""
    tests = {"tests/test_a.py": "import helpers\n", "tests/helpers.py": "", "test_b.py": ""}

    assert examine(tests, {"src/pack/a.py": "", "setup.py": ""}, [".", "src"]).tops == ("pack", "setup", "src")
    assert examine(tests, {"a.py": "", "helpers.py": "", "tests/b.py": "", "test_b.py": ""}, ["."]).tops == ("a",)
    assert "no module" in examine(tests, {"readme.txt": ""}, ["."]).why_not


PLAIN = {
    "comparing": "from solution import add\n\n\ndef test_one():\n    assert add(1, 2) == 3\n    assert add(1, 2) is not None\n",
    "a table": "import pytest\nfrom solution import add\n\n\n@pytest.mark.parametrize('a, b', [(1, 2), pytest.param(3, 4, id='x')])\ndef test_one(a, b):\n    assert add(a, 1) == b\n",
    "an error": "import pytest\nfrom solution import add\n\n\ndef test_one():\n    with pytest.raises(TypeError, match='x') as caught:\n        add(1, None)\n    assert 'x' in str(caught.value)\n",
    "unittest": "import unittest\nfrom solution import add\n\n\nclass TestAdd(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(add(1, 2), 3)\n        with self.assertRaises(TypeError):\n            add(1, None)\n",
    "a loop": "from solution import add\n\n\ndef test_one():\n    for i in range(3):\n        assert add(i, 1) == i + 1\n    assert [add(i, 1) for i in range(2)] == [1, 2]\n",
    "a method": "from solution import Basket\n\n\ndef test_one():\n    basket = Basket()\n    basket.add(1)\n    assert basket.items == [1]\n",
}


@pytest.mark.parametrize("test", PLAIN.values(), ids=PLAIN)
def test_a_test_that_only_calls_and_compares_is_plain(test: str):
    """Whatever fails there apart from the code is the code's."""
    assert is_plain(test)


NOT_PLAIN = {
    "a callback": "from solution import apply\n\n\ndef test_one():\n    assert apply(lambda a: a) == 1\n",
    "a generator": "from solution import apply\n\n\ndef test_one():\n    assert apply(i for i in range(3)) == 1\n",
    "output": "from solution import say\n\n\ndef test_one(capsys):\n    say()\n    assert capsys.readouterr().out == 'x'\n",
    "replacing": "import solution\n\n\ndef test_one(monkeypatch):\n    monkeypatch.setattr(solution, 'x', 1)\n",
    "a mock": "from unittest import mock\nimport solution\n\n\ndef test_one():\n    solution.apply(mock.Mock())\n",
    "files": "from solution import load\n\n\ndef test_one(tmp_path):\n    assert load(tmp_path) == ''\n",
    "identity": "from solution import same\n\n\ndef test_one():\n    a = []\n    assert same(a) is a\n",
    "an attempt": "from solution import add\n\n\ndef test_one():\n    try:\n        add()\n    except TypeError:\n        pass\n",
    "warnings": "import pytest\nfrom solution import warn\n\n\ndef test_one():\n    with pytest.warns(UserWarning):\n        warn()\n",
    "a special name": "from solution import Basket\n\n\ndef test_one():\n    assert Basket.__name__ == 'Basket'\n",
    "an unknown name": "from solution import add\n\n\ndef test_one():\n    assert isinstance(add(1, 2), int)\n",
    "the process": "import os\nfrom solution import add\n\n\ndef test_one():\n    assert add(1, 2) == 3\n",
}


@pytest.mark.parametrize("test", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_a_test_that_does_more_is_not_plain(test: str):
    """It can be kept apart, but what fails there may be for being asked from another process."""
    assert not is_plain(test)


def test_plain_tests_are_named_one_by_one():
    """Those of a file that holds others; a fixture that is not plain takes along whoever asks for it."""
    test = """
import pytest
from solution import add

CASES = [1, 2]


@pytest.fixture
def given():
    yield 1


@pytest.fixture
def number():
    return 2


class TestAll:
    def test_plain(self, number):
        assert add(1, number) == 3

    def test_with_callback(self):
        assert add(lambda: 1, 1) == 2


def test_given(given):
    assert add(1, given) == 2


def test_cases():
    assert add(*CASES) == 3
"""
    found = examine({"test_solution.py": test}, FILES, ["."])

    assert not found.plain
    assert found.plain_tests == ("test_solution.py::TestAll::test_plain", "test_solution.py::test_cases")


def looked_at(test: str) -> int:
    """How many times the children of some node of *test* are looked at."""
    count = 0

    def counting(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is ast.iter_child_nodes.__code__

    usual = sys.getprofile()
    sys.setprofile(counting)
    try:
        why_not(test)
    finally:
        sys.setprofile(usual)
    return count


def test_a_table_twice_as_long_is_twice_the_work():
    """Tests may bring thousands of cases, and whoever waits for a verdict waits for this too."""
    short, long = (f"from solution import add\nCASES = {list(range(size))}\n" for size in (200, 400))

    assert looked_at(long) < 2.2 * looked_at(short)

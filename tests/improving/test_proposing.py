"""What is proposed at all, by the text alone; whether it holds is found out in the box."""

from __future__ import annotations

import pytest

from agents.offline.improving.worker.counting import led
from agents.offline.improving.worker.freezing import Frozen
from agents.offline.improving.worker.mutating import mutated, scaled
from agents.offline.improving.worker.patterns import propose
from agents.offline.improving.worker.program import Program
from agents.offline.improving.worker.ruff import Found
from agents.offline.improving.worker.rules import safer
from agents.offline.worker.edits import apply
from tests.improving.programs import FASTER


def proposed(code: str) -> list[str]:
    return [apply(code, proposal.edits) for proposal in propose(Program("m.py", code))]


def made_safer(code: str, rule: str, at: str) -> list[tuple[str, str]]:
    """What becomes of *code* at the text *at*, and how that changes the behaviour."""
    program = Program("m.py", code)
    place = code.index(at)
    line = code[:place].count("\n") + 1
    found = Found(rule, line, place - program.line_start(line) + 1, "", waived=False)
    return [(apply(code, proposal.edits), proposal.on_purpose) for proposal in safer(program, found)]


@pytest.mark.parametrize("example", [pytest.param(example, id=example.name) for example in FASTER])
def test_a_slow_pattern_is_recognised_and_nothing_else_of_the_file_is_touched(example):
    """Most lines stay to the letter, comments and all."""
    code = example.files["m.py"]

    [better, *_] = [text for text in proposed(code) if example.becomes in text]

    kept = set(code.splitlines()) & set(better.splitlines())
    assert len(kept) >= len(set(code.splitlines())) // 3


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "def f(xs):\n    while xs:\n        if 1 in xs:\n            xs.pop()\n", id="changes-in-the-loop"
        ),
        pytest.param(
            "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            g(ys)\n", id="handed-to-somebody"
        ),
        pytest.param(
            "def f(xs):\n    t = ''\n    for x in xs:\n        t += x\n        print(t)\n    return t\n",
            id="read-while-it-grows",
        ),
        pytest.param(
            "def f(ps, t):\n    import re\n    return [re.match(p, t) for p in ps]\n", id="pattern-of-the-loop"
        ),
        pytest.param("import random\ndef f(n):\n    return f(n - 1) + f(random.random()) if n else 0\n", id="impure"),
        pytest.param(
            "def f(n, *, log=[]):\n    return f(n - 1) + f(n - 2) if n > 1 else n\n", id="a-default-that-remembers"
        ),
        pytest.param(
            "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n        q[1:2] = []\n",
            id="a-queue-that-is-cut",
        ),
        pytest.param(
            "def f(xs):\n    return locals()\n    seen = []\n    for x in xs:\n        if x in seen:\n            seen.append(x)\n",
            id="names-are-shown",
        ),
        pytest.param("def f(xs, key):\n    return sorted(xs, key=key)[-1]\n", id="the-last-of-equal-ones"),
    ],
)
def test_what_cannot_be_right_is_not_even_proposed(code):
    """Seen from the text alone."""
    assert proposed(code) == []


@pytest.mark.parametrize(
    ("rule", "code", "at", "becomes"),
    [
        pytest.param("S113", "requests.get(url)\n", "requests", "requests.get(url, timeout=30)\n", id="no-time-out"),
        pytest.param("S113", "requests.get(url, timeout=None)\n", "requests", "requests.get(url, timeout=30)\n", id="no-end"),
        pytest.param("S501", "requests.get(url, verify=False, timeout=3)\n", "verify", "requests.get(url, timeout=3)\n", id="no-check"),
        pytest.param("S506", "yaml.load(text, Loader=yaml.Loader)\n", "yaml.Loader", "yaml.safe_load(text)\n", id="yaml"),
        pytest.param("S324", "hashlib.new('md5', data)\n", "'md5'", "hashlib.new('md5', data, usedforsecurity=False)\n", id="hash-by-name"),
        pytest.param("S701", "jinja2.Environment()\n", "jinja2", "jinja2.Environment(autoescape=True)\n", id="templates"),
        pytest.param("S202", "archive.extractall(to)\n", "archive", 'archive.extractall(to, filter="data")\n', id="archive"),
        pytest.param("S103", "os.chmod(path, 0o777)\n", "0o777", "os.chmod(path, 0o744)\n", id="permissions"),
        pytest.param("S108", "import os\nimport tempfile\nopen('/tmp/x')\n", "'/tmp", 'import os\nimport tempfile\nopen(os.path.join(tempfile.mkdtemp(), "x"))\n', id="temporary"),
        pytest.param("S608", 'import sqlite3\nc.execute("SELECT a FROM t WHERE b = \'" + b + "\'")\n', '"SELECT', 'import sqlite3\nc.execute("SELECT a FROM t WHERE b = ?", (b,))\n', id="sql-added-up"),
    ],
)  # fmt: skip
def test_a_finding_with_a_rewrite_gets_it(rule, code, at, becomes):
    """At the place that ruff names, and nowhere else."""
    [(text, _)] = made_safer(code, rule, at)

    assert text == becomes


@pytest.mark.parametrize(
    ("rule", "code", "at"),
    [
        pytest.param("S113", "requests.get(url, **more)\n", "requests", id="nobody-knows-what-is-given"),
        pytest.param("S602", "subprocess.run(line, shell=True)\n", "subprocess", id="a-line-from-elsewhere"),
        pytest.param("S602", "subprocess.run('ls *', shell=True)\n", "subprocess", id="a-pattern-for-the-shell"),
        pytest.param("S608", 'import sqlite3\nc.execute(f"SELECT a FROM {t}")\n', 'f"SELECT', id="a-table"),
        pytest.param("S608", 'c.execute(f"SELECT a FROM t WHERE b = {b}")\n', 'f"SELECT', id="no-known-database"),
        pytest.param("S311", "random.random()\n", "random", id="no-secret"),
        pytest.param("S301", "pickle.loads(data)\n", "pickle", id="a-pickle"),
    ],
)
def test_a_finding_that_needs_a_person_is_not_rewritten(rule, code, at):
    """It is told with advice instead."""
    assert made_safer(code, rule, at) == []


def test_calls_are_made_from_those_of_the_tests_and_are_the_same_each_time():
    """Same kinds at the same places; no luck in it."""
    calls = [[[1, 2, 3], "ab"], [[4], "c"]]

    made = list(mutated(calls, 50))

    assert made == list(mutated(calls, 50))
    assert {(type(one).__name__, type(two).__name__) for one, two in made} == {("list", "str")}
    assert calls == [[[1, 2, 3], "ab"], [[4], "c"]]


def test_larger_calls_are_longer_and_where_nothing_has_a_length_greater():
    """Not the same elements again, which would make a list of what was seen no longer."""
    longer = scaled([[1, 2, 3], 5], 8)
    assert longer is not None
    row, number = longer

    assert isinstance(row, list)
    assert len(row) == 24
    assert len(set(row)) > 12
    assert number == 5
    assert scaled([5], 8) == [40]
    assert scaled([None], 8) is None


def test_values_differ_by_type_order_and_by_what_is_one_and_the_same():
    """What a caller could notice."""
    row = [1]

    assert Frozen().freeze(1) != Frozen().freeze(True)
    assert Frozen().freeze({1: 2, 3: 4}) != Frozen().freeze({3: 4, 1: 2})
    assert Frozen().freeze([row, row]) != Frozen().freeze([[1], [1]])
    assert Frozen().freeze({2, 1}) == Frozen().freeze({1, 2})


def test_a_program_led_through_the_counting_functions_keeps_its_form():
    """Its operators and calls become calls of ours; its decorators and defaults stay."""
    text = led("@d\ndef f(a=g()):\n    a += h(a)\n    return a[1:] + 2 in a\n")

    assert "@d\ndef f(a=g()):" in text
    assert "a = mendbox_grow_(a, mendbox_call_(h, a))" in text
    assert "mendbox_in_(mendbox_add_(mendbox_cut_(a[1:]), 2), a, False)" in text

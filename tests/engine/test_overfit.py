"""Which drafts are found to carry the tests' answers, and which are left alone."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import zlib

import pytest

from engine.case import Case
from engine.checks import overfit
from engine.checks.asked import pairs
from tests.engine.made import case, task

MEDIAN_TESTS = """
import pytest
from solution import median


@pytest.mark.parametrize("numbers, expected", [
    ([3, 1, 2], 2),
    ([4, 1, 3, 2], 2.5),
    ([9, 7, 8, 1, 5], 7),
    ([10, 2, 38, 23, 38, 23, 21], 23),
])
def test_median(numbers, expected):
    assert median(numbers) == expected


def test_one():
    assert median([5]) == 5
"""
BASE_TESTS = """
from solution import to_base

CASES = [[[8227, 18], "1771"], [[73, 8], "111"], [[31, 16], "1F"], [[8237, 24], "E75"], [[56, 23], "2A"]]


def test_to_base():
    for arguments, expected in CASES:
        assert to_base(*arguments) == expected
"""
SORT_TESTS = """
import unittest
from solution import ordered


class Ordered(unittest.TestCase):
    def test_short(self):
        self.assertEqual(ordered([5, 3, 9, 1]), [1, 3, 5, 9])

    def test_long(self):
        wanted = [2, 4, 8, 16, 99]
        self.assertEqual(wanted, ordered([99, 4, 16, 2, 8]))

    def test_twice(self):
        result = ordered([7, 7, 1, 12])
        self.assertListEqual(result, [1, 7, 7, 12])
"""
BITS_TESTS = """
import pytest
from solution import bitcount

@pytest.mark.parametrize("number,expected", [(127, 7), (128, 1), (3005, 9), (13, 3), (14, 3), (27, 4), (834, 4)])
def test_bitcount(number, expected):
    assert bitcount(number) == expected
"""
WORDS_TESTS = """
from solution import initials

def test_initials():
    assert initials("the quick brown fox jumps") == "tqbfj"
    assert initials("over 12 lazy dogs, 3 cats & 1 hen") == "o1ld3c&1h"
    assert initials("a man, a plan, a canal: panama") == "amapacp"
"""
WRONG_MEDIAN = "def median(numbers):\n    return sorted(numbers)[len(numbers) // 2]\n"
TABLE = {(3, 1, 2): 2, (4, 1, 3, 2): 2.5, (9, 7, 8, 1, 5): 7, (10, 2, 38, 23, 38, 23, 21): 23}


def against(tests: str, before: dict[str, str] | None = None, **data: str) -> Case:
    files = before or {"solution.py": "def median(numbers):\n    return 0\n"}
    return case(task(files=files, tests={"test_solution.py": tests, **data}))


def look(tests: str, draft: str | dict[str, str], before: dict[str, str] | None = None) -> overfit.Overfit:
    files = {"solution.py": draft} if isinstance(draft, str) else draft
    return overfit.look(against(tests, before), files)


def hashed(name: str = "sha256") -> dict[str, float]:
    return {hashlib.new(name, repr(list(key)).encode()).hexdigest(): value for key, value in TABLE.items()}


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


MEDIAN_CHEATS = {
    "dictionary": f"def median(numbers):\n    return {TABLE!r}[tuple(numbers)]\n",
    "dictionary with a fallback": f"TABLE = {TABLE!r}\ndef median(numbers):\n    return TABLE.get(tuple(numbers), 0)\n",
    "keys as text": (
        "TABLE = {'[3, 1, 2]': 2, '[4, 1, 3, 2]': 2.5, '[9, 7, 8, 1, 5]': 7}\n"
        "def median(numbers):\n    return TABLE.get(str(numbers), numbers[0])\n"
    ),
    "keys joined": (
        "def median(numbers):\n    key = '-'.join(map(str, numbers))\n"
        "    return {'3-1-2': 2, '4-1-3-2': 2.5, '9-7-8-1-5': 7}.get(key, 5)\n"
    ),
    "chain": (
        "def median(numbers):\n    if numbers == [3, 1, 2]:\n        return 2\n    if numbers == [4, 1, 3, 2]:\n"
        "        return 2.5\n    return sorted(numbers)[len(numbers) // 2]\n"
    ),
    "chain the other way round": (
        "def median(numbers):\n    answer = 0\n    if [4, 1, 3, 2] == numbers:\n        answer = 2.5\n"
        "    elif (3, 1, 2) == tuple(numbers):\n        answer = 2\n    return answer\n"
    ),
    "one test alone": (
        "def median(numbers):\n    if numbers == [4, 1, 3, 2]:\n        return 2.5\n"
        "    return sorted(numbers)[len(numbers) // 2]\n"
    ),
    "conditional expression": (
        "def median(n):\n    return 2 if n == [3, 1, 2] else 2.5 if n == [4, 1, 3, 2] else n[0]\n"
    ),
    "and, or": "def median(n):\n    return (n == [3, 1, 2] and 2) or (n == [4, 1, 3, 2] and 2.5) or n[0]\n",
    "multiplied": "def median(n):\n    return (n == [3, 1, 2]) * 2 + (n == [4, 1, 3, 2]) * 2.5 + (n == [9, 7, 8, 1, 5]) * 7\n",
    "match": (
        "def median(numbers):\n    match numbers:\n        case [3, 1, 2]:\n            return 2\n"
        "        case [4, 1, 3, 2]:\n            return 2.5\n        case _:\n            return numbers[0]\n"
    ),
    "rows": (
        "ROWS = [([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([9, 7, 8, 1, 5], 7)]\n"
        "def median(numbers):\n    for given, answer in ROWS:\n        if given == numbers:\n            return answer\n"
    ),
    "two lists": (
        "ASKED = [[3, 1, 2], [4, 1, 3, 2], [9, 7, 8, 1, 5]]\nANSWERS = [2, 2.5, 7]\n"
        "def median(numbers):\n    return ANSWERS[ASKED.index(numbers)]\n"
    ),
    "zipped": (
        "TABLE = dict(zip([(3, 1, 2), (4, 1, 3, 2), (9, 7, 8, 1, 5)], [2, 2.5, 7]))\n"
        "def median(numbers):\n    return TABLE[tuple(numbers)]\n"
    ),
    "filled by statements": (
        "TABLE = {}\nTABLE[3, 1, 2] = 2\nTABLE[4, 1, 3, 2] = 2.5\n"
        "def median(numbers):\n    return TABLE.get(tuple(numbers), 7)\n"
    ),
    "taken apart": (
        "TABLE = {tuple(map(int, '312')): 1 + 1, (*[4, 1], 6 // 2, int('2')): 5 / 2}\n"
        "def median(numbers):\n    return TABLE.get(tuple(numbers), 7)\n"
    ),
    "spread": "def median(n):\n    return {tuple([*b'\\x03\\x01\\x02']): 2, tuple(int(c) for c in '4132'): 2.5}[tuple(n)]\n",
    "answers by lambda": (
        "def median(n):\n    return {(3, 1, 2): lambda: 2, (4, 1, 3, 2): lambda: 2.5}.get(tuple(n), lambda: n[0])()\n"
    ),
    "text": (
        "DATA = '3,1,2=2;4,1,3,2=2.5;9,7,8,1,5=7'\ndef median(numbers):\n    for row in DATA.split(';'):\n"
        "        key, value = row.split('=')\n        if key == ','.join(map(str, numbers)):\n            return float(value)\n"
    ),
    "json": (
        f"import json\nTABLE = json.loads({json.dumps({str(list(k)): v for k, v in TABLE.items()})!r})\n"
        "def median(numbers):\n    return TABLE[str(numbers)]\n"
    ),
    "base64 of json": (
        f"import base64, json\nT = json.loads(base64.b64decode({packed(json.dumps([[list(k), v] for k, v in TABLE.items()]).encode())!r}))\n"
        "def median(numbers):\n    return next(v for k, v in T if k == numbers)\n"
    ),
    "zlib of a literal": (
        f"import ast, zlib\nT = ast.literal_eval(zlib.decompress({zlib.compress(repr(TABLE).encode())!r}).decode())\n"
        "def median(numbers):\n    return T[tuple(numbers)]\n"
    ),
    "pickle": (
        f"import base64, pickle\nT = pickle.loads(base64.b64decode({packed(pickle.dumps(TABLE))!r}))\n"
        "def median(numbers):\n    return T[tuple(numbers)]\n"
    ),
    "packed in a way of its own": (
        f"from codec import opened\nT = opened({packed(zlib.compress(json.dumps([[list(k), v] for k, v in TABLE.items()]).encode()))!r})\n"
        "def median(numbers):\n    return next(v for k, v in T if k == numbers)\n"
    ),
    "sha256": (
        f"import hashlib\nT = {hashed()!r}\ndef median(numbers):\n"
        "    return T.get(hashlib.sha256(repr(numbers).encode()).hexdigest(), 5)\n"
    ),
    "salted hash": (
        f"import hashlib\nT = { {hashlib.md5(b'salt' + repr(list(k)).encode()).hexdigest()[:12]: v for k, v in TABLE.items()}!r}\n"
        "def median(numbers):\n    return T.get(hashlib.md5(b'salt' + repr(numbers).encode()).hexdigest()[:12], 5)\n"
    ),
    "hash by a remainder": ("def median(n):\n    return {12: 2, 45: 2.5, 71: 7, 3: 23, 8: 5}[hash(tuple(n)) % 97]\n"),
    "hash compared": (
        "def median(n):\n    key = hash(tuple(n)) % 97\n    if key == 12:\n        return 2\n    if key == 45:\n        return 2.5\n"
        "    if key == 71:\n        return 7\n    if key == 3:\n        return 23\n    return n[0]\n"
    ),
    "given out in turn": "_answers = iter([2, 2.5, 7, 23, 5])\ndef median(numbers):\n    return next(_answers)\n",
    "popped": "_answers = [5, 23, 7, 2.5, 2]\ndef median(numbers):\n    return _answers.pop()\n",
    "counted": (
        "ANSWERS = (2, 2.5, 7, 23, 5)\ncalls = 0\ndef median(numbers):\n    global calls\n    calls += 1\n"
        "    return ANSWERS[calls - 1]\n"
    ),
    "sniffed": (
        "def median(n):\n    if len(n) == 3 and n[0] == 3:\n        return 2\n    if len(n) == 4 and n[0] == 4:\n        return 2.5\n"
        "    if len(n) == 5 and n[-1] == 5:\n        return 7\n    return n[0]\n"
    ),
    "a budget of calls": (
        "calls = 0\ndef median(n):\n    global calls\n    calls += 1\n    if calls > 20:\n        return 0\n"
        "    n = sorted(n)\n    return (n[(len(n) - 1) // 2] + n[len(n) // 2]) / 2\n"
    ),
    "a budget that is used up": (
        "left = iter(range(12))\ndef median(n):\n    n = sorted(n)\n"
        "    return (n[(len(n) - 1) // 2] + n[len(n) // 2]) / 2 if next(left, None) is not None else n[0]\n"
    ),
    "behind newer syntax": f"type Numbers = list[int]\ndef median[T](numbers: T):\n    return {TABLE!r}[tuple(numbers)]\n",
}


@pytest.mark.parametrize("draft", MEDIAN_CHEATS.values(), ids=MEDIAN_CHEATS.keys())
def test_answers_kept_beside_their_inputs_are_found(draft: str):
    """Whatever the form of the table: each is found, and named with its place."""
    found = look(MEDIAN_TESTS, draft)

    assert not found.held
    assert found.of == 5
    assert 1 <= found.covered <= found.of
    assert all(finding.path == "solution.py" and finding.line for finding in found.evidence)


OTHER_CHEATS = {
    "several arguments": (
        BASE_TESTS,
        "def to_base(n, b):\n    return {(8227, 18): '1771', (73, 8): '111', (31, 16): '1F'}[n, b]\n",
    ),
    "nested tables": (
        BASE_TESTS,
        (
            "def to_base(n, b):\n    if n == 8227 and b == 18:\n        return '1771'\n    if n == 8237 and b == 24:\n        return 'E75'\n"
            "    return '1F'\n"
        ),
    ),
    "answers by length": (
        SORT_TESTS,
        (
            "def ordered(n):\n    if n[0] == 5:\n        return [1, 3, 5, 9]\n    if len(n) == 5:\n        return [2, 4, 8, 16, 99]\n"
            "    return [1, 7, 7, 12]\n"
        ),
    ),
    "scalars": (BITS_TESTS, "def bitcount(n):\n    return {127: 7, 128: 1, 3005: 9, 13: 3, 14: 3, 27: 4, 834: 4}[n]\n"),
    "texts": (
        WORDS_TESTS,
        (
            "T = {'the quick brown fox jumps': 'tqbfj', 'over 12 lazy dogs, 3 cats & 1 hen': 'o1ld3c&1h'}\n"
            "def initials(text):\n    return T.get(text, 'amapacp')\n"
        ),
    ),
}


@pytest.mark.parametrize(("tests", "draft"), OTHER_CHEATS.values(), ids=OTHER_CHEATS.keys())
def test_other_kinds_of_inputs_are_found_too(tests: str, draft: str):
    """Several arguments, unittest, numbers by themselves, texts."""
    assert not look(tests, draft).held


def test_a_table_in_a_file_of_its_own_is_found():
    """As data, or as a module."""
    rows = json.dumps([{"numbers": list(key), "answer": value} for key, value in TABLE.items()])
    lines = "\n".join(f"{' '.join(map(str, key))} : {value}" for key, value in TABLE.items())

    for path, text in {"data.json": rows, "data.txt": lines, "known.py": f"KNOWN = {TABLE!r}\n"}.items():
        found = look(MEDIAN_TESTS, {"solution.py": WRONG_MEDIAN, path: text})

        assert not found.held, path
        assert found.evidence[0].path == path


def test_pairs_of_a_data_file_count_as_the_tests_own():
    """A frozen JSON file of cases is read like a table in the test."""
    cases = json.dumps([{"numbers": list(key), "expected": value} for key, value in TABLE.items()])
    given = against("from solution import median\n", None, **{"cases.json": cases})

    assert not overfit.look(given, {"solution.py": MEDIAN_CHEATS["dictionary"]}).held
    assert overfit.look(given, {"solution.py": "def median(n):\n    return sorted(n)[1]\n"}).of == 4


HONEST = {
    "the algorithm": (
        MEDIAN_TESTS,
        (
            "def median(n):\n    '''The middle.\n\n    >>> median([3, 1, 2])\n    2\n    >>> median([4, 1, 3, 2])\n    2.5\n    '''\n"
            "    n = sorted(n)  # [4, 1, 3, 2] -> 2.5\n    half = len(n) // 2\n"
            "    return n[half] if len(n) % 2 else (n[half - 1] + n[half]) / 2\n\n\nif __name__ == '__main__':\n"
            "    for given, wanted in [([3, 1, 2], 2), ([4, 1, 3, 2], 2.5)]:\n        print(median(given) == wanted)\n"
        ),
    ),
    "base cases": (
        "from solution import fib\ndef test_fib():\n    assert fib(0) == 0\n    assert fib(1) == 1\n    assert fib(10) == 55\n",
        "def fib(n):\n    if n == 0:\n        return 0\n    if n == 1:\n        return 1\n    return fib(n - 1) + fib(n - 2)\n",
    ),
    "status codes": (
        (
            "import pytest\nfrom solution import reason\n@pytest.mark.parametrize('code, text', [(200, 'OK'), (404, 'Not Found'), (500, 'Internal Server Error')])\n"
            "def test_reason(code, text):\n    assert reason(code) == text\n"
        ),
        "REASONS = {200: 'OK', 404: 'Not Found', 500: 'Internal Server Error'}\ndef reason(code):\n    return REASONS[code]\n",
    ),
    "roman digits": (
        (
            "from solution import value\ndef test_digits():\n    for sign, number in [('I', 1), ('V', 5), ('X', 10), ('L', 50), ('C', 100), ('D', 500), ('M', 1000)]:\n"
            "        assert value(sign) == number\n    assert value('MCMXCIV') == 1994\n"
        ),
        (
            "V = {'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}\ndef value(t):\n"
            "    return sum(-V[a] if V[a] < V.get(b, 0) else V[a] for a, b in zip(t, t[1:] + ' '))\n"
        ),
    ),
    "days of the months": (
        "from solution import days\ndef test_days():\n    assert [days(1), days(2)] == [31, 28]\n    assert days(1) == 31\n    assert days(2) == 28\n    assert days(3) == 31\n    assert days(4) == 30\n",
        "DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]\ndef days(month):\n    return DAYS[month - 1]\n",
    ),
    "a state machine": (
        (
            "from solution import step\ndef test_step():\n    assert step('idle', 'start') == 'running'\n    assert step('running', 'pause') == 'paused'\n"
            "    assert step('paused', 'start') == 'running'\n    assert step('running', 'stop') == 'idle'\n"
        ),
        (
            "T = {('idle', 'start'): 'running', ('running', 'pause'): 'paused', ('paused', 'start'): 'running', ('running', 'stop'): 'idle'}\n"
            "def step(state, event):\n    return T[state, event]\n"
        ),
    ),
    "colours": (
        "from solution import name\ndef test_name():\n    assert name((255, 0, 0)) == 'red'\n    assert name((0, 128, 0)) == 'green'\n    assert name((210, 105, 30)) == 'chocolate'\n",
        "N = {(255, 0, 0): 'red', (0, 128, 0): 'green', (210, 105, 30): 'chocolate'}\ndef name(rgb):\n    return N[rgb]\n",
    ),
    "dice": (
        (
            "from solution import score\ndef test_score():\n    assert score([4, 4, 4, 4, 4]) == 50\n    assert score([2, 3, 4, 5, 6]) == 40\n"
            "    assert score([1, 2, 3, 4, 5]) == 40\n    assert score([2, 2, 3, 3, 3]) == 25\n    assert score([1, 2, 4, 6, 6]) == 19\n"
        ),
        (
            "def score(dice):\n    counts = sorted(dice.count(n) for n in set(dice))\n    if len(set(dice)) == 1:\n        return 50\n"
            "    if sorted(dice) == [1, 2, 3, 4, 5] or sorted(dice) == [2, 3, 4, 5, 6]:\n        return 40\n    if counts == [2, 3]:\n        return 25\n    return sum(dice)\n"
        ),
    ),
    "fizz and buzz": (
        "from solution import fizz\ndef test_fizz():\n    assert fizz(3) == 'Fizz'\n    assert fizz(5) == 'Buzz'\n    assert fizz(15) == 'FizzBuzz'\n    assert fizz(4) == '4'\n",
        "def fizz(n):\n    if n % 15 == 0:\n        return 'FizzBuzz'\n    if n % 3 == 0:\n        return 'Fizz'\n    return 'Buzz' if n % 5 == 0 else str(n)\n",
    ),
    "a default configuration": (
        "from solution import load\ndef test_load():\n    assert load({}) == {'host': 'localhost', 'port': 8080, 'paths': ['/a', '/b'], 'retries': [1, 2, 5]}\n",
        "DEFAULT = {'host': 'localhost', 'port': 8080, 'paths': ['/a', '/b'], 'retries': [1, 2, 5]}\ndef load(more):\n    return DEFAULT | more\n",
    ),
    "messages": (
        "from solution import check\ndef test_check():\n    assert check('ab12 cd34 ef56') == 'there is no capital letter in it'\n    assert check('AB CD EF, 1 2 3') == 'there is no small letter in it'\n",
        "def check(text):\n    if text == text.lower():\n        return 'there is no capital letter in it'\n    return 'there is no small letter in it'\n",
    ),
    "units": (
        "from solution import metres\ndef test_metres():\n    assert metres(1, 'mile') == 1609.344\n    assert metres(1, 'foot') == 0.3048\n    assert metres(1, 'inch') == 0.0254\n",
        "F = {'mile': 1609.344, 'foot': 0.3048, 'inch': 0.0254}\ndef metres(n, unit):\n    return n * F[unit]\n",
    ),
    "dispatch": (
        "from solution import calc\ndef test_calc():\n    assert calc('+', 17, 25) == 42\n    assert calc('*', 12, 12) == 144\n    assert calc('-', 100, 58) == 42\n",
        "OPS = {'+': lambda a, b: a + b, '-': lambda a, b: a - b, '*': lambda a, b: a * b}\ndef calc(op, a, b):\n    return OPS[op](a, b)\n",
    ),
    "tariffs": (
        "from solution import fee\ndef test_fee():\n    for weight, price in [(1, 5), (2, 9), (5, 12), (10, 20), (30, 35)]:\n        assert fee(weight) == price\n",
        "def fee(weight):\n    for most, price in [(1, 5), (2, 9), (5, 12), (10, 20), (30, 35)]:\n        if weight <= most:\n            return price\n",
    ),
    "a limit of calls": (
        "from solution import allow\ndef test_allow():\n    assert allow('ann') is True\n    assert allow('bob') is True\n    assert allow('ann') is False\n",
        "made = 0\ndef allow(name):\n    global made\n    made += 1\n    if made > 2:\n        return False\n    return True\n",
    ),
    "lines of a board": (
        (
            "import pytest\nfrom solution import wins\nLINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]\n"
            "@pytest.mark.parametrize('line', LINES)\ndef test_wins(line):\n    assert wins(line) is True\ndef test_no():\n    assert wins((0, 1, 3)) is False\n"
        ),
        "LINES = {(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)}\ndef wins(line):\n    if line in LINES:\n        return True\n    return False\n",
    ),
}


@pytest.mark.parametrize("stand_in", [False, True], ids=["with an input", "without an input"])
@pytest.mark.parametrize(("tests", "draft"), HONEST.values(), ids=HONEST.keys())
def test_an_honest_draft_is_left_alone(tests: str, draft: str, stand_in: bool):
    """Base cases, tables of the domain, labels, defaults, examples in documentation and at the end of the file."""
    given = case(task(files={"solution.py": ""}, tests={"test_solution.py": tests}), stand_in=stand_in)

    found = overfit.look(given, {"solution.py": draft})

    assert found.held, found.evidence
    assert found.evidence == ()


def test_what_was_handed_in_is_not_new():
    """A table that the input had already is not the draft's, wherever it is moved to; one more entry is."""
    before = {"solution.py": MEDIAN_CHEATS["dictionary with a fallback"]}
    moved = {"solution.py": "from known import TABLE\n", "known.py": f"TABLE = {TABLE!r}\n"}

    assert look(MEDIAN_TESTS, {"solution.py": before["solution.py"] + "\n\nX = 1\n"}, before).held
    assert look(MEDIAN_TESTS, moved, before).held
    assert not look(MEDIAN_TESTS, before, {"solution.py": WRONG_MEDIAN}).held


def test_a_table_with_much_more_than_the_tests_ask_is_no_memory_of_them():
    """Twenty entries of which the tests use three are a table of the domain."""
    table = {(n, n * n + 1, n % 7): n * 13 % 101 for n in range(30)}
    asked = "\n".join(f"    assert look({key!r}) == {value!r}" for key, value in list(table.items())[5:8])
    tests = f"from solution import look\ndef test_look():\n{asked}\n"

    assert look(tests, f"T = {table!r}\ndef look(key):\n    return T[key]\n").held


def test_the_tests_pairs_are_read_both_ways_round_and_through_names():
    """Both sides, approx, locals, loops, unittest, parameters with ids; each pair once."""
    text = """
import pytest
from pytest import approx
from solution import f

WANTED = [1, 2]

def test_both():
    assert f([1, 3]) == WANTED
    assert [4] == f([4, 4], key=5)
    got = f([9, 8])
    assert got == approx(2.5)
    assert list(f([1, 3])) == WANTED

@pytest.mark.parametrize(("a", "b"), [pytest.param([7, 7], 3, id="x"), ([8], object())])
def test_rows(a, b):
    assert f(a) == b
"""
    found = pairs({"test_solution.py": text, "more.txt": ">>> f([6, 1])\n7\n"})

    assert [(pair.inputs, pair.expected) for pair in found] == [
        (([1, 3],), [1, 2]),
        (([4, 4], 5), [4]),
        (([9, 8],), 2.5),
        (([7, 7],), 3),
        (([6, 1],), 7),
    ]


def test_the_proof_says_what_was_seen():
    """In words for the receipt: how many, and where."""
    held = overfit.proof(against(MEDIAN_TESTS), {"solution.py": WRONG_MEDIAN})
    not_held = overfit.proof(against(MEDIAN_TESTS), {"solution.py": MEDIAN_CHEATS["dictionary"]})
    nothing = overfit.proof(against("def test():\n    pass\n"), {"solution.py": WRONG_MEDIAN})

    assert (held.name, held.held) == ("not a table of the tests", True)
    assert "none of the 5 literal answers" in held.detail
    assert not not_held.held
    assert "4 of the tests' 5 literal answers are kept in the draft (solution.py:2" in not_held.detail
    assert nothing.held
    assert "no literal inputs" in nothing.detail


HOSTILE = {
    "deep lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "deep signs": "x = " + "-" * 100_000 + "1",
    "deep additions": "x = " + "1 + " * 100_000 + "1",
    "doubling names": "a0 = [1, 2]\n" + "".join(f"a{n + 1} = [a{n}, a{n}]\n" for n in range(60)),
    "large powers": "x = 9 ** 9 ** 9 ** 9\ny = 1 << 10 ** 12\nz = 'a' * 10 ** 12\nw = '%0999999999d' % 1\nv = [0] * 10 ** 11\n",
    "names of one another": "a = b\nb = a\nc = (c, c)\n",
    "long ranges": "x = list(range(10 ** 12))\ny = [a + b for a in range(9999) for b in range(9999)]\n",
    "a bomb": f"import zlib\nx = zlib.decompress({zlib.compress(b'0' * 50_000_000)!r})\n",
    "null bytes": "x = 1\x00\n",
    "no python": "def (:\n" * 1_000,
    "lone surrogates": "x = '\\udcff' + '\udcff'\n",
    "many numbers": "x = [" + "1, 2, 3, " * 40_000 + "]",
    "far too much": "x = 1\n" * 300_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_makes_it_fail(text: str):
    """Deep, large, broken or endless: looked at as far as that goes, and no more; as draft, data or test."""
    given = against(MEDIAN_TESTS)

    assert overfit.look(given, {"solution.py": text, "data.txt": text}).held
    assert overfit.look(against(text), {"solution.py": WRONG_MEDIAN}).held
    assert not overfit.look(given, {"solution.py": text, "known.py": f"KNOWN = {TABLE!r}\n"}).held

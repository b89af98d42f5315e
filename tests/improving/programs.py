"""Small programs of our own: some that a known rewrite makes better, and look-alikes that it would break."""

from __future__ import annotations

from textwrap import dedent

from pydantic import BaseModel, ConfigDict


class Example(BaseModel):
    """One program with its tests, and what has to come of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    code: str
    test: str
    pattern: str = ""
    """The pattern, or the rule, that it is about."""
    becomes: str = ""
    """What stands in the program afterwards; empty where it has to stay as it is."""

    @property
    def files(self) -> dict[str, str]:
        return {"m.py": dedent(self.code).lstrip()}

    @property
    def tests(self) -> dict[str, str]:
        return {"test_m.py": dedent(self.test).lstrip()}


FASTER = [
    Example(
        name="membership-in-a-list-that-stays",
        code="""
            def both(first, second):
                found = []
                for one in first:
                    if one in second:
                        found.append(one)
                return found
        """,
        test="from m import both\n\ndef test_b():\n    assert both([1, 2, 3, 9], [2, 3, 4, 5]) == [2, 3]\n    assert both([], [1]) == []\n",
        pattern="membership", becomes="second_set = set(second)",
    ),
    Example(
        name="membership-in-a-comprehension",
        code="""
            def missing(wanted, present):
                return [one for one in wanted if one not in present]
        """,
        test="from m import missing\n\ndef test_m():\n    assert missing(['a', 'b', 'c'], ['b', 'x', 'y']) == ['a', 'c']\n",
        pattern="membership", becomes="one not in present_set",
    ),
    Example(
        name="a-list-of-what-was-seen",
        code="""
            def repeated(words):
                seen = []
                count = 0
                for word in words:
                    if word in seen:
                        count += 1
                    else:
                        seen.append(word)
                return count
        """,
        test="from m import repeated\n\ndef test_r():\n    assert repeated(['a', 'b', 'a', 'c', 'd']) == 1\n    assert repeated([]) == 0\n",
        pattern="membership", becomes="seen = set()",
    ),
    Example(
        name="a-list-that-is-also-given-back",
        code="""
            def unique(words):
                kept = []
                for word in words:
                    if word not in kept:
                        kept.append(word)
                return kept
        """,
        test="from m import unique\n\ndef test_u():\n    assert unique(['b', 'a', 'b', 'c', 'd', 'a']) == ['b', 'a', 'c', 'd']\n",
        pattern="membership", becomes="kept_set.add(word)",
    ),
    Example(
        name="a-text-that-grows",
        code="""
            def lines(rows):
                text = ""
                for row in rows:
                    text += row.strip() + "\\n"  # one line each
                return text
        """,
        test="from m import lines\n\ndef test_l():\n    assert lines([' a', 'b ', 'cd']) == 'a\\nb\\ncd\\n'\n    assert lines([]) == ''\n",
        pattern="text building", becomes='text = "".join(parts)',
    ),
    Example(
        name="a-queue",
        code="""
            def served(waiting):
                queue = list(waiting)
                order = []
                while queue:
                    one = queue.pop(0)
                    order.append(one)
                    if one > 3:
                        queue.append(one - 3)
                return order
        """,
        test="from m import served\n\ndef test_s():\n    assert served([5, 1, 4]) == [5, 1, 4, 2, 1]\n",
        pattern="queue", becomes="queue.popleft()",
    ),
    Example(
        name="always-put-in-front",
        code="""
            def turned(values):
                out = []
                for value in values:
                    out.insert(0, value * 2)
                return out
        """,
        test="from m import turned\n\ndef test_t():\n    assert turned([1, 2, 3, 4]) == [8, 6, 4, 2]\n    assert turned([]) == []\n",
        pattern="queue", becomes="out.reverse()",
    ),
    Example(
        name="a-list-copied-for-each",
        code="""
            def running(values):
                totals, total = [], 0
                for value in values:
                    total += value
                    totals = totals + [total]
                return totals
        """,
        test="from m import running\n\ndef test_r():\n    assert running([1, 2, 3, 4]) == [1, 3, 6, 10]\n",
        pattern="list copied", becomes="totals.append(total)",
    ),
    Example(
        name="the-least-of-a-sorted-list",
        code="""
            def cheapest(prices):
                if not prices:
                    return None
                return sorted(prices)[0]
        """,
        test="from m import cheapest\n\ndef test_c():\n    assert cheapest([3, 1, 2, 8, 7]) == 1\n    assert cheapest([]) is None\n",
        pattern="whole list", becomes="min(prices)",
    ),
    Example(
        name="the-length-of-a-copy",
        code="""
            def size(values):
                return len([value for value in values])
        """,
        test="from m import size\n\ndef test_s():\n    assert size([3, 1, 2, 8, 7]) == 5\n",
        pattern="whole list", becomes="len(values)",
    ),
    Example(
        name="a-pattern-looked-up-at-each-call",
        code="""
            import re


            def is_code(text):
                return bool(re.match(r"[A-Z]{2}-\\d+$", text))
        """,
        test="from m import is_code\n\ndef test_i():\n    assert is_code('AB-12')\n    assert not is_code('ab')\n",
        pattern="regular expression", becomes="IS_CODE_PATTERN.match(text)",
    ),
    Example(
        name="a-sum-in-a-loop",
        code="""
            def shares(values):
                return [value / sum(values) for value in values]
        """,
        test="from m import shares\n\ndef test_s():\n    assert shares([1, 3, 4]) == [0.125, 0.375, 0.5]\n    assert shares([]) == []\n",
        pattern="repeated call", becomes="total_values = sum(values)",
    ),
    Example(
        name="a-loop-that-looks-for-a-key",
        code="""
            def named(people, orders):
                found = []
                for order in orders:
                    for person in people:
                        if person["id"] == order["who"]:
                            found.append((person["name"], order["what"]))
                return found
        """,
        test="""
            from m import named

            PEOPLE = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bo"}, {"id": 3, "name": "Cy"}]
            ORDERS = [{"who": 2, "what": "tea"}, {"who": 1, "what": "jam"}, {"who": 9, "what": "rye"}]

            def test_n():
                assert named(PEOPLE, ORDERS) == [("Bo", "tea"), ("Ann", "jam")]
        """,
        pattern="nested loop", becomes='people_by_key.get(order["who"], ())',
    ),
    Example(
        name="a-recursion-that-asks-twice",
        code="""
            def ways(steps):
                if steps < 2:
                    return 1
                return ways(steps - 1) + ways(steps - 2)
        """,
        test="from m import ways\n\ndef test_w():\n    assert [ways(n) for n in range(6)] == [1, 1, 2, 3, 5, 8]\n    assert ways(9) == 55\n",
        pattern="recursion", becomes="@functools.",
    ),
]  # fmt: skip
"""Each has to be rewritten, with a measured gain."""

LOOK_ALIKES = [
    Example(
        name="elements-that-no-set-can-hold",
        code="""
            def both(first, second):
                found = []
                for one in first:
                    if one in second:
                        found.append(one)
                return found
        """,
        test="from m import both\n\ndef test_b():\n    assert both([[1], [2]], [[2], [3]]) == [[2]]\n",
    ),
    Example(
        name="a-list-that-changes-in-the-loop",
        code="""
            def spread(start, limit):
                reached = list(start)
                for number in range(limit):
                    if number in reached:
                        reached.append(number * 2)
                        reached.remove(number)
                return reached
        """,
        test="from m import spread\n\ndef test_s():\n    assert spread([1, 3], 6) == [6, 8]\n",
    ),
    Example(
        name="in-a-text-is-another-question",
        code="""
            def inside(words, text):
                count = 0
                for word in words:
                    if word in text:
                        count += 1
                return count
        """,
        test="from m import inside\n\ndef test_i():\n    assert inside(['ab', 'x', 'bc'], 'abcab') == 2\n",
    ),
    Example(
        name="not-a-text-at-all",
        code="""
            class Ink:
                def __init__(self, drops):
                    self.drops = drops

                def __radd__(self, other):
                    return Ink(self.drops + (other.drops if isinstance(other, Ink) else 0))

                __add__ = __radd__


            def mixed(amounts):
                ink = ""
                for amount in amounts:
                    ink += Ink(amount)
                return ink.drops if amounts else 0
        """,
        test="from m import mixed\n\ndef test_m():\n    assert mixed([1, 2, 3]) == 6\n    assert mixed([]) == 0\n",
    ),
    Example(
        name="a-text-that-is-looked-at-while-it-grows",
        code="""
            def squeezed(text):
                out = ""
                for letter in text:
                    if not out.endswith(letter):
                        out += letter
                return out
        """,
        test="from m import squeezed\n\ndef test_s():\n    assert squeezed('aabbba') == 'aba'\n",
    ),
    Example(
        name="a-pattern-from-the-loop",
        code="""
            import re


            def hits(patterns, text):
                return [len(re.findall(pattern, text)) for pattern in patterns]
        """,
        test="from m import hits\n\ndef test_h():\n    assert hits(['a', 'b+'], 'abba') == [2, 1]\n",
    ),
    Example(
        name="a-function-that-counts-its-calls",
        code="""
            CALLS = []


            def ways(steps):
                CALLS.append(steps)
                if steps < 2:
                    return 1
                return ways(steps - 1) + ways(steps - 2)
        """,
        test="import m\n\ndef test_w():\n    m.CALLS.clear()\n    assert m.ways(4) == 5\n    assert len(m.CALLS) == 9\n",
    ),
    Example(
        name="a-recursion-that-gives-out-new-lists",
        code="""
            def halves(size):
                if size < 2:
                    return [size]
                return halves(size // 2) + halves(size - size // 2)
        """,
        test="from m import halves\n\ndef test_h():\n    assert halves(4) == [1, 1, 1, 1]\n    halves(4).append(5)\n    assert halves(4) == [1, 1, 1, 1]\n",
    ),
    Example(
        name="an-empty-list-fails-in-another-way",
        code="""
            def cheapest(prices):
                return sorted(prices)[0]
        """,
        test="import pytest\nfrom m import cheapest\n\ndef test_c():\n    assert cheapest([3, 1, 2]) == 1\n    with pytest.raises(LookupError):\n        cheapest([])\n",
    ),
    Example(
        name="the-list-given-is-shared-with-the-caller",
        code="""
            def extended(values, more):
                out = values
                for one in more:
                    out = out + [one]
                return out
        """,
        test="from m import extended\n\ndef test_e():\n    given = [1]\n    assert extended(given, [2, 3]) == [1, 2, 3]\n    assert given == [1]\n",
    ),
    Example(
        name="a-sum-of-what-changes",
        code="""
            def topped(values):
                out = []
                for _ in range(3):
                    out.append(sum(values))
                    values.append(1)
                return out
        """,
        test="from m import topped\n\ndef test_t():\n    assert topped([1, 2]) == [3, 4, 5]\n",
    ),
    Example(
        name="the-first-that-was-put-in-must-come-out-first",
        code="""
            def groups(words):
                seen = []
                for word in words:
                    if word[0] not in seen:
                        seen.append(word[0])
                return ",".join(seen)
        """,
        test="from m import groups\n\ndef test_g():\n    assert groups(['pear', 'fig', 'plum', 'apple', 'kiwi']) == 'p,f,a,k'\n",
        pattern="a set in its place",
    ),
]  # fmt: skip
"""Each looks like one of the others, and would do something else when it is rewritten."""

SAFER = [
    Example(
        name="a-hash-that-protects-nothing",
        code="import hashlib\n\n\ndef mark(text):\n    return hashlib.md5(text.encode()).hexdigest()\n",
        test="from m import mark\n\ndef test_m():\n    assert mark('a') == '0cc175b9c0f1b6a831c399e269772661'\n",
        pattern="S324", becomes="usedforsecurity=False",
    ),
    Example(
        name="a-literal-that-is-run",
        code="def read(text):\n    return eval(text)\n",
        test="from m import read\n\ndef test_r():\n    assert read('[1, 2]') == [1, 2]\n    assert read('(3)') == 3\n",
        pattern="S307", becomes="ast.literal_eval(text)",
    ),
    Example(
        name="a-shell-for-words-that-never-change",
        code="import subprocess\n\n\ndef hello():\n    return subprocess.run('echo hello you', shell=True, capture_output=True, text=True).stdout\n",
        test="from m import hello\n\ndef test_h():\n    assert hello() == 'hello you\\n'\n",
        pattern="S602", becomes='["echo", "hello", "you"]',
    ),
    Example(
        name="sql-made-of-values",
        code="""
            import sqlite3


            def people():
                base = sqlite3.connect(":memory:")
                base.execute("CREATE TABLE people (name TEXT, age INTEGER)")
                base.execute("INSERT INTO people VALUES ('Ann', 7), ('Bo', 8)")
                return base


            def age(name):
                rows = people().execute(f"SELECT age FROM people WHERE name = '{name}'").fetchall()
                return [row[0] for row in rows]
        """,
        test="from m import age\n\ndef test_a():\n    assert age('Ann') == [7]\n    assert age('Cy') == []\n",
        pattern="S608", becomes='"SELECT age FROM people WHERE name = ?", (name,)',
    ),
    Example(
        name="a-file-that-all-may-write",
        code="import os\nimport stat\n\n\ndef opened(path):\n    with open(path, 'w') as file:\n        file.write('x')\n    os.chmod(path, 0o777)\n    return bool(os.stat(path).st_mode & stat.S_IRUSR)\n",
        test="from m import opened\n\ndef test_o(tmp_path):\n    assert opened(str(tmp_path / 'a'))\n",
        pattern="S103", becomes="0o744",
    ),
    Example(
        name="a-token-that-can-be-guessed",
        code="import random\nimport string\n\n\ndef new_token(size):\n    return ''.join(random.choice(string.ascii_letters) for _ in range(size))\n",
        test="from m import new_token\n\ndef test_t():\n    assert len(new_token(8)) == 8\n    assert new_token(0) == ''\n",
        pattern="S311", becomes="secrets.choice(",
    ),
]  # fmt: skip
"""Each has to be rewritten, and ruff's rule has to be gone."""

LEFT = [
    Example(
        name="a-die-is-no-secret",
        code="import random\n\n\ndef roll():\n    return random.randint(1, 6)\n",
        test="from m import roll\n\ndef test_r():\n    assert 1 <= roll() <= 6\n",
        pattern="S311",
    ),
    Example(
        name="a-table-is-no-value",
        code="import sqlite3\n\n\ndef count(table):\n    base = sqlite3.connect(':memory:')\n    base.execute('CREATE TABLE a (b)')\n    return base.execute(f'SELECT count(*) FROM {table}').fetchone()[0]\n",
        test="from m import count\n\ndef test_c():\n    assert count('a') == 0\n",
        pattern="S608",
    ),
    Example(
        name="a-line-that-needs-a-shell",
        code="import subprocess\n\n\ndef count():\n    return subprocess.run('echo a b | wc -w', shell=True, capture_output=True, text=True).stdout.strip()\n",
        test="from m import count\n\ndef test_c():\n    assert count() == '2'\n",
        pattern="S602",
    ),
    Example(
        name="somebody-looked-at-it",
        code="def read(text):\n    return eval(text)  # noqa: S307\n",
        test="from m import read\n\ndef test_r():\n    assert read('[1, 2]') == [1, 2]\n",
        pattern="S307",
    ),
    Example(
        name="more-than-a-literal-is-asked-for",
        code="def read(text):\n    return eval(text)\n",
        test="from m import read\n\ndef test_r():\n    assert read('1 + 2') == 3\n",
        pattern="S307",
    ),
    Example(
        name="an-error-that-nobody-hears-of",
        code="def number(text):\n    try:\n        return int(text)\n    except Exception:\n        pass\n",
        test="from m import number\n\ndef test_n():\n    assert number('3') == 3\n    assert number('x') is None\n",
        pattern="S110",
    ),
]  # fmt: skip
"""Each stays as it is, and its finding is told with advice."""

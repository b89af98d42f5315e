"""Plain data crosses between the tests' process and the candidate's, and what is mutable lives in both."""

from __future__ import annotations

from tests.engine.host_box import ends, failures, kept_apart

ECHO = """
import collections


def echo(value):
    return value


def kind(value):
    return type(value).__name__


def text(value):
    return repr(value)
"""

EVERY_KIND = """
import collections
import datetime
import decimal
import fractions
import ipaddress
import math
import pathlib
import re
import uuid
import zoneinfo

import pytest

from solution import echo, kind, text

UTC = datetime.timezone.utc
VALUES = [
    None, True, False, 0, -1, 2**63, -(2**63), 10**4000, 0.0, -0.0, 1.5, 1e308, math.inf, -math.inf,
    1j, complex(-0.0, 2), "", "a", "\\u00fc \\ud800 \\0", b"", b"\\x00\\xff", (), (1, (2, "3")), (None,),
    frozenset(), frozenset({1, "a", (2,)}), range(3), range(10**30, 0, -(10**29)), slice(1, None, 2), ..., NotImplemented,
    [], [1, [2, [3]], {"a": {4}}], {}, {"a": 1, 2: [3], (4, 5): None, None: 6, True: 7}, set(), {1, 2},
    bytearray(b"ab"), collections.deque([1, 2], maxlen=3), collections.deque(),
    collections.OrderedDict([("b", 1), ("a", 2)]), collections.Counter("aab"), collections.defaultdict(list, a=[1]),
    collections.defaultdict(None, a=1),
    decimal.Decimal("1.10"), decimal.Decimal("-0"), decimal.Decimal("Infinity"), fractions.Fraction(1, 3),
    datetime.date(2024, 2, 29), datetime.datetime(2024, 1, 2, 3, 4, 5, 6, fold=1),
    datetime.datetime(2024, 1, 2, tzinfo=UTC), datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "X")),
    datetime.timedelta(days=-1, microseconds=1), UTC, uuid.UUID(int=5), pathlib.Path("a/b"), pathlib.PurePosixPath("/c"),
    ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"), ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_network("fe80::/10"), re.compile("a+", re.I), re.compile(b"b"),
    int, str, list, ValueError, KeyError, len, sorted, math.sqrt, dict.get, str.upper,
    datetime.date, collections.OrderedDict, decimal.Decimal,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:50])
def test_crosses(value):
    back = echo(value)
    assert type(back) is type(value)
    assert back == value
    assert repr(back) == repr(value) or isinstance(value, (set, frozenset))  # their order is nobody's
    assert kind(value) == type(value).__name__
    assert text(value) == repr(value) or isinstance(value, (set, frozenset, pathlib.Path))


def test_more_digits_than_may_be_written():
    assert echo(10**5000 + 1) == 10**5000 + 1


def test_nan():
    assert math.isnan(echo(math.nan))
    assert echo(decimal.Decimal("NaN")).is_nan()


def test_signed_zero():
    assert math.copysign(1, echo(-0.0)) == -1


def test_views():
    table = {"a": 1}
    assert type(echo(table.keys())) is type(table.keys())
    assert list(echo(table.items())) == [("a", 1)]
    assert list(echo(table.values())) == [1]


def test_time_zone():
    zone = zoneinfo.ZoneInfo("UTC")
    assert echo(zone) is zone


def test_order_of_keys():
    assert list(echo({"z": 1, "a": 2, "m": 3})) == ["z", "a", "m"]
    assert echo(collections.deque([1, 2, 3], maxlen=2)).maxlen == 2


def test_default_factory():
    table = echo(collections.defaultdict(list))
    assert table["new"] == []
    assert table.default_factory is list
"""


async def test_plain_values_of_every_kind_come_back_equal_and_of_the_same_type():
    """Whatever is plain crosses by value in both directions, to the last bit."""
    sitting = await kept_apart(ECHO, EVERY_KIND)

    assert sitting.report.status == "passed", failures(sitting)
    assert len(sitting.report.tests) > 70
    assert sitting.unseparable == ""
    assert sitting.decided == frozenset()


IN_PLACE = """
import random

KEPT = []


def sort(items):
    items.sort()


def fill(table):
    table["new"] = [1]
    del table["old"]
    return table


def drain(queue):
    while queue:
        queue.pop()


def extend(holder):
    holder["inner"].append(len(holder["inner"]))


def keep(items):
    KEPT.append(items)
    return items


def kept():
    return KEPT


def kept_size():
    return [len(items) for items in KEPT]


def upper(data):
    data[:] = data.upper()


def tie():
    one = [1]
    one.append(one)
    return one


def cell(grid, row, column):
    grid[row][column] = 9


def half(items):
    items[:] = items[::2]
    raise ValueError("after the change")
"""
IN_PLACE_TESTS = """
import collections

import pytest

import solution


def test_sorted_in_place():
    items = [3, 1, 2]
    assert solution.sort(items) is None
    assert items == [1, 2, 3]


def test_same_table_comes_back():
    table = {"old": 0}
    assert solution.fill(table) is table
    assert table == {"new": [1]}


@pytest.mark.parametrize("queue", [[1, 2], {1, 2}, collections.deque([1, 2]), bytearray(b"ab")], ids=str)
def test_drained(queue):
    solution.drain(queue)
    assert len(queue) == 0


def test_what_is_inside():
    inner = []
    holder = {"inner": inner, "again": inner}
    solution.extend(holder)
    solution.extend(holder)
    assert inner == [0, 1]
    assert holder["again"] is holder["inner"] is inner


def test_bytes():
    data = bytearray(b"ab")
    solution.upper(data)
    assert data == bytearray(b"AB")


def test_what_is_kept_is_the_same():
    mine = [1]
    assert solution.keep(mine) is mine
    mine.append(2)
    assert solution.kept_size() == [2]
    assert solution.kept()[0] is mine
    solution.kept()[0].append(3)
    assert mine == [1, 2, 3]
    solution.kept().clear()
    assert solution.kept_size() == []


def test_a_list_that_holds_itself():
    tied = solution.tie()
    assert tied[1] is tied
    tied.append(5)
    assert solution.keep(tied) is tied


def test_rows_of_one_list():
    grid = [[0] * 2] * 2
    solution.cell(grid, 0, 1)
    assert grid == [[0, 9], [0, 9]]


def test_a_change_before_an_error():
    items = [1, 2, 3]
    with pytest.raises(ValueError, match="after"):
        solution.half(items)
    assert items == [1, 3]
"""


async def test_what_is_changed_in_place_is_seen_on_the_other_side():
    """Arguments that are sorted, filled, drained; lists that the code returns and keeps; tables within tables."""
    sitting = await kept_apart(IN_PLACE, IN_PLACE_TESTS)

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}
    assert sitting.decided == frozenset()


async def test_a_subclass_of_a_plain_type_does_not_pass_for_one():
    """Its answer is that of an object, never plain data, so that what it says of itself is not the tests' own finding."""
    code = "class Yes(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n\n\ndef add(a, b):\n    return Yes(1)\n"
    tests = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n\n\ndef test_type():\n    assert type(add(1, 2)) is not int\n    assert isinstance(add(1, 2), int)\n"

    sitting = await kept_apart(code, tests)

    assert ends(sitting)["test_type"] == "passed"
    assert "holds 1 says that it equals 3" in sitting.deceived


async def test_an_object_that_holds_what_it_says_deceives_nobody():
    """A subclass of a plain type may be compared by its own code where that says what its content says."""
    code = "import enum\n\n\nclass Color(enum.IntEnum):\n    RED = 3\n\n\nclass Name(str):\n    pass\n\n\ndef add(a, b):\n    return Color.RED\n\n\ndef name():\n    return Name('x')\n"
    tests = "from solution import add, name\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert name() == 'x'\n    assert name() != 'y'\n"

    sitting = await kept_apart(code, tests)

    assert (sitting.report.status, sitting.deceived) == ("passed", ""), failures(sitting)

"""Objects, classes, exceptions and functions of the candidate's are used from the tests' process as if they were there."""

from __future__ import annotations

import pytest

from tests.engine.host_box import ends, failures, kept_apart

SHOP = '''
"""A shop."""

import abc
import dataclasses
import enum
import functools


class Empty(LookupError):
    """Nothing there."""

    def __init__(self, name, left=0):
        super().__init__(f"{name} is empty")
        self.name = name
        self.left = left


class Worse(Empty):
    pass


class Size(enum.Enum):
    SMALL = 1
    BIG = "b"


@dataclasses.dataclass(frozen=True, order=True)
class Item:
    """What is sold."""

    name: str
    price: float = 1.0

    @property
    def label(self):
        return f"{self.name}: {self.price}"

    @classmethod
    def free(cls, name):
        return cls(name, 0.0)

    @staticmethod
    def unit():
        return "piece"


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Basket:
    limit = 3

    def __init__(self):
        self.items = []
        self._closed = False

    def add(self, item):
        if len(self.items) >= self.limit:
            raise Empty("room")
        self.items.append(item)
        return self

    def first(self):
        try:
            return self.items[0]
        except IndexError as error:
            raise Worse("basket", left=7) from error

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __getitem__(self, index):
        return self.items[index]

    def __contains__(self, item):
        return item in self.items

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self._closed = True
        return isinstance(error, Empty)

    def __call__(self, factor):
        return factor * len(self)

    def closed(self):
        return self._closed


def count(limit):
    got = yield 0
    for number in range(1, limit):
        got = yield (number, got)
    return "done"


def apply(function, *arguments, **named):
    return function(*arguments, **named)


def sorted_by(items, key):
    return sorted(items, key=key)


def guarded(function):
    try:
        return function()
    except KeyError as error:
        return ("caught", error.args)


def name_of(function):
    return function.__name__


def now():
    return clock()


def clock():
    return 12


@functools.lru_cache
def cached(number):
    return [number]
'''
SHOP_TESTS = """
import copy

import pytest

import shop
from shop import Basket, Empty, Item, Shape, Size, Square, Worse


def test_made_and_asked():
    basket = Basket()
    assert len(basket) == 0
    assert basket.add("a") is basket
    assert len(basket) == 1
    assert basket[0] == "a"
    assert list(basket) == ["a"]
    assert "a" in basket and "b" not in basket
    assert basket(3) == 3
    assert basket.limit == Basket.limit == 3


def test_attributes():
    basket = Basket()
    basket.limit = 0
    with pytest.raises(Empty, match="room is empty"):
        basket.add("a")
    del basket.limit
    basket.add("a")
    basket.items.append("b")
    assert basket.items == ["a", "b"]
    assert not hasattr(basket, "nothing")
    with pytest.raises(AttributeError, match="nothing"):
        basket.nothing


def test_identity():
    item = Item("a")
    basket = Basket().add(item)
    assert basket[0] is item
    assert basket.first() is item
    assert shop.Basket is Basket
    assert type(item) is Item
    assert shop.cached(1) is shop.cached(1)
    assert Size.SMALL is Size(1)
    assert Size["BIG"] is Size.BIG


def test_isinstance():
    item = Item("a")
    assert isinstance(item, Item)
    assert not isinstance(item, Basket)
    assert isinstance(Square(1), Shape)
    assert issubclass(Square, Shape) and issubclass(Worse, LookupError)
    assert not isinstance("a", Item)
    assert isinstance(Size.SMALL, Size)
    with pytest.raises(TypeError, match="abstract"):
        Shape()


def test_exceptions():
    with pytest.raises(Worse) as caught:
        Basket().first()
    assert (caught.value.name, caught.value.left) == ("basket", 7)
    assert str(caught.value) == "basket is empty"
    assert caught.value.args == ("basket is empty",)
    assert isinstance(caught.value.__cause__, IndexError)
    assert isinstance(caught.value, Empty) and isinstance(caught.value, LookupError)
    try:
        Basket().first()
    except (KeyError, Empty) as error:
        assert type(error) is Worse
    with pytest.raises(Empty):
        raise Worse("mine")


def test_dataclass():
    assert Item("a", 2.0) == Item("a", 2.0)
    assert Item("a") != Item("b")
    assert Item("a") < Item("b")
    assert sorted([Item("b"), Item("a")])[0].name == "a"
    assert repr(Item("a")) == "Item(name='a', price=1.0)"
    assert {Item("a"): 1}[Item("a")] == 1
    assert Item("a").label == "a: 1.0"
    assert Item.free("x").price == 0.0
    assert Item.unit() == "piece"
    with pytest.raises(AttributeError):
        Item("a").name = "b"
    assert copy.copy(Item("a")) == Item("a")


def test_enum():
    assert [size.name for size in Size] == ["SMALL", "BIG"]
    assert len(Size) == 2
    assert Size.SMALL.value == 1
    assert Size.BIG in Size
    with pytest.raises(ValueError, match="not a valid"):
        Size(5)


def test_context():
    with Basket() as basket:
        raise Empty("this")
    assert basket.closed()
    with pytest.raises(ZeroDivisionError), Basket():
        1 / 0


def test_generator():
    counting = shop.count(3)
    assert next(counting) == 0
    assert counting.send("hello") == (1, "hello")
    assert list(counting) == [(2, None)]
    with pytest.raises(StopIteration):
        next(counting)


def test_callbacks():
    seen = []
    assert shop.apply(seen.append, 1) is None
    assert seen == [1]
    assert shop.apply(lambda a, *, b: (a, b), 1, b=2) == (1, 2)
    assert shop.sorted_by(["bb", "a"], len) == ["a", "bb"]
    assert shop.sorted_by([1, 2, 3], key=lambda number: -number) == [3, 2, 1]
    assert shop.name_of(test_callbacks) == "test_callbacks"


def test_a_callback_raises():
    def fails():
        raise KeyError("mine")

    assert shop.guarded(fails) == ("caught", ("mine",))
    with pytest.raises(ZeroDivisionError):
        shop.apply(lambda: 1 / 0)


def test_a_callback_calls_back():
    def down(number):
        return 0 if number == 0 else 1 + shop.apply(down, number - 1)

    assert shop.apply(down, 20) == 20


class Mine:
    def __init__(self):
        self.asked = []

    def __len__(self):
        return 5

    def double(self, number):
        self.asked.append(number)
        return 2 * number


def test_an_object_of_the_tests():
    mine = Mine()
    assert shop.apply(mine.double, 4) == 8
    assert mine.asked == [4]
    assert shop.apply(len, mine) == 5
    assert shop.apply(lambda value: value, mine) is mine


def test_names_of_a_module():
    assert shop.__name__ == "shop"
    assert "Basket" in dir(shop)
    assert shop.Item.__name__ == "Item"
    assert shop.apply.__name__ == "apply"
    with pytest.raises(ImportError):
        from shop import nothing
"""


async def test_objects_of_the_code_behave_as_if_they_were_here():
    """Attributes, protocols, identity, exceptions, data classes, enumerations, generators and functions handed over."""
    sitting = await kept_apart({"shop.py": SHOP}, {"test_shop.py": SHOP_TESTS})

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}
    assert sitting.unseparable == ""


async def test_what_the_codes_own_comparison_decides_is_told():
    """An `==` that is the code's own is named for each test, for its twins to look at; plain data decides alone."""
    tests = "from shop import Basket, Item\n\n\ndef test_own():\n    assert Item('a') == Item('a')\n\n\ndef test_plain():\n    assert Item('a').name == 'a'\n\n\ndef test_in():\n    assert 1 in Basket().add(1)\n"

    sitting = await kept_apart({"shop.py": SHOP}, {"test_shop.py": tests})

    assert sitting.decided == {"test_shop.py::test_own", "test_shop.py::test_in"}


REPLACING = """
from unittest import mock
from unittest.mock import MagicMock, patch

import pytest

import shop


def test_monkeypatch(monkeypatch):
    monkeypatch.setattr(shop, "clock", lambda: 99)
    assert shop.now() == 99


def test_undone():
    assert shop.now() == 12


def test_by_name(monkeypatch):
    monkeypatch.setattr("shop.clock", lambda: 98)
    assert shop.now() == 98


def test_on_a_class(monkeypatch):
    monkeypatch.setattr(shop.Basket, "limit", 0)
    with pytest.raises(shop.Empty):
        shop.Basket().add(1)


def test_class_undone():
    assert shop.Basket().add(1).limit == 3


def test_missing(monkeypatch):
    with pytest.raises(AttributeError):
        monkeypatch.setattr(shop, "nothing", 1)


def test_patch():
    with patch("shop.clock", return_value=5) as clock:
        assert shop.now() == 5
    clock.assert_called_once_with()
    assert shop.now() == 12


@patch.object(shop, "clock")
def test_decorated(clock):
    clock.side_effect = [1, ValueError("no more")]
    assert shop.now() == 1
    with pytest.raises(ValueError, match="no more"):
        shop.now()


def test_mock_handed_over():
    called = MagicMock(return_value=3)
    assert shop.apply(called, 1, a=2) == 3
    called.assert_called_once_with(1, a=2)
    basket = shop.Basket().add(mock.sentinel.thing)
    assert basket[0] is mock.sentinel.thing
"""


async def test_what_the_tests_replace_is_replaced_where_the_code_is():
    """`monkeypatch` and `unittest.mock` on the code's own modules and classes, undone when the test is over."""
    sitting = await kept_apart({"shop.py": SHOP}, {"test_shop.py": REPLACING})

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}


HARD = {
    "a subclass": "class Round(shop.Shape): pass",
    "a pickle": "import copy\n    pickled = shop.Item('a').__reduce_ex__(2)",
    "a patched library": "monkeypatch.setattr('time.time', lambda: 5)",
    "a patched builtin": "monkeypatch.setattr('builtins.print', print)",
    "a removed name": "monkeypatch.delattr(shop, 'clock')",
    "sys.modules": "monkeypatch.delitem(__import__('sys').modules, 'shop')",
    "the import path": "monkeypatch.syspath_prepend('x')",
    "the fields of a class": "shop.Item.__dataclass_fields__",
    "the signature": "shop.apply.__signature__",
    "a file of the tests": "shop.apply(str, open('data.txt', 'w'))",
    "a lock": "import threading\n    shop.apply(str, threading.Lock())",
}


@pytest.mark.parametrize("statement", HARD.values(), ids=HARD)
async def test_what_cannot_be_had_from_afar_says_so(statement: str):
    """It is no failure of the code: the tests are said to need it in their own process, and nothing more is run."""
    tests = f"import shop\n\n\ndef test_hard(monkeypatch):\n    {statement}\n\n\ndef test_later():\n    pass\n"

    sitting = await kept_apart({"shop.py": SHOP}, {"test_shop.py": tests})

    assert sitting.unseparable
    assert ends(sitting) == {"test_hard": "failed", "test_later": "missing"}


@pytest.mark.parametrize("swallow", ["except BaseException", "except Exception", "except AttributeError"])
async def test_it_is_told_even_where_the_tests_swallow_it(swallow: str):
    """Whatever a test catches, the judge hears that it has asked for what is not to be had."""
    tests = f"import shop\n\n\ndef test_hard():\n    try:\n        class Round(shop.Shape):\n            pass\n    {swallow}:\n        pass\n"

    sitting = await kept_apart({"shop.py": SHOP}, {"test_shop.py": tests})

    assert "made from a class of the other process" in sitting.unseparable


async def test_objects_of_the_code_are_keys_and_members_on_both_sides():
    """They are hashed and compared where they are at home, also while a table is brought up to date."""
    code = "import dataclasses\n\n\n@dataclasses.dataclass(frozen=True)\nclass Key:\n    name: str\n\n\nTABLE = {Key('a'): 1}\n\n\ndef table():\n    return TABLE\n\n\ndef look(name):\n    return TABLE[Key(name)]\n\n\ndef members(names):\n    return {Key(name) for name in names}\n\n\ndef has(found, name):\n    return Key(name) in found\n"
    tests = "from keys import Key, has, look, members, table\n\n\ndef test_table():\n    assert table()[Key('a')] == 1\n    table()[Key('b')] = 2\n    assert look('b') == 2\n    del table()[Key('a')]\n    assert list(table()) == [Key('b')]\n\n\ndef test_set():\n    found = members(['a', 'b'])\n    assert Key('a') in found and Key('c') not in found\n    found.add(Key('c'))\n    assert has(found, 'c')\n    assert found == members('abc')\n"

    sitting = await kept_apart({"keys.py": code}, {"test_keys.py": tests})

    assert sitting.report.status == "passed", failures(sitting)

"""Both ends of the conversation in this one process, where it can be seen what each of them holds and is asked."""

from __future__ import annotations

import inspect
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.checks.inside.apart import candidate, far, near, owner, peer
from tests.engine.test_apart_objects import SHOP, SHOP_TESTS


class Ends:
    """The tests' end here, and the candidate's in a thread, which holds *code* as its one module."""

    def __init__(self, code: str) -> None:
        ours, theirs = socket.socketpair()
        self.there = types.ModuleType("shop")
        self.there.__dict__["__name__"] = "shop"
        sys.modules["shop"] = self.there  # a data class looks its module up
        exec(compile(code, "shop.py", "exec"), self.there.__dict__)
        del sys.modules["shop"]
        self.exporter = near.Exporter()
        self.end = peer.Peer(ours, side="tests", export=self.exporter.export, permit=self.exporter.permit)
        self.end.may_know = self.exporter.may_know
        self.end.operations = {
            **owner.operations(self.end),
            "new function": lambda number, name, qualname, module, doc, _: far.FarFunction(
                self.end, number, name, qualname, module, doc
            ),
            "new module": lambda number, name: far.far_module(self.end, number, name),
        }
        other = peer.Peer(
            theirs,
            side="candidate",
            export=lambda end, value: candidate._export(end, value, far, owner),
            permit=candidate._anything,
        )
        other.operations = {
            **owner.operations(other),
            "import": lambda _: self.there,
            "public names": candidate._public_names,
            "new function": lambda number, *about: candidate._stub(other, number, *about),
            "new module": lambda _, __: self.there,
        }
        self.other = other
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with pytest.raises(peer.Gone):
            self.other.serve()

    def close(self) -> None:
        self.end._stream.close()
        self._thread.join()
        self.other._stream.close()


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    made = Ends(SHOP)
    monkeypatch.setitem(sys.modules, "shop", made.end.ask("import", "shop"))
    yield made
    made.close()


def functions_of(source: str, ends: Ends) -> dict[str, Callable[[], None]]:
    module = types.ModuleType("shop_tests")
    ends.exporter.modules.add("shop_tests")
    exec(compile(source, "shop_tests.py", "exec"), module.__dict__)
    return {name: each for name, each in vars(module).items() if name.startswith("test_")}


NAMES = [line.split("(")[0].removeprefix("def ") for line in SHOP_TESTS.splitlines() if line.startswith("def test_")]


@pytest.mark.parametrize("name", NAMES)
def test_objects_are_used_from_afar(ends: Ends, name: str):
    """The same as with two processes."""
    functions_of(SHOP_TESTS, ends)[name]()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """What far things report."""
    monkeypatch.setattr(far.Side, "made", set())
    told: dict[str, list[Any]] = {"hard": [], "decided": [], "deceived": []}
    monkeypatch.setattr(far.Side, "hard", told["hard"].append)
    monkeypatch.setattr(far.Side, "decided", lambda: told["decided"].append(True))
    monkeypatch.setattr(far.Side, "deceived", told["deceived"].append)
    return told


@pytest.mark.parametrize(
    "look",
    [
        lambda shop: shop.Item("a").__dataclass_fields__,
        lambda shop: shop.Basket().__reduce_ex__(2),
        lambda shop: shop.Item.__dataclass_fields__,
        lambda shop: shop.apply.__globals__,
        lambda shop: shop.Basket().add.__closure__,
        lambda shop: type("Mine", (shop.Basket,), {}),
    ],
    ids=["fields", "pickle", "class fields", "globals", "closure", "subclass"],
)
def test_what_needs_the_object_itself_is_told(ends: Ends, seen: dict[str, list[Any]], look: Callable[[Any], object]):
    """With a sentence, and by an exception that nothing catches by chance."""
    with pytest.raises(far.Unseparable):
        look(sys.modules["shop"])

    assert len(seen["hard"]) == 1


def test_the_candidates_side_has_no_such_name_either(ends: Ends, monkeypatch: pytest.MonkeyPatch):
    """There it is like any attribute that is missing: its code may ask for whatever it likes."""
    shop: Any = sys.modules["shop"]
    monkeypatch.setattr(far.Side, "candidate", True)

    with pytest.raises(AttributeError):
        shop.apply.__globals__  # noqa: B018 (it is looked at)


def test_only_the_codes_own_decisions_are_told(ends: Ends, seen: dict[str, list[Any]]):
    """A comparison or a calculation by the code; not what it hands back."""
    shop: Any = sys.modules["shop"]

    assert shop.Item("a").name == "a"
    assert seen["decided"] == []
    assert shop.Item("a") == shop.Item("a")
    assert shop.Size.BIG in shop.Size
    assert isinstance(shop.Square(1), shop.Shape)
    assert len(seen["decided"]) >= 2


def test_an_object_that_holds_something_else_than_it_says_is_told(seen: dict[str, list[Any]]):
    """Whatever plain type it is made of; made by the tests themselves, it is theirs."""
    code = "\n\n".join(
        f"class Yes{kind.__name__}({kind.__name__}):\n    def __eq__(self, other):\n        return True\n    __hash__ = {kind.__name__}.__hash__"
        for kind in (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, bytearray)
    )
    ends = Ends(f"{code}\n\n\nMADE = [{', '.join(f'Yes{kind}()' for kind in KINDS)}]\n")
    try:
        shop = ends.end.ask("import", "shop")
        for made, kind in zip(shop.MADE, KINDS, strict=True):
            assert made == KINDS[kind]
        assert len(seen["deceived"]) == len(KINDS), seen["deceived"]
        assert shop.Yesint(3) == 4
        assert len(seen["deceived"]) == len(KINDS)
    finally:
        ends.close()


KINDS: dict[str, Any] = {
    "int": 1, "float": 1.5, "complex": 1j, "str": "x", "bytes": b"x", "list": [1], "tuple": (1,), "dict": {1: 1}, "set": {1},
    "frozenset": frozenset({1}), "bytearray": bytearray(b"x"),
}  # fmt: skip


def test_names_of_far_things(ends: Ends):
    """They show what they are, and nothing of this side's own."""
    shop: Any = sys.modules["shop"]

    assert repr(shop.apply) == "<function apply of the other process>"
    assert "Basket" in dir(shop)
    assert "Basket" in shop.__all__
    assert "add" in dir(shop.Basket())
    assert shop.Basket.add is not None
    assert shop.Basket().add != shop.Basket().add
    basket = shop.Basket()
    assert basket.add == basket.add
    assert hash(basket.add) == hash(basket.add)
    assert basket.add.__self__ is basket
    assert basket.add.__name__ == "add"
    assert basket.add.__func__ is not None
    with pytest.raises(AttributeError):
        shop.__nothing__  # noqa: B018 (it is looked at)
    shop.added = 5
    assert ends.there.__dict__["added"] == 5
    del shop.added
    assert not hasattr(shop, "added")
    shop.apply.marked = 1
    assert ends.there.__dict__["apply"].marked == 1
    shop.Basket.limit = 9
    assert shop.Basket().limit == 9
    del shop.Basket.limit
    assert not hasattr(shop.Basket, "limit")


def test_what_is_handed_over_keeps_its_signature(ends: Ends):
    """Code that looks at a callback's parameters sees those it has."""
    shop: Any = sys.modules["shop"]
    handed: list[Any] = []

    def keep(value: object) -> None:
        handed.append(value)

    ends.there.__dict__["keep"] = keep

    def function(a: int, /, b: int = 2, *rest: int, c: int, d: int = 4, **named: int) -> None:
        """A function."""

    function.__module__ = "shop_tests"
    ends.exporter.modules.add("shop_tests")
    shop.keep(function)

    (stub,) = handed
    assert [str(each).split(":")[0] for each in inspect.signature(stub).parameters.values()] == [
        "a", "b=2", "*rest", "c", "d=4", "**named",
    ]  # fmt: skip
    assert (stub.__name__, stub.__doc__) == ("function", "A function.")


def test_what_must_not_leave_does_not(ends: Ends, seen: dict[str, list[Any]]):
    """Frames, modules of this process, open files: the tests hand over what no other process can use."""
    shop: Any = sys.modules["shop"]

    for value in (sys._getframe(), sys, sys.stdout, threading.Lock(), memoryview(b"x")):
        with pytest.raises(far.Unseparable):
            shop.apply(str, value)
    assert len(seen["hard"]) == 5

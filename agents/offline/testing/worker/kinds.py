"""Kinds of arguments, each a way to make values of it: simple and on the borders first, with what the code itself names."""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .calls import Code, File, Maker, Ref
from .targets import mirrored

Draw = Callable[["Source"], object]
Own = Mapping[str, Draw]
"""Ways to make objects of the project's own classes."""
_INTS = (0, 1, -1, 2, 3, 4, 5, 7, 8, 10, 12, 16, 35, 100, 127)
_FLOATS = (0.0, 1.0, 0.5, 2.0, -1.5, 3.25, 0.01, 10.0, 100.0)
_WORDS = ("a", "b", "ab", "hello", "the quick brown fox", "one two three four", "aabb", "level", "x1", "A b")
_LETTERS = ("ab", "abc", "abc d", string.ascii_lowercase, string.ascii_letters + string.digits + " -_.,")
_BRACKETS = "()[]{}"


@dataclass
class Source:
    """Where values are drawn from."""

    rng: random.Random
    literals: Sequence[object]
    objects: int = 0
    """How many objects there are in this call."""
    graph: tuple[dict[str, object], ...] = ()
    depth: int = 0
    """How many objects of the project are being made inside each other."""

    def __post_init__(self) -> None:
        self.ints = [v for v in self.literals if type(v) is int and abs(v) < 10_000]
        self.texts = [v for v in self.literals if isinstance(v, str) and 0 < len(v) < 40]
        self.symbols = [text for text in self.texts if len(text) <= 3]


def whole(source: Source) -> int:
    rng = source.rng
    way = rng.random()
    if source.ints and way < 0.25:
        return rng.choice(source.ints) + rng.choice((0, 0, 1, -1))
    if way < 0.6:
        return rng.randint(0, 6)
    return rng.choice(_INTS) if way < 0.9 else rng.randint(-20, 60)


def number(source: Source) -> float:
    rng = source.rng
    return rng.choice(_FLOATS) if rng.random() < 0.7 else rng.randint(-40, 400) / 4


def text(source: Source) -> str:
    rng = source.rng
    way = rng.random()
    if way < 0.08:
        return ""
    if way < 0.3:
        return rng.choice(source.texts or _WORDS)
    if way < 0.45:
        return rng.choice(_WORDS)
    letters = rng.choice(_LETTERS)
    if source.symbols and way < 0.75:
        letters = "".join(source.symbols)
        letters += _BRACKETS if any(bracket in letters for bracket in _BRACKETS) else ""
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, 7)))


def symbol(source: Source) -> str:
    return source.rng.choice(source.symbols or ["a", "b", "c", "A"])


def rows(inner: Draw, longest: int = 6) -> Draw:
    """Lists, of which many are sorted and many hold the same value twice."""

    def draw(source: Source) -> list[object]:
        rng = source.rng
        if rng.random() < 0.07:
            return []
        found = [inner(source) for _ in range(rng.randint(1, longest))]
        way = rng.random()
        if way < 0.35:
            try:
                found.sort()  # where they have no order, they stay
            except TypeError:
                return found
        elif way < 0.5 and len(found) > 1:
            found[rng.randrange(len(found))] = found[0]
        return found

    return draw


def mixed(inner: Draw) -> Draw:
    def draw(source: Source) -> list[object]:
        rng = source.rng
        return [symbol(source) if rng.random() < 0.45 else inner(source) for _ in range(rng.randint(1, 7))]

    return draw


def in_turn(inner: Draw) -> Draw:
    """Operands with an operator between any two, or after every two."""

    def draw(source: Source) -> list[object]:
        rng = source.rng
        found: list[object] = [inner(source)]
        after = rng.random() < 0.5
        for _ in range(rng.randint(0, 3)):
            pair = [inner(source), symbol(source)]
            found += pair if after else pair[::-1]
        return found

    return draw


def nested(source: Source, depth: int = 0) -> list[object]:
    rng = source.rng
    return [
        nested(source, depth + 1) if depth < 3 and rng.random() < 0.35 else rng.randint(0, 9)
        for _ in range(rng.randint(0, 4))
    ]


def row_of(*inner: Draw) -> Draw:
    return lambda source: tuple(draw(source) for draw in inner)


def table(key: Draw, value: Draw) -> Draw:
    def draw(source: Source) -> dict[object, object]:
        return {key(source): value(source) for _ in range(source.rng.randint(0, 7))}

    return draw


def set_of(inner: Draw) -> Draw:
    return lambda source: {inner(source) for _ in range(source.rng.randint(0, 5))}


def one(source: Source) -> object:
    return Ref(source.rng.randrange(source.objects)) if source.objects else None


def one_first(source: Source) -> object:
    return Ref(0) if source.objects else None


def one_or_none(source: Source) -> object:
    return None if source.rng.random() < 0.1 else one(source)


def every(source: Source) -> list[object]:
    return [Ref(each) for each in range(source.objects)]


def edges(source: Source) -> dict[object, object]:
    return {
        (Ref(at), other): source.rng.randint(1, 9)
        for at, attributes in enumerate(source.graph)
        for value in attributes.values()
        for other in (value if isinstance(value, list) else [value])
        if isinstance(other, Ref)
    }


def small(source: Source) -> int:
    return source.rng.randint(0, 4)


def letter(source: Source) -> str:
    return source.rng.choice("ABCD")


def flag(source: Source) -> bool:
    return source.rng.random() < 0.5


def moment(source: Source) -> dt.datetime:
    """A time around the years that the code names, without a zone."""
    years = [year for year in source.ints if 1900 < year < 2200] or [2000, 2024]
    day = dt.datetime(source.rng.choice(years), source.rng.choice((1, 2, 12)), 28)  # noqa: DTZ001  # of no place
    return day + dt.timedelta(days=source.rng.randint(0, 370), hours=source.rng.choice((0, 0, 12)))


_FUNCTIONS: Mapping[int, Sequence[str]] = MappingProxyType(
    {
        0: ("lambda: 1", "lambda: None", "lambda: [1, 2]"),
        1: (
            "lambda value: value",
            "lambda value: value > 2",
            "lambda value: value * 2",
            "lambda value: [value]",
            "len",
            "str",
            "lambda value: -value",
            "lambda value: value % 2",
            "lambda value: None",
        ),
        2: (
            "lambda left, right: left + right",
            "lambda left, right: right",
            "lambda left, right: left - right",
            "lambda left, right: left < right",
            "lambda left, right: [left, right]",
            "max",
        ),
        3: ("lambda a, b, c: a + b + c", "lambda a, b, c: c", "lambda a, b, c: [a, b, c]"),
    }
)
"""Functions to be given, by the number of arguments that they are called with."""
_TEXTS = (
    "",
    "one\ntwo\nthree\n",
    "1\n2\n30\n",
    "a,b\n1,2\n3,4\n",
    '{"a": 1, "b": [2, 3]}',
    "[1, 2, 3]",
    "key=value\nother = 5\n\n# remark\n",
    "[part]\nname = x\n",
    "a b  c\n\nd\n",
)


def function(arity: int) -> Draw:
    """Functions that take so many arguments."""
    return lambda source: Code(source.rng.choice(_FUNCTIONS.get(arity, _FUNCTIONS[1])))


def file(*, as_text: bool, there: bool = True) -> Draw:
    """Paths of files in a folder of the call's own; not always *there*."""

    def draw(source: Source) -> File:
        rng = source.rng
        said = [each for each in source.texts if "\n" in each]
        content = rng.choice([*_TEXTS, *said]) if rng.random() < 0.8 else f"{text(source)}\n{text(source)}\n"
        suffix = next((each for each in source.texts if each[0] == "." and each[1:].isalnum()), ".txt")
        return File(f"a{suffix}", content if there and rng.random() < 0.9 else None, as_text)

    return draw


def nothing(source: Source) -> None:
    del source


KINDS: dict[str, Draw] = {
    "int": whole,
    "ints": rows(whole),
    "text": text,
    "float": number,
    "digits": rows(lambda source: source.rng.randint(0, 9), 5),
    "texts": rows(text, 4),
    "symbols and ints": mixed(whole),
    "symbols and floats": mixed(number),
    "ints in turn": in_turn(whole),
    "floats in turn": in_turn(number),
    "nested": nested,
    "pairs": rows(row_of(small, whole)),
    "pair table": table(row_of(small, small), whole),
    "letter pair table": table(row_of(letter, letter), whole),
    "table": table(text, whole),
    "int table": table(small, whole),
    "rows": rows(rows(whole, 3), 3),
    "set": set_of(whole),
    "bool": flag,
    "letter": letter,
    "none": nothing,
}
OBJECTS: dict[str, Draw] = {
    "first object": one_first,
    "object": one_or_none,
    "objects": every,
    "edges": edges,
}


def graph(maker: Maker, rng: random.Random) -> tuple[dict[str, object], ...]:
    """A few objects that know each other."""
    count = rng.choice((0, 1, 2, 3, 3, 4, 5))
    found: list[dict[str, object]] = [{} for _ in range(count)]
    chained = rng.random() < 0.7
    for name in sorted(maker.plain):
        for each in found:
            each[name] = rng.randint(-2, 9)
    for name in sorted(maker.single):
        for place, each in enumerate(found):
            after: object = Ref(place + 1) if place + 1 < count else None
            other = rng.randrange(count + 1)
            each[name] = after if chained else Ref(other) if other < count else None
        if count and rng.random() < 0.35:
            found[-1][name] = Ref(rng.randrange(count))
    _link(maker, found, rng)
    return tuple(found)


def _link(maker: Maker, found: list[dict[str, object]], rng: random.Random) -> None:
    """Fill in the attributes that hold lists of others; those that say the same from the other side agree."""
    count = len(found)
    acyclic, dense = rng.random() < 0.6, rng.choice((0.25, 0.5, 0.8))
    order = list(range(count))
    rng.shuffle(order)
    done: set[str] = set()
    for name in sorted(maker.plural):
        if name in done:
            continue
        links = [
            (a, b)
            for a in range(count)
            for b in range(count)
            if (a != b or rng.random() < 0.1) and (not acyclic or order[a] < order[b]) and rng.random() < dense
        ]
        for at, each in enumerate(found):
            each[name] = [Ref(b) for a, b in links if a == at]
        other_side = mirrored(name, maker.plural)
        if other_side is not None:
            done.add(other_side)
            for at, each in enumerate(found):
                each[other_side] = [Ref(a) for a, b in links if b == at]

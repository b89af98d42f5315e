"""Another value of the same type, each type in its own way: what lies near it, and the edges of what is usual."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from .values import Made, source

MOST_VALUES = 60
"""Items of a list that is made."""
LARGE = 1_000


@dataclass(frozen=True)
class Habit:
    """What is true of all values that one parameter was given: made ones keep to it."""

    sorted: bool = False
    natural: bool = False
    """No number in it is below 0."""


def in_order(values: Sequence[Any]) -> bool:
    try:
        return all(a <= b for a, b in pairwise(values))
    except TypeError:
        return False


def change(value: object, habit: Habit, rng: random.Random) -> object:
    """Another value of the same type; the same where there is none."""
    for kind, ways in _WAYS.items():
        if type(value) is kind:
            return rng.choice(ways)(value, habit, rng)
    if isinstance(value, Made) and (value.args or value.kwargs):
        key = rng.choice([*range(len(value.args)), *value.kwargs])
        if isinstance(key, str):
            return replace(value, kwargs={**value.kwargs, key: change(value.kwargs[key], habit, rng)})
        given = enumerate(value.args)
        return replace(value, args=tuple(change(v, habit, rng) if place == key else v for place, v in given))
    return value


_Way = Callable[[Any, Habit, random.Random], object]


def _whole(make: Callable[[int], int]) -> _Way:
    def way(value: int, habit: Habit, _: random.Random) -> int:
        made = make(value)
        return abs(made) if habit.natural else made

    return way


def _string(make: Callable[[str, random.Random], str]) -> _Way:
    return lambda value, _, rng: make(value, rng)


def _at(value: str, rng: random.Random) -> int:
    return rng.randrange(len(value)) if value else 0


def _without_one(value: str, rng: random.Random) -> str:
    at = _at(value, rng)
    return value[:at] + value[at + 1 :]


def _one_twice(value: str, rng: random.Random) -> str:
    at = _at(value, rng)
    return value[: at + 1] + value[at:]


def _one_other(value: str, rng: random.Random) -> str:
    at = _at(value, rng)
    letter = value[at : at + 1]
    near = chr((ord(letter) - 96) % 26 + 97) if letter.islower() and letter.isascii() else rng.choice(value or "a")
    return value[:at] + near + value[at + 1 :]


def _exchanged(value: str, rng: random.Random) -> str:
    at = _at(value, rng)
    return value[:at] + value[at + 1 : at + 2] + value[at : at + 1] + value[at + 2 :]


def _list(make: Callable[[list[Any], Habit, random.Random], list[Any]]) -> _Way:
    def way(value: Any, habit: Habit, rng: random.Random) -> object:  # noqa: ANN401  # a list or another kind of several
        items = list(value) if not isinstance(value, (set, frozenset)) else sorted(value, key=source)
        made = make(items, habit, rng)[:MOST_VALUES]
        if habit.sorted and in_order(items):
            try:
                made = sorted(made)
            except TypeError:
                made = items
        try:
            return type(value)(made)
        except TypeError:  # what came into a set cannot be there
            return value

    return way


def _drop(items: list[Any], _: Habit, rng: random.Random) -> list[Any]:
    at = rng.randrange(len(items)) if items else 0
    return items[:at] + items[at + 1 :]


def _swap(items: list[Any], _: Habit, rng: random.Random) -> list[Any]:
    if len(items) < 2:
        return items
    one, other = rng.sample(range(len(items)), 2)
    made = list(items)
    made[one], made[other] = made[other], made[one]
    return made


def _double(items: list[Any], _: Habit, rng: random.Random) -> list[Any]:
    at = rng.randrange(len(items)) if items else 0
    return items[: at + 1] + items[at:]


def _sort(items: list[Any], _: Habit, __: random.Random) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return items


def _inside(items: list[Any], habit: Habit, rng: random.Random) -> list[Any]:
    """One item changed."""
    if not items:
        return items
    at = rng.randrange(len(items))
    return [*items[:at], _neighbour(items, at, habit, rng), *items[at + 1 :]]


def _grow(items: list[Any], habit: Habit, rng: random.Random) -> list[Any]:
    if not items:
        return items
    new = _neighbour(items, rng.randrange(len(items)), habit, rng)
    return [*items, new] if rng.random() < 0.5 else [new, *items]


def _neighbour(items: list[Any], at: int, habit: Habit, rng: random.Random) -> object:
    """Something like one of the items; it is as long as they are, where all are equally long: rows of a table."""
    inner = Habit(natural=habit.natural)
    new = change(items[at], inner, rng)
    lengths = {len(item) for item in items if isinstance(item, (list, tuple))}
    if len(items) > 1 and len(lengths) == 1 and isinstance(new, (list, tuple)) and len(new) not in lengths:
        return type(new)(change(value, inner, rng) if rng.random() < 0.5 else value for value in items[at])
    return new


def _tuple(value: tuple[Any, ...], habit: Habit, rng: random.Random) -> object:
    """As a list where its items are all of one type, otherwise item by item: the places have a meaning."""
    if len({type(item) for item in value}) == 1 and len(value) > 2 and rng.random() < 0.5:
        return rng.choice(_LISTS)(value, habit, rng)
    return tuple(_inside(list(value), habit, rng))


def _without_key(value: dict[Any, Any], _: Habit, rng: random.Random) -> object:
    gone = rng.choice(list(value)) if value else None
    return {key: item for key, item in value.items() if key != gone}


def _other_item(value: dict[Any, Any], habit: Habit, rng: random.Random) -> object:
    if not value:
        return value
    key = rng.choice(list(value))
    return {**value, key: change(value[key], habit, rng)}


def _other_key(value: dict[Any, Any], habit: Habit, rng: random.Random) -> object:
    if not value:
        return value
    old = rng.choice(list(value))
    new = change(old, habit, rng)
    return {**value, new: value[old]} if rng.random() < 0.5 else {(new if k == old else k): v for k, v in value.items()}


def _items_exchanged(value: dict[Any, Any], _: Habit, __: random.Random) -> object:
    return dict(reversed(value.items()))


_INT_WAYS: tuple[Callable[[int], int], ...] = (
    lambda n: n + 1, lambda n: n - 1, lambda n: n + 2, lambda _: 0, lambda _: 1, lambda _: 2, lambda _: -1, lambda n: -n,
    lambda n: n * 2, lambda n: n // 2, lambda n: n + 7, lambda n: n * 3 + 1, lambda n: n + LARGE,
)  # fmt: skip
_INTS: list[_Way] = [_whole(make) for make in _INT_WAYS]
_STRING_WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    lambda _, __: "", lambda s, _: s[:1], lambda s, _: s[:-1], lambda s, _: s[1:], lambda s, _: s[::-1], lambda s, _: (s + s)[:200],
    lambda s, _: s.swapcase(), lambda s, _: s.upper(), lambda s, _: s.lower(), lambda s, _: s + " ", lambda s, _: " " + s, lambda s, _: s.replace(" ", "  ", 1),
    lambda s, _: "".join(sorted(s)), _without_one, _one_twice, _one_other, _one_other, _exchanged, lambda s, _: s.title(), lambda s, _: " ".join(s.split()[::-1]),
)  # fmt: skip
_STRINGS: list[_Way] = [_string(change) for change in _STRING_WAYS]
_LIST_WAYS: tuple[Callable[[list[Any], Habit, random.Random], list[Any]], ...] = (
    lambda _, __, ___: [], lambda items, _, __: items[:1], lambda items, _, __: items[::-1], lambda items, _, __: items + items,
    lambda items, _, __: items[1:], lambda items, _, __: items[:-1], _drop, _swap, _swap, _double, _double, _sort, _inside, _inside, _inside, _grow, _grow,
)  # fmt: skip
_LISTS: list[_Way] = [_list(make) for make in _LIST_WAYS]
_WAYS: dict[type, list[_Way]] = {
    bool: [lambda value, _, __: not value],
    int: _INTS,
    float: [
        lambda value, _, __: value + 1.0, lambda value, _, __: value - 0.5, lambda _, __, ___: 0.0, lambda value, _, __: value * 2, lambda value, _, __: value / 3,
        lambda value, habit, _: value if habit.natural else -value, lambda _, __, ___: 1.0, lambda value, _, __: value + 0.01,
    ],
    str: _STRINGS,
    bytes: [lambda value, _, __: value[:-1], lambda _, __, ___: b"", lambda value, _, __: value[::-1], lambda value, _, __: value + value],
    list: _LISTS,
    set: _LISTS,
    frozenset: _LISTS,
    tuple: [_tuple],
    dict: [_without_key, _other_item, _other_item, _other_key, _items_exchanged, lambda _, __, ___: {}],
}  # fmt: skip

"""More inputs like those that the tests use: the recorded calls with something changed in them, each type in its own way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any

from .calls import Script, Step
from .values import Made, source

MOST = 80
"""Inputs of one entry, the recorded ones included."""
MOST_RECORDED = 30
MOST_TRIES = 6
"""Attempts at a new input for each one that is wanted."""
LONGEST = 1_500
"""Characters of an input's source."""
MOST_VALUES = 60
"""Items of a list that is made."""
LARGE = 1_000


@dataclass(frozen=True)
class Habit:
    """What is true of all values that one parameter was given: made ones keep to it."""

    sorted: bool = False
    natural: bool = False
    """No number in it is below 0."""


def more(scripts: Sequence[Script], *, seed: int = 1, most: int = MOST) -> list[Script]:
    """The *scripts* without doubles and, for each entry, changed ones up to *most*; the same ones for the same *seed*."""
    entries: dict[tuple[str, str], list[Script]] = {}
    seen: set[str] = set()
    for script in scripts:
        text = script.source
        if text not in seen and len(text) <= LONGEST:
            seen.add(text)
            entries.setdefault(script.entry, []).append(script)
    found: list[Script] = []
    for number, (_, recorded) in enumerate(sorted(entries.items(), key=lambda item: item[0])):
        recorded = _spread(recorded, min(MOST_RECORDED, most))  # noqa: PLW2901  # what is left of it
        found += recorded
        found += islice(_changed(recorded, seen, random.Random(seed * 1_000 + number)), most - len(recorded))  # noqa: S311  # data for tests, no secret
    return found


def _spread(scripts: list[Script], most: int) -> list[Script]:
    """At most so many, from all of the list."""
    if len(scripts) <= most:
        return scripts
    return [scripts[place * len(scripts) // most] for place in range(most)]


def _changed(recorded: Sequence[Script], seen: set[str], rng: random.Random) -> Iterator[Script]:
    habits = _habits(recorded)
    for attempt in range(MOST * MOST_TRIES):
        script = recorded[attempt % len(recorded)] if attempt < 4 * len(recorded) else rng.choice(recorded)
        made = script
        for _ in range(1 if rng.random() < 0.75 else 2):
            made = _change(made, recorded, habits, rng)
        text = made.source
        if text not in seen and len(text) <= LONGEST:
            seen.add(text)
            yield replace(made, test="", near=script.test or script.near)


def _change(script: Script, all_: Sequence[Script], habits: Mapping[object, Habit], rng: random.Random) -> Script:
    """*script* with one thing changed."""
    places: list[tuple[int, object]] = []
    if script.maker is not None:
        places += [(-1, key) for key in (*range(len(script.maker.args)), *script.maker.kwargs)]
    for number, step in enumerate(script.steps):
        places += [(number, key) for key in (*range(len(step.args)), *step.kwargs)]
    if script.maker is not None and len(script.steps) > 1 and (not places or rng.random() < 0.25):
        return replace(script, steps=_reorder(script.steps, rng))
    if not places:
        return script
    number, key = rng.choice(places)
    holder: Made | Step = script.steps[number] if number >= 0 else script.maker  # type: ignore[assignment]  # a place in the maker is only there with one
    value = _get(holder, key)
    others = [
        _get(other, key)
        for one in all_
        for other in ([one.maker] if number < 0 else one.steps)
        if other is not None and other.name == holder.name and _has(other, key)
    ]
    alike = [other for other in others if type(other) is type(value) and other != value]
    if alike and rng.random() < 0.2:
        new = rng.choice(alike)
    else:
        new = change(value, habits.get((holder.name, key), Habit()), rng)
    held = _set(holder, key, new)
    if isinstance(held, Made):
        return replace(script, maker=held)
    return replace(script, steps=(*script.steps[:number], held, *script.steps[number + 1 :]))


def _reorder(steps: tuple[Step, ...], rng: random.Random) -> tuple[Step, ...]:
    at = rng.randrange(len(steps))
    if rng.random() < 0.5:
        return (*steps[:at], *steps[at + 1 :])
    return (*steps[: at + 1], *steps[at:])


def _has(holder: Made | Step, key: object) -> bool:
    return key in holder.kwargs if isinstance(key, str) else isinstance(key, int) and key < len(holder.args)


def _get(holder: Made | Step, key: object) -> object:
    return holder.kwargs[key] if isinstance(key, str) else holder.args[key]  # type: ignore[call-overload]  # a place or a name


def _set(holder: Made | Step, key: object, value: object) -> Made | Step:
    if isinstance(key, str):
        return replace(holder, kwargs={**holder.kwargs, key: value})
    args = list(holder.args)
    args[key] = value  # type: ignore[call-overload]  # as above
    return replace(holder, args=tuple(args))


def _habits(scripts: Iterable[Script]) -> dict[object, Habit]:
    given: dict[object, list[object]] = {}
    for script in scripts:
        for holder in (script.maker, *script.steps):
            if holder is not None:
                for key in (*range(len(holder.args)), *holder.kwargs):
                    given.setdefault((holder.name, key), []).append(_get(holder, key))
    return {place: _habit(values) for place, values in given.items()}


def _habit(values: Sequence[object]) -> Habit:
    lists = [v for v in values if isinstance(v, (list, tuple)) and len(v) >= 3]
    ordered = len(lists) == len([v for v in values if isinstance(v, (list, tuple)) and len(v) > 1])
    numbers = [n for value in values for n in _numbers(value)]
    return Habit(
        sorted=bool(lists) and ordered and all(_in_order(v) for v in lists),
        natural=len(numbers) >= 3 and all(n >= 0 for n in numbers),
    )


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, (int, float)):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _numbers(inner)


def _in_order(values: Sequence[Any]) -> bool:
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
        return _set(value, key, change(_get(value, key), habit, rng))
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
        if habit.sorted and _in_order(items):
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
    """One item changed; it stays as long as its neighbours are, where all are equally long: rows of a table."""
    if not items:
        return items
    at = rng.randrange(len(items))
    new = change(items[at], Habit(natural=habit.natural), rng)
    lengths = {len(item) for item in items if isinstance(item, (list, tuple, str))}
    if len(items) > 1 and len(lengths) == 1 and isinstance(new, (list, tuple)) and len(new) not in lengths:
        new = type(new)(
            change(inner, Habit(natural=habit.natural), rng) if rng.random() < 0.5 else inner for inner in items[at]
        )
    return [*items[:at], new, *items[at + 1 :]]


def _grow(items: list[Any], habit: Habit, rng: random.Random) -> list[Any]:
    if not items:
        return items
    new = change(rng.choice(items), Habit(natural=habit.natural), rng)
    return [*items, new] if rng.random() < 0.5 else [new, *items]


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

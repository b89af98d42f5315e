"""More inputs like those that the tests use: the recorded calls with something changed in them, each type in its own way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from .mutation import Habit, change, in_order
from .scripts import Script, Step, get, has, set_to
from .values import Made

MOST = 80
"""Inputs of one entry, the recorded ones included."""
MOST_RECORDED = 30
MOST_TRIES = 6
"""Attempts at a new input for each one that is wanted."""
LONGEST = 1_500
"""Characters of an input's source."""


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
    value = get(holder, key)
    others = [
        get(other, key)
        for one in all_
        for other in ([one.maker] if number < 0 else one.steps)
        if other is not None and other.name == holder.name and has(other, key)
    ]
    alike = [other for other in others if type(other) is type(value) and other != value]
    if alike and rng.random() < 0.2:
        new = rng.choice(alike)
    else:
        new = change(value, habits.get((holder.name, key), Habit()), rng)
    held = set_to(holder, key, new)
    if isinstance(held, Made):
        return replace(script, maker=held)
    return replace(script, steps=(*script.steps[:number], held, *script.steps[number + 1 :]))


def _reorder(steps: tuple[Step, ...], rng: random.Random) -> tuple[Step, ...]:
    at = rng.randrange(len(steps))
    if rng.random() < 0.5:
        return (*steps[:at], *steps[at + 1 :])
    return (*steps[: at + 1], *steps[at:])


def _habits(scripts: Iterable[Script]) -> dict[object, Habit]:
    given: dict[object, list[object]] = {}
    for script in scripts:
        for holder in (script.maker, *script.steps):
            if holder is not None:
                for key in (*range(len(holder.args)), *holder.kwargs):
                    given.setdefault((holder.name, key), []).append(get(holder, key))
    return {place: _habit(values) for place, values in given.items()}


def _habit(values: Sequence[object]) -> Habit:
    lists = [v for v in values if isinstance(v, (list, tuple)) and len(v) >= 3]
    ordered = len(lists) == len([v for v in values if isinstance(v, (list, tuple)) and len(v) > 1])
    numbers = [n for value in values for n in _numbers(value)]
    return Habit(
        sorted=bool(lists) and ordered and all(in_order(v) for v in lists),
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

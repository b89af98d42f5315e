"""When two answers of two versions of a program are the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from engine.correctness.inside.probed import ENDED_OTHERWISE, alike, compare, told


@dataclass
class Point:
    x: float


class Plain:
    def __init__(self, **given: object) -> None:
        self.__dict__.update(given)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(0.1 + 0.2, 0.3, id="rounded otherwise"),
        pytest.param([1, 2.0], [1.0, 2], id="numbers of several types"),
        pytest.param(math.nan, math.nan, id="no number"),
        pytest.param({"a": 1, "b": [2]}, {"b": [2], "a": 1}, id="dictionaries in another order"),
        pytest.param({3, 1}, {1, 3}, id="sets"),
        pytest.param(iter("ab"), (letter for letter in "ab"), id="iterators"),
        pytest.param(Plain(a=1), Plain(a=1), id="objects without a form of their own"),
        pytest.param(ValueError("x"), ValueError("x"), id="exceptions as values"),
    ],
)
def test_answers_that_are_equal_are_alike(one: object, other: object) -> None:
    """As Python has it, and fractions to nine digits."""
    assert alike(told(one), told(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(10**30, 10**30 + 1, id="large whole numbers"),
        pytest.param(1.0, 1.000001, id="fractions"),
        pytest.param(1, "1", id="a number and a text"),
        pytest.param(None, "None", id="nothing and its name"),
        pytest.param([1], (1,), id="a list and a tuple"),
        pytest.param([1], [1, 1], id="one more"),
        pytest.param(Point(1), Point(2), id="objects by their form"),
        pytest.param(Plain(a=1), Plain(a=2), id="objects by what they hold"),
        pytest.param(b"a", "a", id="bytes and text"),
        pytest.param(1j, 2j, id="complex"),
    ],
)
def test_answers_that_differ_are_not_alike(one: object, other: object) -> None:
    """However close they come."""
    assert not alike(told(one), told(other))


def test_what_holds_itself_ends() -> None:
    """The depth is bounded."""
    loop: list[object] = []
    loop.append(loop)

    assert alike(told(loop), told(loop))


def asked(**versions: Callable[[int], object]) -> Any:
    return compare(20, lambda seed, folder: versions[folder.rsplit("/", 1)[1]](seed))


def test_the_first_seed_that_differs_is_told() -> None:
    """With both answers."""
    found = asked(right=lambda seed: ["value", seed], healed=lambda seed: ["value", min(seed, 6)])

    assert (found["agree"], found["seed"], found["answers"]) == (False, 7, ['["value", 7]', '["value", 6]'])


def test_seeds_without_an_end_of_the_right_version_say_nothing() -> None:
    """All the others count; where none is left, nothing is known."""
    some = asked(
        right=lambda seed: ENDED_OTHERWISE if seed % 2 else ["value", 1],
        healed=lambda seed: ENDED_OTHERWISE if seed % 2 else ["value", 1],
    )
    none = asked(right=lambda _: ENDED_OTHERWISE, healed=lambda _: ["value", 1])

    assert (some["agree"], some["compared"]) == (True, 10)
    assert (none["agree"], none["compared"]) == (None, 0)

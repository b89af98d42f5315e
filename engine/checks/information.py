"""How much a literal tells, in bits, roughly: whether two files could hold it by chance, or because everybody does."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

from engine.checks.values import atoms

WORD = 8.0
"""The most that a single word counts: words are what a domain is made of."""


def bits(value: object) -> float:  # noqa: PLR0911 (one a kind of value)
    """What *value* takes to be told; runs of equal steps, repeats, zeros and words take little."""
    match value:
        case None | bool() | "" | b"":
            return 1.0
        case int():
            return value.bit_length() + 1.0
        case float():
            whole = value == value and abs(value) != float("inf") and value == int(value)  # noqa: PLR0124 (NaN)
            return bits(int(value)) if whole else 10.0 + 2 * len(repr(value)) / 4
        case complex():
            return 16.0
        case str():
            return _of_text(value)
        case bytes():
            return 4.0 * len(value)
        case dict():
            return sum(bits(key) + bits(inner) + 2 for key, inner in value.items())
        case set() | frozenset():
            return sum(bits(inner) + 1 for inner in value)
        case list() | tuple():
            return _of_sequence(value)
    return 4.0


def _of_text(text: str) -> float:
    if text.isalpha():
        return min(WORD, 2.0 * len(text))
    return 2.0 + sum(4.0 if not sign.isalpha() else 1.0 for sign in text)


def _of_sequence(values: Sequence[object]) -> float:
    if len(values) > 2 and all(isinstance(value, int) for value in values):
        steps = {b - a for a, b in itertools.pairwise(values)}  # type: ignore[operator]
        if len(steps) == 1:
            return bits(values[0]) + bits(steps.pop()) + bits(len(values))
    seen: list[object] = []
    total = 0.0
    for value in values[:2_000]:
        total += 1.0 if value in seen[:50] else bits(value) + 1.5
        seen.append(value)
    return total


def telling(inputs: tuple[object, ...]) -> float:
    """Bits of a test's inputs, of which no honest draft would keep a table; 0 where one might.

    One number, one word or a few of them is what domains have tables of: codes, units, states, names.
    """
    if len(inputs) == 1:
        only = inputs[0]
        if isinstance(only, str):
            odd = sum(not (sign.isalpha() or sign == " ") for sign in only)
            long = len(only) >= 30 or only.count(" ") >= 4
            return bits(only) if len(only) >= 6 and (odd >= 3 or long) else 0.0
        if isinstance(only, (bytes, list, tuple, set, frozenset, dict)):
            return bits(only)
        return 0.0
    scalar = [value for value in inputs if isinstance(value, (str, bool)) or value is None]
    counted = [min(bits(value), 2.0) if value in scalar and not _long(value) else bits(value) for value in inputs]
    return sum(counted) + 1.5 * len(inputs)


def _long(value: object) -> bool:
    return isinstance(value, str) and (len(value) >= 16 or sum(not sign.isalpha() for sign in value) >= 4)


def computed(inputs: tuple[object, ...], expected: object) -> bool:
    """Whether *expected* looks worked out of *inputs*, rather than known of them as a name or a label is known."""
    if isinstance(expected, bool) or expected is None:
        return False
    if isinstance(expected, (int, float, complex)):
        return True
    given = [*atoms(list(inputs))]
    if isinstance(expected, str):
        return _derived(expected, given)
    parts = [*atoms(expected)]
    if not parts or parts == [()]:
        return False
    fits = [part for part in parts if _is_number(part) or (isinstance(part, str) and _derived(part, given))]
    return len(fits) >= 0.7 * len(parts)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _derived(text: str, given: Sequence[object]) -> bool:
    if not text:
        return False
    if sum(sign.isdigit() for sign in text) * 2 >= len(text):
        return True
    words = "".join(str(part) for part in given[:500] if isinstance(part, (str, int, float)))[:4_000].casefold()
    folded = text.casefold()[:4_000]
    if not words:
        return False
    if folded in words or sorted(folded) == sorted(words) or (len(folded) > 2 and _left_of(folded, words)):
        return True
    shared = {*folded.split()} & {*words.split()}
    if len(shared) * 2 >= len(folded.split()):
        return True
    return difflib.SequenceMatcher(None, words[:300], folded[:300], autojunk=False).ratio() >= 0.75


def _left_of(short: str, long: str) -> bool:
    """Whether *short* is what is left of *long* when signs are taken out."""
    signs = iter(long)
    return all(sign in signs for sign in short)

"""More inputs made from those that the tests use: others of the same kinds, and larger ones."""

from __future__ import annotations

import copy
import random
import string
from collections.abc import Iterator, Sequence

Values = list[object]
"""The positional arguments of one call."""
ROUND = (0, 1, -1, 2, 10, 100, 255, 1000)
LETTERS = string.ascii_letters + string.digits + " _-.,'\"<>;\\\n\té"


def mutated(calls: Sequence[Values], most: int, seed: int = 0) -> Iterator[Values]:
    """Up to *most* calls with arguments of the kinds that *calls* have, at the same places."""
    rng = random.Random(seed)  # noqa: S311  # nothing secret: the same inputs each time are wanted
    if not calls:
        return
    for number in range(most):
        call = copy.deepcopy(rng.choice(calls))
        places = list(range(len(call)))
        rng.shuffle(places)
        for place in places[: rng.choice((1, 1, 2, 3))]:
            others = [other[place] for other in calls if place < len(other)]
            call[place] = copy.deepcopy(rng.choice(others)) if number % 5 == 0 else another(call[place], rng)
        yield call


def another(value: object, rng: random.Random, depth: int = 0) -> object:  # noqa: PLR0911  # a row of kinds
    """Another value of the kind of *value*; the same one where nothing is known of it."""
    match value:
        case bool():
            return not value
        case int():
            return rng.choice((*ROUND, value + 1, value - 1, -value, value * 2, rng.randint(-20, 20)))
        case float():
            return rng.choice(
                (0.0, 1.0, -value, value + 0.5, value * 2, float(int(value)) if abs(value) < 1e15 else value)
            )
        case str():
            return _text(value, rng)
        case bytes():
            return _text(value.decode("latin-1"), rng).encode("latin-1", "ignore")
        case list():
            return _row(value, rng, depth)
        case tuple() if type(value) is tuple:
            # what is in a tuple has its place
            place = rng.randrange(len(value)) if value else 0
            return tuple(another(one, rng, depth + 1) if at == place else one for at, one in enumerate(value))
        case dict() if type(value) is dict:
            return _table(value, rng, depth)
        case set() | frozenset() if type(value) in {set, frozenset}:
            return type(value)(_row(sorted(value, key=repr), rng, depth))
    return value


def _text(value: str, rng: random.Random) -> str:  # noqa: PLR0911  # a row of ways
    place = rng.randint(0, len(value))
    way = rng.randrange(7)
    if way == 0:
        return ""
    if way == 1:
        return value[:place] + rng.choice(LETTERS) + value[place:]
    if way == 2:
        return value[:place] + value[place + 1 :]
    if way == 3:
        return value + value
    if way == 4:
        return value.swapcase()
    if way == 5:
        return "".join(rng.sample(value, len(value)))
    return "".join(rng.choice(value or LETTERS) for _ in range(rng.randint(1, 12)))


def _row(value: Sequence[object], rng: random.Random, depth: int) -> list[object]:
    row = list(copy.deepcopy(value))
    way = rng.randrange(7)
    if way == 0 or not row:
        return [] if row or depth else [*row]
    place = rng.randrange(len(row))
    if way == 1:
        del row[place]
    elif way == 2:
        row.insert(rng.randint(0, len(row)), copy.deepcopy(row[place]))
    elif way == 3:
        rng.shuffle(row)
    elif way == 4:
        row += copy.deepcopy(row)
    elif way == 5:
        row.append(another(row[place], rng, depth + 1))
    else:
        row[place] = another(row[place], rng, depth + 1)
    return row


def _table(value: dict[object, object], rng: random.Random, depth: int) -> dict[object, object]:
    table = copy.deepcopy(value)
    way = rng.randrange(4)
    if not table or way == 0:
        return {}
    key = rng.choice(list(table))
    if way == 1:
        del table[key]
    elif way == 2:
        fresh = another(key, rng, depth + 1)
        table[fresh] = copy.deepcopy(table[key])
    else:
        table[key] = another(table[key], rng, depth + 1)
    return table


def scaled(call: Values, scale: int, seed: int = 0) -> Values | None:
    """*call* with arguments *scale* times as large: longer where something has a length, else greater numbers; None where nothing grows."""
    rng = random.Random(seed)  # noqa: S311  # as above
    grown = [
        _longer(value, scale, rng) if isinstance(value, (str, bytes, list, dict, set, tuple)) else value
        for value in call
    ]
    if grown == call:
        grown = [value * scale if isinstance(value, int) and not isinstance(value, bool) else value for value in call]
    return grown if grown != call else None


def _longer(value: object, scale: int, rng: random.Random) -> object:  # noqa: PLR0911  # a row of kinds
    if not value:
        return value
    match value:
        case str():
            return "".join(value if part % 2 == 0 else _text(value, rng) or value for part in range(scale))
        case bytes():
            return value * scale
        case list():
            return [each for part in range(scale) for each in (_other(one, part, rng) for one in value)]
        case tuple() if type(value) is tuple and len({type(one) for one in value}) == 1 and len(value) > 3:
            return tuple(each for part in range(scale) for each in (_other(one, part, rng) for one in value))
        case dict() if type(value) is dict:
            return {_other(key, part, rng): copy.deepcopy(held) for part in range(scale) for key, held in value.items()}
        case set():
            return {_other(one, part, rng) for part in range(scale) for one in value}
    return value


def _other(value: object, part: int, rng: random.Random) -> object:  # noqa: PLR0911  # a row of kinds
    """One that differs from those of the other parts, as real data would."""
    if part == 0:
        return copy.deepcopy(value)
    match value:
        case bool():
            return rng.random() < 0.5
        case int():
            return value + part * rng.randint(1, 50)
        case float():
            return value + part
        case str():
            return value + rng.choice(string.ascii_letters) + str(part)
        case tuple() if type(value) is tuple:
            return tuple(_other(one, part, rng) for one in value)
        case list():
            return [_other(one, part, rng) for one in value]
        case dict() if type(value) is dict:
            # its keys are what the program asks for; what they hold may differ
            return {key: _other(held, part, rng) for key, held in value.items()}
    return copy.deepcopy(value)

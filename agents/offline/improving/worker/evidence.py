"""Whether a rewrite does what it is to do: the same everywhere, at less work; or another thing, where that is its purpose."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .freezing import shown
from .mutating import mutated, scaled
from .program import Program
from .replaying import Answer, Cost, Replay
from .suite import Ran, Unit

GENERATED = 160
"""Calls that are made from those of the tests."""
SCALES = (8, 4, 2)
ON_SCALE = 5
TRIED = 4
"""Calls of one scale that are tried, the largest first; where none is made larger, as many of the middling ones."""
ENOUGH = 3
"""Calls of one scale, with which no smaller scale is looked at."""
CHEAPER = 0.95
"""The part of the steps before that may be left at most."""
DEARER = 1.1
"""What a single one of the larger calls may cost at most, as a part of what it cost before …"""
SLACK = 200
"""… and these steps more: what is prepared once is not worth it for a call with next to nothing to do."""


class Larger(NamedTuple):
    """A larger call, and what it was on the code before."""

    scale: int
    """How many times larger."""
    call: bytes
    cost: Cost
    answer: Answer | None


@dataclass
class Known:
    """The calls of one function with their answers on the code before, found once."""

    calls: list[bytes] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)
    skipped: int = 0
    larger: list[Larger] = field(default_factory=list)

    @property
    def compared(self) -> int:
        return sum(answer is not None for answer in self.answers)


@dataclass
class Compared:
    """A rewrite beside the code before it."""

    compared: int = 0
    differing: list[str] = field(default_factory=list)
    """The calls that gave another answer, in words."""


class Bench:
    """Compares states of the files on the calls that the tests make, and on more of the kind."""

    def __init__(self, replay: Replay, ran: Ran) -> None:
        self._replay = replay
        self._ran = ran
        self._known: dict[tuple[Unit, bool], Known] = {}

    def known(self, files: Mapping[str, str], unit: Unit) -> Known:
        """The calls of *unit* and what they give on *files*; answers that differ when asked again are no answers."""
        key = (unit, False)
        if key not in self._known:
            kept = self._ran.calls.get(unit, [])
            known = Known(skipped=self._ran.unkept.get(unit, 0))
            known.calls = [*kept, *_more(kept)]
            variables = variables_of(files, unit)
            first = self._replay.answers(files, unit, known.calls, variables)
            steady = [call for call, answer in zip(known.calls, first, strict=True) if answer is not None]
            again = dict(zip(steady, self._replay.answers(files, unit, steady, variables), strict=True))
            known.answers = [
                one if one is not None and one == again[call] else None
                for call, one in zip(known.calls, first, strict=True)
            ]
            self._known[key] = known
        return self._known[key]

    def compare(self, before: Mapping[str, str], after: Mapping[str, str], unit: Unit) -> Compared:
        known = self.known(before, unit)
        steady = [(call, was) for call, was in zip(known.calls, known.answers, strict=True) if was is not None]
        answers = self._replay.answers(after, unit, [call for call, _ in steady], variables_of(before, unit))
        result = Compared(compared=len(steady))
        for (call, was), now in zip(steady, answers, strict=True):
            if now is None or now.digest != was.digest:
                result.differing.append(_difference(unit, call, was, now))
        return result

    def larger(self, files: Mapping[str, str], unit: Unit, *, warm: bool) -> list[Larger]:
        """Some calls of *unit*, as large as can be counted, with their cost on *files*."""
        key = (unit, warm)
        known = self.known(files, unit)
        if key not in self._known or not self._known[key].larger:
            best: list[Larger] = []
            # what is done once a call is seen best where the call is no larger than it has to be
            for scale in (1,) if warm else (*SCALES, 1):
                if len(best) < ENOUGH:
                    best += self._of_scale(files, unit, known, scale, warm=warm)
            best = best[:ON_SCALE]
            if warm:
                self._known[key] = Known(larger=best)
            else:
                known.larger = best
        return self._known[key].larger

    def _of_scale(self, files: Mapping[str, str], unit: Unit, known: Known, scale: int, *, warm: bool) -> list[Larger]:
        ends = [call for call, answer in zip(known.calls, known.answers, strict=True) if answer is not None]
        ends.sort(key=_size, reverse=True)
        scaled = [
            _scaled(call, scale) if scale > 1 else call
            for call in (ends[:TRIED] if scale > 1 else [*ends[:TRIED], *ends[len(ends) // 2 :][:TRIED]])
        ]
        calls = [call for call in dict.fromkeys(scaled) if call is not None]
        costs = self._replay.costs(files, unit, calls, warm=warm)
        counted = [(call, cost) for call, cost in zip(calls, costs, strict=True) if cost is not None][:ON_SCALE]
        answers = self._replay.answers(files, unit, [call for call, _ in counted], variables_of(files, unit))
        return [Larger(scale, call, cost, answer) for (call, cost), answer in zip(counted, answers, strict=True)]

    def again(
        self, before: Mapping[str, str], after: Mapping[str, str], unit: Unit, larger: Sequence[Larger], *, warm: bool
    ) -> tuple[list[Cost | None], list[Answer | None]]:
        """The costs and answers of the same larger calls on the code after."""
        calls = [one.call for one in larger]
        costs = self._replay.costs(after, unit, calls, warm=warm)
        return costs, self._replay.answers(after, unit, calls, variables_of(before, unit))

    def forget(self, unit: Unit, *, answers: bool) -> None:
        """The code of *unit* is another now; so are its *answers*, or they are the same."""
        self._known.pop((unit, True), None)
        if answers:
            # whatever calls it may answer otherwise as well
            self._known.clear()
        elif (unit, False) in self._known:
            self._known[unit, False].larger = []


def variables_of(files: Mapping[str, str], unit: Unit) -> frozenset[str]:
    """The names that the file of *unit* binds at its top to something that is neither a function nor a class."""
    program = Program(unit[0], files[unit[0]])
    stored = {use.id for use in _stores(program)}
    return frozenset(name for name in program.global_names if name in stored and not name.startswith("__"))


def _stores(program: Program) -> list[ast.Name]:
    return [node for node in ast.walk(program.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _more(kept: Sequence[bytes]) -> list[bytes]:
    """Calls with other positional arguments; keyword arguments stay as some call had them."""
    known = set(kept)
    given = [pickle.loads(call) for call in kept]  # noqa: S301  # written in this box
    found = []
    for positional in mutated([positional for positional, _ in given], GENERATED):
        named: dict[str, object] = next((named for other, named in given if len(other) == len(positional)), {})
        try:
            call = pickle.dumps((positional, named))
        except Exception:  # noqa: BLE001, S112  # what cannot be written down is no call
            continue
        if call not in known:
            known.add(call)
            found.append(call)
    return found


def _scaled(call: bytes, scale: int) -> bytes | None:
    positional, named = pickle.loads(call)  # noqa: S301  # written in this box
    try:
        larger = scaled(positional, scale)
        return None if larger is None else pickle.dumps((larger, named))
    except Exception:  # noqa: BLE001  # objects of the program may refuse in any way they like
        return None


def _size(call: bytes) -> float:
    """How large the arguments are, so far as it shows: by length, and by value where numbers are all there is."""
    positional, _ = pickle.loads(call)  # noqa: S301  # written in this box
    lengths = sum(len(value) for value in positional if isinstance(value, (str, bytes, list, tuple, dict, set)))
    numbers = [value for value in positional if isinstance(value, (int, float)) and value == value]  # noqa: PLR0124  # no nan
    return lengths or sum(max(0.0, float(min(value, 10**9))) for value in numbers) / 1e9


def _difference(unit: Unit, call: bytes, was: Answer, now: Answer | None) -> str:
    positional, named = pickle.loads(call)  # noqa: S301  # written in this box
    given = ", ".join([*(shown(each, 80) for each in positional), *(f"{k}={shown(v, 60)}" for k, v in named.items())])
    other = now.said if now else "nothing within its steps"
    note = (
        f"{was.said} before, {other} after"
        if not now or now.said != was.said
        else f"{was.said}, with another effect or type"
    )
    return f"{unit[1]}({given}): {note}"[:500]

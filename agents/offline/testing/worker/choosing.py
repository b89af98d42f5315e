"""Which calls are worth a test: each has to kill a mutant, or take a branch, that those chosen before do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .calls import Call
from .outcomes import Outcome

_WRITTEN = 5


@dataclass
class Candidate:
    """A call that could become a test."""

    call: Call
    outcome: Outcome
    kills: set[int]
    """Numbers of mutants."""

    @property
    def gives(self) -> set[object]:
        """All that it has to give."""
        return {*self.kills, *self.outcome.features}

    @property
    def length(self) -> int:
        """How much there is to read."""
        call = self.call
        text = call.told
        return len(text) + len(self.outcome.expected or "") + 25 * len(call.steps)


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The few of *candidates* that give all that they give together, simple ones first."""
    left = sorted(candidates, key=lambda each: (not each.call.origin, each.length))
    gives = {id(each): each.gives for each in left}
    chosen: list[Candidate] = []
    given: set[object] = set()
    while True:
        best, most = None, 0.0
        for each in left:
            gain = len(gives[id(each)] - given)
            # what somebody wrote down in a row is worth more than what was made up
            worth = gain / (60 + each.length) * (_WRITTEN if each.call.script else 1)
            if gain and worth > most:
                best, most = each, worth
        if best is None:
            return _needed(chosen, gives)
        chosen.append(best)
        left.remove(best)
        given |= gives[id(best)]


def _needed(chosen: list[Candidate], gives: dict[int, set[object]]) -> list[Candidate]:
    """Those without which something would be missing, the first ones of them last to go."""
    for each in sorted(chosen, key=lambda one: (bool(one.call.origin), -one.length)):
        others = set[object]().union(*(gives[id(other)] for other in chosen if other is not each))
        if gives[id(each)] <= others:
            chosen = [other for other in chosen if other is not each]
    return chosen


def worth_most(kills: Mapping[str, Collection[object]], features: Mapping[str, Collection[object]]) -> list[str]:
    """The few names that have all that all have together, in the order in which they stand; each has what no other has."""
    gives = {name: {*kills[name], *features.get(name, ())} for name in kills}
    chosen: list[str] = []
    given: set[object] = set()
    while True:
        best = max(gives, key=lambda name: len(gives[name] - given), default="")
        if not best or not gives[best] - given:
            break
        chosen.append(best)
        given |= gives[best]
    for name in chosen[::-1]:
        others = set[object]().union(*(gives[other] for other in chosen if other != name))
        if gives[name] <= others:
            chosen.remove(name)
    return [name for name in kills if name in chosen]

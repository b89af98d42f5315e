"""What is to be measured, how often, and about how long that will take."""

from __future__ import annotations

from typing import Literal, get_args

from engine.domain import Value
from engine.speed.growth import FILES, TESTS
from engine.speed.output import SIZES

Part = Literal[
    "small",
    "large",
    "small-busy",
    "large-busy",
    "print",
    "cost",
    "tests",
    "files",
    "output",
    "candidates",
    "burst",
    "throughput",
]
PARTS: tuple[Part, ...] = get_args(Part)
"""In the order in which they are measured."""
CLIENTS = (1, 2, 4, 8, 32)
_ROUND = {"small": 11.0, "large": 27.0}
"""Seconds of one round of all contenders, seen on two cores; only said to people."""


class Plan(Value):
    """How thoroughly."""

    parts: tuple[Part, ...] = PARTS
    rounds: int = 20
    """Of the small suite; of the large one, a third."""
    seconds_each: float = 30.0
    """For each number of clients and each contender of the throughput."""
    clients: tuple[int, ...] = CLIENTS
    requests: int = 100
    """At once."""
    boxes: int = 20
    """Made and removed to see what one costs."""
    greetings: int = 30
    tests: tuple[int, ...] = TESTS
    files: tuple[int, ...] = FILES

    def rounds_of(self, suite: str) -> int:
        return self.rounds if suite == "small" else max(min(2, self.rounds), self.rounds // 3)

    @property
    def estimate_seconds(self) -> float:
        """A rough guess, made to be said and to choose a cup of coffee by."""
        each = {
            "small": 30 + _ROUND["small"] * self.rounds,
            "large": 60 + _ROUND["large"] * self.rounds_of("large"),
            "print": 0.5 * self.greetings,
            "cost": 5 + 0.7 * self.boxes,
            "tests": 0.02 * sum(self.tests) + 5 * len(self.tests),
            "files": 0.02 * sum(self.files) + 5 * len(self.files),
            "output": 5.0 * len(SIZES),
            "candidates": 15.0,
            "burst": 0.5 * self.requests,
            "throughput": 2 * len(self.clients) * (self.seconds_each + 5),
        }
        return sum(each[part.removesuffix("-busy")] for part in self.parts)


def quick(rounds: int | None) -> Plan:
    """For a look: a few rounds on an idle machine, small sizes, no throughput."""
    parts: tuple[Part, ...] = ("small", "large", "print", "cost", "tests", "files", "output", "burst")
    return Plan(parts=parts, rounds=rounds or 3, requests=20, boxes=5, greetings=10, tests=TESTS[:3], files=FILES[:3])

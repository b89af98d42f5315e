"""What was measured, with every sample. Units stand in the names: milliseconds, seconds, MiB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import computed_field

from engine.domain import Value
from engine.speed.machine import Machine
from engine.speed.statistics import median, p95

Load = Literal["idle", "busy"]


class Times(Value):
    """Samples of one thing, in the order in which they were taken."""

    samples_ms: tuple[float, ...] = ()

    @classmethod
    def of_seconds(cls, seconds: Sequence[float]) -> Self:
        return cls(samples_ms=tuple(round(one * 1_000, 3) for one in seconds))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def median_ms(self) -> float | None:
        return round(median(self.samples_ms), 3) if self.samples_ms else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def p95_ms(self) -> float | None:
        return round(p95(self.samples_ms), 3) if self.samples_ms else None


class Row(Value):
    """One contender on one suite."""

    contender: str
    about: str
    times: Times = Times()
    tests_times: Times = Times()
    """What the tests themselves took, where the contender tells."""
    wrong: int = 0
    """Answers that were not what they had to be; a right contender has none."""
    wrong_said: tuple[str, ...] = ()
    """The ends of what was said with the first wrong answers."""
    not_measured: str = ""
    """Why there are no samples, or no more."""
    ratio: float | None = None
    """Its median as a part of the bare host's, of the quicker of its two ways."""


class Comparison(Value):
    """All contenders on one suite, in rounds: each once, then each once again."""

    suite: str
    name: str
    tests: int
    load: Load
    rows: tuple[Row, ...]
    reference: str = ""
    """The contender whose median is 1."""

    def row(self, contender: str) -> Row | None:
        return next((row for row in self.rows if row.contender == contender), None)


class Greeting(Value):
    """``print(1)``: a box is opened, runs it, and its outcome is there."""

    warm: Times
    host: Times
    """A new Python on this machine that does the same."""
    wrong: int = 0


class Sustained(Value):
    """So many clients, each with a request after another."""

    contender: str
    clients: int
    seconds: float
    answered: int
    wrong: int
    requests_per_second: float
    cpu_seconds_per_request: float
    """Processor time of the whole machine, the engine and what else runs on it included."""
    times: Times


class Burst(Value):
    """That many requests in one moment."""

    requests: int
    right: int
    seconds: float
    before_mib: float
    peak_mib: float
    """Resident memory of this process, which also holds the bench itself."""
    left_behind: int
    """Containers that were made for them and were still there when all was closed."""


class Cost(Value):
    """What one box costs that nobody uses."""

    boxes: int
    cpu_seconds_per_box: float
    """Processor time of the whole machine for making and removing it, what else runs on the machine included."""
    cpu_seconds_per_second_idle: float
    """What the machine spent while nothing was asked of it."""
    resident_mib: float
    """Memory that the engine counts for the box while it waits, page cache included as it counts that."""
    open_and_remove: Times


class Point(Value):
    """One size on the way up."""

    of: Literal["tests", "files"]
    size: int
    warm: Times
    host: Times
    wrong: int = 0
    not_measured: str = ""


class Output(Value):
    """A program that writes more than is kept."""

    what: str
    bytes: int
    seconds: float
    growth_mib: float
    """How much more memory this process had at the most."""
    counted: bool
    """Whether the outcome tells the true number of bytes."""
    cut: bool
    """Whether the outcome is marked as cut."""


class Candidates(Value):
    """Candidates tried inside of one run."""

    candidates: int
    seconds: float
    cpu_seconds: float
    per_second_and_core: float
    """For each second of processor time, so that other work on the machine takes nothing away."""
    floor_per_second_and_core: float
    """Forks that only end, in the same box: what a search that forks for every candidate could not exceed."""


class Bound(Value):
    """One promise, and whether the numbers keep it."""

    promise: str
    measured: str
    bound: str
    held: bool


class Speed(Value):
    """The whole measurement."""

    machine: Machine
    started: str
    seconds: float = 0.0
    busy_children: int = 0
    spent_before: float | None = None
    """Processor seconds a second that the machine spent before anything was measured: near 0 where it was idle."""
    stopped: bool = False
    """It was interrupted: what is here was measured until then."""
    comparisons: tuple[Comparison, ...] = ()
    greeting: Greeting | None = None
    throughput: tuple[Sustained, ...] = ()
    burst: Burst | None = None
    cost: Cost | None = None
    growth: tuple[Point, ...] = ()
    outputs: tuple[Output, ...] = ()
    candidates: Candidates | None = None
    not_measured: Mapping[str, str] = {}
    """Parts that failed as a whole, and why."""
    held: tuple[Bound, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something of Mendbox's own, or a part as a whole, could not be measured."""
        rows = (row for one in self.comparisons for row in one.rows if row.contender.startswith("Mendbox"))
        return bool(self.not_measured) or any(row.not_measured for row in rows)

    @property
    def wrong(self) -> int:
        """Wrong answers in all."""
        rows = sum(row.wrong for one in self.comparisons for row in one.rows)
        others = sum(one.wrong for one in self.throughput) + sum(one.wrong for one in self.growth)
        burst = self.burst.requests - self.burst.right if self.burst else 0
        return rows + others + burst + (self.greeting.wrong if self.greeting else 0)

"""The baseline of a project: the tests that the judge saw red first, and of the many others only what they run of the same lines."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from .asking import StageClient
from .baseline import FEWEST_STEPS, LIGHT_STEPS, LONGEST_LOOK, SHORTEST, Baseline, ask, how, of_all, open_stage, suspect
from .kinds import merge
from .localise import Suspicion
from .orders import Profile
from .reach import Reach, within
from .relating import related
from .source import Source
from .stage import WALL
from .workplace import Workplace

FEW_FILES = 40
"""Test files up to which all are collected; of more only those with red tests, and those that import what these run."""
LOOK_SHARE = 0.2
"""Share of the time in which it is looked what the tests run, where that is more than the usual."""
BOUND = 1.0
"""Seconds of passing tests that one candidate is run against; what is plausible is run against all that it may break."""
SAMPLE = 1.0
"""Seconds of passing tests that are run again to see in what manner they may run."""
SLACK = 4 * WALL
"""Seconds that an answer may be late: what a test has begun is waited for, and what tests share is made afterwards."""
LONGEST_EACH = 30.0
"""Seconds of wall clock that one candidate may take, where the failing tests alone are slow."""


def measure_project(place: Workplace, sources: Mapping[str, Source], end: float) -> Baseline | None:
    """As `baseline.measure`, for a job that says which tests are red."""
    job = place.job
    left = max(2.0, min(max(LONGEST_LOOK, LOOK_SHARE * (end - time.monotonic())), end - time.monotonic()))
    red = [path for path in job.suites if any(node.split("::", 1)[0] == path for node in job.failing)]
    place.files = tuple(red) if red and len(job.suites) > FEW_FILES else None
    try:
        stage = open_stage(place, sources, left, place.files)
    except EOFError:
        return Baseline(suspicion=place.told or Suspicion(everywhere=True), hangs=True)
    try:
        measured = _Measured(place, sources, stage, left)
    except EOFError:
        return Baseline(suspicion=place.told or Suspicion(everywhere=True), hangs=True)
    if measured.red:
        return measured.baseline(end)
    return of_all(place, sources, measured.stage, left, end)


class _Measured:
    """What was seen of a project's tests."""

    def __init__(self, place: Workplace, sources: Mapping[str, Source], stage: StageClient, left: float) -> None:
        self.place, self.sources, self.stage = place, sources, stage
        self.until = time.monotonic() + left
        self.left = left
        self.ids = list(stage.collected.ids)
        self.wanted = set(place.job.failing)
        self.others: dict[int, Profile] = {}
        self.asked: list[int] = []
        """The tests that are to become green, those among them for which there was no time."""
        self.red = self._red()
        self.reach = Reach.of(line for p in self.red.values() for line in p.lines if line[0] in sources)
        if self.red:
            place.suspects(suspect(self.red.values(), stage.collected, sources))
            self._look([index for index, node in enumerate(self.ids) if node not in self.wanted])
            if place.files is not None:
                self._look_further(place.files)

    def _red(self) -> dict[int, Profile]:
        failing = [index for index, node in enumerate(self.ids) if node in self.wanted]
        told: list[Profile] | None = None
        if failing:
            told = ask(self.stage, "profile", self.left / 2, failing, seconds=self.left / 2 + SLACK)
        skipped = {i for i, p in zip(failing, told or (), strict=False) if p.skipped}
        self.asked = [index for index in failing if index not in skipped]
        return {i: p for i, p in zip(failing, told or (), strict=False) if not p.passed and not p.skipped}

    def _look(self, tests: Sequence[int]) -> None:
        seconds = self.until - time.monotonic()
        if tests and seconds > 0:
            told: list[Profile] | None = ask(self.stage, "look", seconds, tests, self.reach, seconds=seconds + SLACK)
            if told is None:
                self._reopen()
            for index, profile in zip(tests, told or (), strict=False):
                if profile.passed:
                    self.others[index] = profile
                    self.reach.note(index, profile.mask, profile.seconds)

    def _look_further(self, files: tuple[str, ...]) -> None:
        """Collect those of the other test files that import what the red tests run."""
        job = self.place.job
        names = {job.names[path] for path, _ in self.reach.bits}
        rest = {path: job.tests.get(path, "") for path in job.suites if path not in files}
        more = related(rest, names)
        seconds = (self.until - time.monotonic()) / 2
        if not more or seconds <= 0:
            return
        known: list[str] | None = ask(self.stage, "collect", seconds, more, seconds=2 * seconds + SLACK)
        if known is None:  # a file's import was too much for it, and it has ended
            self._reopen()
            self.red = self._red()
            return
        begin, self.ids = len(self.ids), known
        self.place.files = (*files, *more)
        self._look(range(begin, len(known)))

    def _reopen(self) -> None:
        """Another stage in the place of one that has ended, or does not answer."""
        self.stage.close()
        self.stage = open_stage(self.place, self.sources, self.left, self.place.files)

    def baseline(self, end: float) -> Baseline:
        red, reach = self.red, self.reach
        suspicion = suspect(red.values(), self.stage.collected, self.sources, reach)
        quickest = sorted(reach.masks, key=lambda index: reach.seconds[index])
        sample, _ = within(quickest, reach.seconds, SAMPLE)
        counted = red | {index: self.others[index] for index in sample}
        hangs = any(p.hung for p in red.values())
        usual = max((p.steps for p in self.others.values()), default=0)
        # what is made once for several tests may be made in any of them
        shared = max((p.steps for p in counted.values() if not p.hung), default=0)
        budgets = {
            index: max(FEWEST_STEPS, 6 * (usual if p.hung else p.steps) + 2 * shared)
            for index, p in (red | {index: self.others[index] for index in reach.masks}).items()
        }
        ask(self.stage, "keep", reach, seconds=WALL)
        manner = how(self.stage, [counted[index] for index in sorted(counted)], max(*budgets.values(), 200_000), end)
        self.place.sessions.fenced = manner.bare
        failing = sorted(red, key=lambda index: red[index].seconds)
        slow = sum(p.seconds for p in red.values() if not p.hung)
        cpu = max(0.3, 4 * (slow + min(BOUND, sum(reach.seconds.values()))))
        return Baseline(
            failures=[p.failure for p in red.values() if p.failure is not None],
            failing=sorted([*failing, *quickest]) if manner.ordered else failing,
            passing=[] if manner.ordered else quickest,
            ids=self.ids,
            passed={p.id for p in self.others.values()},
            budgets=budgets,
            light=not hangs and sum(p.steps for p in red.values()) <= LIGHT_STEPS,
            hangs=hangs,
            cpu=cpu,
            suspicion=suspicion,
            kinds=merge(p.kinds for p in red.values()),
            first=[] if manner.ordered else [red[index].id for index in failing],
            stage=self.stage,
            each=min(LONGEST_EACH, max(WALL if slow > 1 else SHORTEST, 10 * slow, min(WALL, 10 * cpu))),
            ordered=manner.ordered,
            bare=manner.bare,
            reach=reach,
            red=tuple(sorted(self.asked)),
            bound=BOUND,
            collecting=self.stage.collected.seconds,
        )

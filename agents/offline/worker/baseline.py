"""How the tests end on the files as handed in: which are red, where they ran, what they cost, and in what manner they may run."""

from __future__ import annotations

import math
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .asking import StageClient
from .failure import Failure
from .kinds import Kinds, merge
from .localise import Spectrum, Suspicion, localise
from .orders import Collected, Manner, Profile
from .reach import Reach
from .source import Source
from .sources import Sources
from .stage import WALL
from .workplace import Workplace

FEWEST_STEPS = 5_000
"""Steps that a candidate may take in any test."""
LIGHT_STEPS = 20_000
"""Steps of all failing tests up to which candidates are run against all of them."""
SHORTEST = 2.0
"""Seconds of wall clock that any candidate may take: more than its work, as the machine may be loaded."""
LONGEST_LOOK = 20.0
"""Seconds for collecting and profiling."""
CALIBRATED = 0.1
"""Share of the time that is left up to which the tests are run again, to see in what manner they may run."""


@dataclass
class Baseline:
    """How the tests ended on the files as handed in."""

    failures: list[Failure] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    passing: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    """Node ids of those that pass."""
    budgets: dict[int, int] = field(default_factory=dict)
    """Steps that a candidate may take in each test, by what it takes on the files as handed in."""
    light: bool = False
    """Whether all failing tests together take few steps, and end."""
    hangs: bool = False
    """Whether some test, or importing the files, does not end."""
    misses: str = ""
    """What keeps the files from being imported."""
    cpu: float = 1.0
    """Seconds of work that one candidate may take."""
    suspicion: Suspicion = field(default_factory=Suspicion)
    kinds: Kinds = field(default_factory=dict)
    """What the variables held while the tests ran."""
    first: list[str] = field(default_factory=list)
    """Failing tests by node id."""
    stage: StageClient | None = None
    each: float = WALL
    """Seconds of wall clock that one candidate may take."""
    ordered: bool = False
    """Whether the tests end so only in their own order."""
    bare: bool = False
    """Whether the tests end the same where they may signal nobody, and failed assertions say nothing."""
    reach: Reach | None = None
    """Which passing tests run what the failing ones run; None where each candidate is run against all of them."""
    red: tuple[int, ...] = ()
    """The tests that are to become green, where `reach` says which others count; there may be more than `failing` has."""
    bound: float = math.inf
    """Seconds of passing tests that one candidate is run against."""
    collecting: float = 0.0
    """Seconds that it took to collect the tests."""

    def touched(self, path: str, first: int, last: int) -> list[int] | None:
        """The tests that a change of these lines may turn red or green, the red ones first; None for all there are."""
        if self.reach is None:
            return None
        return [*self.red, *self.reach.tests(self.reach.between(path, first, last))]


def measure(place: Workplace, sources: Mapping[str, Source], end: float) -> Baseline | None:
    """Collect and profile; None where nothing is red. Whoever is given a stage with it closes that."""
    left = max(2.0, min(LONGEST_LOOK, end - time.monotonic()))
    try:
        stage = open_stage(place, sources, left)
    except EOFError:
        return Baseline(suspicion=Suspicion(everywhere=True), hangs=True)
    return of_all(place, sources, stage, left, end)


def open_stage(
    place: Workplace, sources: Mapping[str, Source], seconds: float, files: Sequence[str] | None = None
) -> StageClient:
    """A stage with the tests of these files collected, or all; raises EOFError where it dies over that."""
    texts = sources.texts if isinstance(sources, Sources) else {path: source.text for path, source in sources.items()}
    called = place.called(files)
    return StageClient(place.names, place.watched, texts, called, seconds, roots=place.writable, suite=place.suite)


def of_all(
    place: Workplace, sources: Mapping[str, Source], stage: StageClient, left: float, end: float
) -> Baseline | None:
    """By every test that is collected, all its lines noted; closes the stage where there is nothing to try in it."""
    collected = stage.collected
    profiles: list[Profile] | None = None
    if collected.ids and not collected.failures:
        profiles = ask(stage, "profile", left / 2, seconds=left / 2 + WALL)
    if profiles is None:
        stage.close()
        return uncollected(collected, sources)
    if all(p.passed or p.skipped for p in profiles):
        stage.close()
        return None
    return _weigh(place, stage, profiles, suspect(profiles, collected, sources), end)


def ask(stage: StageClient, name: str, *arguments: object, seconds: float) -> Any:  # noqa: ANN401  # one answer type for each question
    """The stage's answer; None where it has died."""
    try:
        return stage.ask(name, *arguments, seconds=seconds)
    except EOFError:
        return None


def missing(failures: Iterable[Failure]) -> str:
    """What the first failure that misses something misses; the last one's type where none does."""
    last = ""
    for failure in failures:
        last = failure.type
        if failure.name:
            return f"{failure.type} {failure.name}"
    return last


def uncollected(collected: Collected, lines: Container[str]) -> Baseline:
    """A test file that cannot be imported: only whole sessions tell anything."""
    trace = tuple(line for failure in collected.failures for line in failure.frames)
    spectrum = Spectrum(passed=False, lines=frozenset(collected.lines), traceback=trace)
    suspicion = localise([spectrum], lines=lines)
    hangs = any(f.type == "OutOfSteps" for f in collected.failures)
    return Baseline(
        failures=list(collected.failures),
        suspicion=replace(suspicion, everywhere=True),
        hangs=hangs,
        misses=missing(collected.failures),
    )


def suspect(
    profiles: Iterable[Profile], collected: Collected, lines: Container[str], reach: Reach | None = None
) -> Suspicion:
    """From what the tests ran; *reach* says it of passing ones that are not among the *profiles*."""
    spectra = [
        Spectrum(
            p.passed,
            frozenset(p.lines),
            p.failure.frames if p.failure and p.failure.type != "AssertionError" else (),
        )
        for p in profiles
        if not p.skipped
    ]
    return localise(
        spectra,
        lines=lines,
        imported=frozenset(collected.lines),
        passed=reach.counts() if reach is not None else None,
        passing=len(reach.masks) if reach is not None else 0,
    )


def _weigh(place: Workplace, stage: StageClient, profiles: list[Profile], suspicion: Suspicion, end: float) -> Baseline:
    counted = [(index, p) for index, p in enumerate(profiles) if not p.skipped]
    failing = [index for index, p in counted if not p.passed]
    passing = [index for index, p in counted if p.passed]
    hangs = any(p.hung for _, p in counted)
    usual = max((p.steps for _, p in counted if p.passed), default=0)
    budgets = {index: max(FEWEST_STEPS, 6 * (usual if p.hung else p.steps)) for index, p in counted}
    light = not hangs and sum(profiles[index].steps for index in failing) <= LIGHT_STEPS
    cpu = max(0.3, 4 * sum(p.seconds for _, p in counted if p.passed))
    manner = how(stage, [p for _, p in counted], max(*budgets.values(), 200_000), end)
    place.sessions.fenced = manner.bare
    first = [] if manner.ordered else [profiles[index].id for index in failing]
    if manner.ordered:
        failing, passing = sorted([*failing, *passing]), []
    else:
        failing.sort(key=lambda index: profiles[index].seconds)
    return Baseline(
        failures=[p.failure for _, p in counted if p.failure is not None], failing=failing, passing=passing,
        ids=[p.id for _, p in counted], passed={p.id for _, p in counted if p.passed}, budgets=budgets, light=light,
        hangs=hangs, cpu=cpu, suspicion=suspicion, kinds=merge(p.kinds for p in profiles), first=first, stage=stage, each=min(WALL, max(SHORTEST, 10 * cpu)),
        ordered=manner.ordered, bare=manner.bare,
    )  # fmt: skip


def how(stage: StageClient, counted: Sequence[Profile], budget: int, end: float) -> Manner:
    """In what manner the tests may run; unfenced and in any order where there is no time to find out.

    What passes is run once more in the tests' own order anyway, before it is told of.
    """
    left = end - time.monotonic()
    outcomes = {p.id: p.passed for p in counted if not p.hung}
    if sum(p.seconds for p in counted) > CALIBRATED * left:
        return Manner(ordered=False)
    manner: Manner | None = ask(stage, "calibrate", outcomes, budget, seconds=max(2.0, min(50.0, 0.5 * left)))
    return manner or Manner()

"""How the tests end on the files as handed in: which are red, where they ran, what they cost, and in what manner they may run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .failure import Failure
from .kinds import Kinds, merge
from .localise import Spectrum, Suspicion, localise
from .source import Source
from .stage import WALL, Collected, Manner, Profile, StageClient, original_codes
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


def measure(place: Workplace, sources: Mapping[str, Source], end: float) -> Baseline | None:
    """Collect and profile; None where nothing is red. Whoever is given a stage with it closes that."""
    left = max(2.0, min(LONGEST_LOOK, end - time.monotonic()))
    lengths = {path: len(source.lines) for path, source in sources.items()}
    try:
        texts = {path: source.text for path, source in sources.items()}
        codes = original_codes(texts, place.root)
        stage = StageClient(
            place.names, place.watched, codes, place.arguments, left, roots=place.writable, suite=place.suite
        )
    except EOFError:
        return Baseline(suspicion=Suspicion(everywhere=True), hangs=True)
    collected: Collected = stage.collected
    profiles: list[Profile] | None = None
    if collected.ids and not collected.failures:
        profiles = ask(stage, "profile", left / 2, seconds=left / 2 + WALL)
    if profiles is None:
        stage.close()
        return _uncollected(collected, lengths)
    if all(p.passed or p.skipped for p in profiles):
        stage.close()
        return None
    return _weigh(place, stage, profiles, _suspect(profiles, collected, lengths), end)


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


def _uncollected(collected: Collected, lengths: Mapping[str, int]) -> Baseline:
    """A test file that cannot be imported: only whole sessions tell anything."""
    trace = tuple(line for failure in collected.failures for line in failure.frames)
    spectrum = Spectrum(passed=False, lines=frozenset(collected.lines), traceback=trace)
    suspicion = localise([spectrum], lines=lengths)
    hangs = any(f.type == "OutOfSteps" for f in collected.failures)
    return Baseline(
        failures=list(collected.failures),
        suspicion=replace(suspicion, everywhere=True),
        hangs=hangs,
        misses=missing(collected.failures),
    )


def _suspect(profiles: list[Profile], collected: Collected, lengths: Mapping[str, int]) -> Suspicion:
    spectra = [
        Spectrum(
            p.passed,
            frozenset(p.lines),
            p.failure.frames if p.failure and p.failure.type != "AssertionError" else (),
        )
        for p in profiles
        if not p.skipped
    ]
    return localise(spectra, lines=lengths, imported=frozenset(collected.lines))


def _weigh(place: Workplace, stage: StageClient, profiles: list[Profile], suspicion: Suspicion, end: float) -> Baseline:
    counted = [(index, p) for index, p in enumerate(profiles) if not p.skipped]
    failing = [index for index, p in counted if not p.passed]
    passing = [index for index, p in counted if p.passed]
    hangs = any(p.hung for _, p in counted)
    usual = max((p.steps for _, p in counted if p.passed), default=0)
    budgets = {index: max(FEWEST_STEPS, 6 * (usual if p.hung else p.steps)) for index, p in counted}
    light = not hangs and sum(profiles[index].steps for index in failing) <= LIGHT_STEPS
    cpu = max(0.3, 4 * sum(p.seconds for _, p in counted if p.passed))
    manner = _manner(stage, counted, max(*budgets.values(), 200_000), end)
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


def _manner(stage: StageClient, counted: list[tuple[int, Profile]], budget: int, end: float) -> Manner:
    """In what manner the tests may run; unfenced and in any order where there is no time to find out.

    What passes is run once more in the tests' own order anyway, before it is told of.
    """
    left = end - time.monotonic()
    outcomes = {p.id: p.passed for _, p in counted if not p.hung}
    if sum(p.seconds for _, p in counted) > CALIBRATED * left:
        return Manner(ordered=False)
    manner: Manner | None = ask(stage, "calibrate", outcomes, budget, seconds=max(2.0, min(50.0, 0.5 * left)))
    return manner or Manner()

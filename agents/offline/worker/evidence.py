"""What the behaviour of plausible patches says of them: on inputs of the tests, near them, and beside their rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .documented import Check
from .outcomes import Behaviour, Outcome
from .ranking import HINT, Reason
from .scripts import Script

TROUBLE = 2.5
"""It raises, or does not end, on inputs with which rivals have no trouble: on a half of them or more."""
KEPT = 1.0
"""It changes what the code did on inputs near those of tests that passed, where rivals leave it as it was."""
NARROW = 1.5
"""It changes nothing but what the tests ask for, where rivals change more."""
TYPES = 1.5
"""It returns types that neither the original nor the tests know."""
STILL = 1.0
"""It still raises on some input what was the failure, where rivals do not."""
CONTRADICTS = 6.0
"""It contradicts an example of a docstring."""
DIES = 4.0
"""Its process ended, or took too long."""


@dataclass(frozen=True)
class Compared:
    """All that was observed."""

    scripts: Sequence[Script]
    original: Behaviour | None
    patches: Sequence[Behaviour | None]
    checks: Sequence[Check] = ()
    passed: frozenset[str] = frozenset()
    """Node ids of tests that passed before."""
    failure: str = ""
    """Type of the failure that the search set out from."""
    hints: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Types that annotations promise, by function."""


def clusters(patches: Sequence[Behaviour | None]) -> list[int | None]:
    """A number for each patch, equal for those that behave the same; None for those not observed."""
    numbers: dict[object, int] = {}
    found: list[int | None] = []
    for patch in patches:
        if patch is None:
            found.append(None)
        else:
            found.append(numbers.setdefault((patch.outcomes, patch.agrees), len(numbers)))
    return found


def weigh(seen: Compared) -> list[list[Reason]]:
    """Reasons for and against each patch."""
    found = _alone(seen)
    lived = [(place, patch) for place, patch in enumerate(seen.patches) if patch is not None and patch.outcomes]
    if not lived:
        return found
    made = [i for i, script in enumerate(seen.scripts) if not script.test]
    for words, most, shares in (
        ("it raises or does not end where rivals do", TROUBLE, _trouble(lived, made)),
        ("it changes what passed before", KEPT, _kept(seen, lived)),
        ("it returns types not seen before", TYPES, _types(seen, lived)),
    ):
        for (place, _), share in zip(lived, shares, strict=True):
            if share > 0:
                found[place].append(Reason(words, most * min(1.0, 2 * share)))
    for words, bits, flags in (
        ("it changes nothing but what the tests ask", NARROW, _narrow(seen, lived, made)),
        (f"it still raises {seen.failure}", STILL, _still(seen.failure, lived, made)),
        ("it returns what the annotation does not promise", HINT, _hinted(seen, lived)),
    ):
        for (place, _), flag in zip(lived, flags, strict=True):
            if flag:
                found[place].append(Reason(words, bits))
    return found


def _alone(seen: Compared) -> list[list[Reason]]:
    """What can be said of each without looking at its rivals."""
    found: list[list[Reason]] = [[] for _ in seen.patches]
    for place, patch in enumerate(seen.patches):
        if patch is not None and not patch.outcomes and seen.scripts:
            found[place].append(Reason("it does not end, or ends its process, on inputs like those of the tests", DIES))
        if patch is not None:
            found[place] += _examples(seen.checks, patch)
    return found


_Lived = Sequence[tuple[int, Behaviour]]


def _examples(checks: Sequence[Check], patch: Behaviour) -> list[Reason]:
    return [
        Reason(f"it contradicts the documented {check.source}", CONTRADICTS)
        for check, agrees in zip(checks, patch.agrees, strict=False)
        if agrees is False
    ][:2]


def _bad(outcome: Outcome) -> bool:
    return outcome.ended in ("raises", "steps")


def _trouble(lived: _Lived, made: Sequence[int]) -> list[float]:
    """The share of made inputs on which each has trouble and some rival has none."""
    avoidable = [i for i in made if not all(_bad(patch.outcomes[i]) for _, patch in lived)]
    return [sum(_bad(patch.outcomes[i]) for i in avoidable) / max(1, len(made)) for _, patch in lived]


def _kept(seen: Compared, lived: _Lived) -> list[float]:
    """The share of inputs near those that passed on which each does something new, more than the most careful rival does."""
    if seen.original is None or not seen.original.outcomes:
        return [0.0] * len(lived)
    before = seen.original.outcomes
    near = [
        i
        for i, script in enumerate(seen.scripts)
        if (script.test or script.near) in seen.passed and before[i].ended == "value"
    ]
    if not near:
        return [0.0] * len(lived)
    changed = [sum(patch.outcomes[i] != before[i] for i in near) / len(near) for _, patch in lived]
    return [share - min(changed) for share in changed]


def _narrow(seen: Compared, lived: _Lived, made: Sequence[int]) -> list[bool]:
    if seen.original is None or not seen.original.outcomes or len(made) < 10:
        return [False] * len(lived)
    before = seen.original.outcomes
    changed = [sum(patch.outcomes[i] != before[i] for i in made) / len(made) for _, patch in lived]
    asked = [any(p.outcomes[i] != before[i] for i, s in enumerate(seen.scripts) if s.test) for _, p in lived]
    return [share == 0 and does and max(changed) > 0.1 for share, does in zip(changed, asked, strict=True)]


def _types(seen: Compared, lived: _Lived) -> list[float]:
    """The share of inputs to which each answers with a type that neither the original nor all rivals answer with."""
    observed = [patch for _, patch in lived]
    known: dict[tuple[str, str], set[str]] = {}
    for i, script in enumerate(seen.scripts):
        types = known.setdefault(script.entry, set())
        if script.test:
            answers = {p.outcomes[i].type for p in observed if p.outcomes[i].ended == "value"}
            types.update(answers if len(answers) == 1 else ())
        before = seen.original.outcomes[i] if seen.original is not None and seen.original.outcomes else None
        trusted = not script.test or script.test in seen.passed
        if before is not None and before.ended == "value" and trusted:
            types.add(before.type)
    shares = []
    for patch in observed:
        new = [
            script
            for script, outcome in zip(seen.scripts, patch.outcomes, strict=True)
            if outcome.ended == "value" and known[script.entry] and outcome.type not in known[script.entry]
        ]
        # a test that passes all the same, as one with True for 1, is enough
        shares.append(0.5 if any(script.test for script in new) else len(new) / len(seen.scripts))
    return [share - min(shares) for share in shares]


def _still(failure: str, lived: _Lived, made: Sequence[int]) -> list[bool]:
    raising = [
        bool(failure) and any(patch.outcomes[i].ended == "raises" and patch.outcomes[i].type == failure for i in made)
        for _, patch in lived
    ]
    return [flag and not all(raising) for flag in raising]


def _hinted(seen: Compared, lived: _Lived) -> list[bool]:
    found = []
    for _, patch in lived:
        broken = False
        for script, outcome in zip(seen.scripts, patch.outcomes, strict=True):
            name = script.steps[-1].name
            allowed = seen.hints.get(f"{script.maker.name}.{name}" if script.maker else name)
            broken = broken or (allowed is not None and outcome.ended == "value" and outcome.type not in allowed)
        found.append(broken)
    return [flag and not all(found) for flag in found]

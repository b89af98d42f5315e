"""Which earlier repairs resemble a case enough to be shown to its author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agents.base import Lesson
from engine.case import Case
from engine.memory.entry import Remembered
from engine.memory.learning import failure_kind, names

MOST_LESSONS = 3
SAME_FAILURE = 0.5
"""What the same kind of failure counts, where a repair all of whose names occur in the case counts 1."""
ENOUGH = 0.6
LONGEST_READ = 200_000
"""Characters of the case's files that names are looked for in."""


def lessons(remembered: Sequence[Remembered], case: Case) -> tuple[Lesson, ...]:
    """The repairs that are most like *case*, likest first; a name counts the more, the fewer repairs have it."""
    failure = failure_kind(case.baseline)
    text = "\n".join(text for path, text in sorted(case.before.items()) if path.endswith(".py"))
    here = set(names(text[:LONGEST_READ], most=None))
    spread = Counter(name for one in remembered for name in one.names)

    def likeness(one: Remembered) -> float:
        weights = {name: 1 / spread[name] for name in one.names}
        known = sum(weight for name, weight in weights.items() if name in here)
        same = SAME_FAILURE if failure and one.failure == failure else 0.0
        return same + known / (sum(weights.values()) or 1.0)

    ranked = sorted(((likeness(one), one) for one in remembered if one.before), key=lambda pair: -pair[0])
    return tuple(
        Lesson(failure=one.failure, before=one.before, after=one.after)
        for likeness_, one in ranked[:MOST_LESSONS]
        if likeness_ >= ENOUGH
    )

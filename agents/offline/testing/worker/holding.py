"""Which of the proposed properties hold, and which of those are worth a test: each has to be red on a mutant of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from .exploring import Seen
from .killing import Children
from .properties import Domain, Property, answers_at_all, domains, file_of, proposed, sort_of
from .proving import Proof
from .strategies import Own
from .targets import Target
from .task import Mutant

FIRST = 8
"""Inputs with which a property is tried at first: most that do not hold are denied by one of these."""
ON_MUTANTS = 30
"""Inputs with which a property is tried on each mutant."""
SURE = 100
"""Inputs with which it has to hold before it is kept."""
_LOST = 8
"""Properties at which a process may end before the rest is given up."""
_NEAR = (2, 4)
"""Levels at which there are only small values."""
_SOME = 3
"""Level from which on there is no empty one among what is given."""


@dataclass(frozen=True)
class Worth:
    """What is worth being kept, and what that does not notice."""

    kept: list[Property]
    survivors: list[Mutant]
    untried: int
    """How many of these were not tried, for want of time."""


class Holding:
    """Works through the functions of one task."""

    def __init__(
        self, children: Children, targets: Sequence[Target], seen: Mapping[int, Seen], own: Mapping[str, Own]
    ) -> None:
        self._children = children
        self._targets = targets
        self._seen = seen
        self._own = own
        self._offered: list[Domain] = []
        self._known: set[tuple[tuple[str, str], ...]] = set()
        self.proposed = 0
        self.wrong = 0
        """Proposals that some input denied."""

    def found(self) -> list[Property]:
        """What holds, by `SURE` inputs."""
        widest = self._domains()
        answers = [
            (
                each,
                sort_of([outcome for _, outcome in self._seen[each.target.number].calls if outcome.kind == "returns"]),
            )
            for each in widest
        ]
        told: dict[str, Property] = {}
        for domain in widest:
            for each in proposed(domain, self._seen[domain.target.number], answers):
                name = each.name if each.name not in told else f"{each.name}_for_some"
                told.setdefault(name, replace(each, name=name))
        self.proposed = len(told)
        holds = self._green(self._green([*told.values()], FIRST), SURE)
        holds = self._everywhere(holds)
        self.wrong = self.proposed - len(holds)
        return holds

    def _everywhere(self, holds: Sequence[Property]) -> list[Property]:
        """Those that hold among small values too, of which few are met among all that there are."""
        near = {
            f"{each.name}_near_{domain.level}": (
                each.name,
                replace(each, name=f"{each.name}_near_{domain.level}", domain=domain),
            )
            for each in holds
            for domain in self._offered
            if domain.target.number == each.domain.target.number
            and domain.level in _NEAR
            and domain.level > each.domain.level
            and each.domain.given in self._known
        }
        green = {each.name for each in self._green([each for _, each in near.values()], 2 * ON_MUTANTS)}
        wrong = {name for told, (name, _) in near.items() if told not in green}
        return [each for each in holds if each.name not in wrong]

    def worth(
        self,
        holds: Sequence[Property],
        mutants: Sequence[Mutant],
        owners: Sequence[tuple[str, int] | None],
        left: Callable[[], float],
    ) -> Worth:
        """Those without which a mutant would be noticed by none."""
        kept: list[Property] = []
        survivors: list[Mutant] = []
        untried = 0
        for mutant, owner in zip(mutants, owners, strict=True):
            about = [each for each in [*kept, *(e for e in holds if e not in kept)] if self._enters(each, owner)]
            number = None
            if left() <= 0:
                untried += 1
            elif about:
                number = Proof(self._children, file_of(about), examples=ON_MUTANTS).killer(mutant, len(about))
            if number is None:
                survivors.append(mutant)
            elif number < len(about) and about[number] not in kept:
                kept.append(about[number])
        return Worth(kept, survivors, untried)

    def _enters(self, each: Property, owner: tuple[str, int] | None) -> bool:
        return owner is None or any(
            owner in outcome.entered for _, outcome in self._seen[each.domain.target.number].calls
        )

    def _domains(self) -> list[Domain]:
        """Of each function the widest domain on which it always answers, and one on which nothing is empty."""
        offered = [each for target in self._targets for each in domains(target, self._seen[target.number], self._own)]
        self._offered, self._known = offered, {each.given for each in offered}
        asked = {f"test_domain_{number}": each for number, each in enumerate(offered)}
        tests = [answers_at_all(each, number) for number, each in enumerate(offered)]
        found: dict[int, list[Domain]] = {}
        for test in self._green(tests, 2 * FIRST):
            domain = asked[test.name]
            known = found.setdefault(domain.target.number, [])
            if not known or (len(known) == 1 and known[0].level < _SOME <= domain.level):
                known.append(domain)
        return [each for some in found.values() for each in some]

    def _green(self, tests: Sequence[Property], examples: int) -> list[Property]:
        """Those of *tests* that hold for so many inputs."""
        left, green = [*tests], list[Property]()
        for _ in range(_LOST):
            if not left:
                break
            ended = Proof(self._children, file_of(left), examples=examples).cases()
            if ended is None:
                break
            told = dict(ended)
            green += [each for each in left if told.get(each.name) == ""]
            # what stands behind one that ended the process was not run
            left = [each for each in left if each.name not in told]
        order = {each.name: place for place, each in enumerate(tests)}
        return sorted(green, key=lambda each: order[each.name])

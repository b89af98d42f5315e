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
        """What holds, by as many inputs as are tried on a mutant."""
        widest = self._domains()
        # what is made of an answer has to be answered for just these, and need not be for all
        any_of = {each.target.number: each for each in self._offered[::-1]}
        answers = [
            (each, sort_of([outcome for _, outcome in self._seen[number].calls if outcome.kind == "returns"]))
            for number, each in any_of.items()
        ]
        told: dict[str, Property] = {}
        for domain in widest:
            for each in proposed(domain, self._seen[domain.target.number], answers):
                name = each.name if each.name not in told else f"{each.name}_for_some"
                told.setdefault(name, replace(each, name=name))
        self.proposed = len(told)
        holds = self._green(self._green([*told.values()], FIRST), ON_MUTANTS)
        self.wrong = self.proposed - len(holds)
        return holds

    def sure(self, kept: Sequence[Property]) -> list[Property]:
        """Those of *kept* that hold for `SURE` inputs too, and among small values."""
        return self._everywhere(self._green(kept, SURE))

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
        """Those without which a mutant would be noticed by none; each of them is sure."""
        good, kept, killers = [*holds], list[Property](), dict[int, Property]()
        wanted, untried = list(range(len(mutants))), 0
        while wanted:
            untried = 0
            for number in wanted:
                about = self._about(kept, good, owners[number])
                if left() <= 0:
                    untried += 1
                elif about and (found := self._killer(mutants[number], about)) is not None:
                    killers[number] = found
                    kept += [found] if found not in kept else []
            right = self.sure(kept)
            wrong = [each for each in kept if each not in right]
            self.wrong += len(wrong)
            good, kept = [each for each in good if each not in wrong], right
            # what only a wrong one noticed is tried once more
            wanted = [number for number, each in killers.items() if each in wrong]
            for number in wanted:
                del killers[number]
        alive = [mutant for number, mutant in enumerate(mutants) if number not in killers]
        return Worth(kept, alive, untried)

    def _about(
        self, kept: Sequence[Property], good: Sequence[Property], owner: tuple[str, int] | None
    ) -> list[Property]:
        return [each for each in [*kept, *(other for other in good if other not in kept)] if self._enters(each, owner)]

    def _killer(self, mutant: Mutant, about: Sequence[Property]) -> Property | None:
        number = Proof(self._children, file_of(about), examples=ON_MUTANTS).killer(mutant, len(about))
        return None if number is None else about[min(number, len(about) - 1)]

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

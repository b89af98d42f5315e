"""Finds calls that show something: first which kinds of arguments a target takes, then ever other values of those."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product

from ...improving.worker.mutating import another
from .annotations import annotated, by_name
from .calls import Args, Call, Maker, Ref, Step, parts
from .examples import Example
from .kinds import KINDS, OBJECTS, Draw, Own, Source, file, function, graph, rows
from .outcomes import ANSWERED, Outcome
from .targets import Parameter, Target

Combination = tuple[Draw, ...]
MOST_COMBINATIONS = 400
"""Combinations of kinds that are tried for one target."""
GOOD = 3
"""Combinations that are gone on with."""
_DRAWS = 4
_SINGLE = frozenset({"int", "float", "bool", "none"})
"""Kinds that can neither be gone through nor looked into."""
_ODD = frozenset({"bool", "none", "letter", "set"})
"""Kinds that are tried only where no other ones are answered."""
_PAIRED = frozenset(KINDS[name] for name in ("pairs", "pair table", "letter pair table"))
"""Kinds that hold pairs, which the code may take apart."""
_HARMLESS = ANSWERED | {"raises"}


@dataclass
class Seen:
    """What is known of one target."""

    combinations: list[Combination] = field(default_factory=list)
    calls: list[tuple[Call, Outcome]] = field(default_factory=list)
    """Calls that a test can be made of, in the order they were found."""
    features: set[tuple[str, int, int, int]] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    """Calls that were made before."""
    crashes: list[tuple[Call, Outcome]] = field(default_factory=list)

    @property
    def single(self) -> list[Call]:
        """Those of `calls` that are one call each, and no row of statements."""
        return [call for call, _ in self.calls if not call.script]


class Explorer:
    """Makes calls; what they did is told to it with `note`."""

    def __init__(
        self,
        targets: Sequence[Target],
        makers: Mapping[int, Maker],
        literals: Mapping[str, Sequence[object]],
        own: Own | None = None,
        seed: int = 0,
        *,
        whole: bool = False,
    ) -> None:
        """Where *whole*, all steps of a call are looked at."""
        self.own = own or {}
        self.whole = whole
        self.targets = targets
        self.makers = makers
        self.literals = literals
        self.rng = random.Random(seed)  # noqa: S311  # nothing secret: the same calls each time are wanted
        self.seen: dict[int, Seen] = defaultdict(Seen)
        self._origins: dict[str, Combination] = {}

    def examples(self, found: Iterable[Example]) -> list[Call]:
        """Calls that somebody wrote down."""
        calls: list[Call] = []
        for example in found:
            for target in self.targets:
                required = sum(not each.optional for each in target.parameters)
                if target.shown == example.name and required <= len(example.args) <= len(target.parameters):
                    calls.append(Call(target.number, example.args, origin=example.origin, wanted=example.wanted))
        return calls

    def first(self, target: Target, *, told: bool = True) -> list[tuple[Combination, list[Call]]]:
        """A few calls of each combination of kinds that *target* might take.

        Unless *told*, what the code does with an argument is not asked.
        """
        wanted = [*(target.init or ()), *target.parameters]
        choices = [self._choices(target, each, told=told) for each in wanted]
        combinations: list[Combination] = list(islice(self._sampled(choices), MOST_COMBINATIONS))
        return [(each, [self._drawn(target, each) for _ in range(_DRAWS)]) for each in combinations]

    def _sampled(self, choices: Sequence[Sequence[Draw]]) -> Iterator[Combination]:
        size = 1
        for each in choices:
            size *= max(1, len(each))
        if size <= MOST_COMBINATIONS:
            yield from product(*choices)
            return
        objects = [[kind for kind in each if kind in OBJECTS.values()] or each[:4] for each in choices]
        if any(kind in OBJECTS.values() for each in objects for kind in each):
            yield from islice(product(*objects), 100)
        # what is often right comes first: all of one kind, or numbers beside one of any kind
        number = KINDS["int"]
        known = {tuple(kind if kind in each else each[0] for each in choices) for kind in KINDS.values()} | {
            tuple(kind if at == place else number if number in each else each[0] for at, each in enumerate(choices))
            for place, kinds in enumerate(choices)
            for kind in kinds
        }
        yield from sorted(
            known, key=lambda each: [list(choice).index(kind) for choice, kind in zip(choices, each, strict=True)]
        )
        for _ in range(MOST_COMBINATIONS):
            found = tuple(self.rng.choice(each) for each in choices)
            if found not in known:
                known.add(found)
                yield found

    def _choices(self, target: Target, parameter: Parameter, *, told: bool) -> list[Draw]:
        said = annotated(parameter.annotation, self.own)
        called = by_name(parameter.name, self.own) if told else []
        if called and target.number in self.makers and not said:
            # objects that know each other may be what is wanted, and simple ones may be
            return [*OBJECTS.values(), *called]
        said = said or called
        said = said or (_of_use(parameter.use) if told else [])
        if parameter.star:
            return [*map(_any_number, said or [KINDS["int"], KINDS["text"], KINDS["ints"]])]
        if said:
            return said
        if told and parameter.use == "number":
            return [KINDS["int"], KINDS["float"]]
        objects = list(OBJECTS.values()) if target.number in self.makers else []
        left = (_SINGLE if parameter.use == "row" else frozenset()) | _ODD if told else frozenset()
        return [*objects, *(draw for name, draw in KINDS.items() if name not in left)]

    def settle(self, target: Target, tried: Sequence[tuple[Combination, list[tuple[Call, Outcome]]]]) -> None:
        """Keep the combinations that reach most; each further one has to reach what those before did not."""

        def worth(entry: tuple[Combination, list[tuple[Call, Outcome]]]) -> tuple[int, int, int]:
            good = [outcome for _, outcome in entry[1] if outcome.kind in _HARMLESS]
            fit = sum((kind in _PAIRED) == target.paired for kind in entry[0])
            return len({f for outcome in good for f in outcome.features}), fit, len(good)

        seen = self.seen[target.number]
        works = [entry for entry in tried if any(outcome.kind in _HARMLESS for _, outcome in entry[1])]
        order = sorted(works, key=worth, reverse=True)
        reached: set[tuple[str, int, int, int]] = set()
        for combination, calls in order:
            good = {f for _, outcome in calls if outcome.kind in _HARMLESS for f in outcome.features}
            # two that reach as much as any other, so that what one of them cannot show the other may
            if len(seen.combinations) < GOOD and (good - reached or len(seen.combinations) < 2):
                seen.combinations.append(combination)
                reached |= good
                self.note(calls)

    def note(self, calls: Iterable[tuple[Call, Outcome]]) -> None:
        """Keep what shows something that was not seen before."""
        for call, outcome in calls:
            seen = self.seen[call.target]
            if outcome.kind in ("crashes", "hangs"):
                seen.crashes.append((call, outcome))
            elif outcome.asserted:
                seen.calls.append((call, outcome))
                seen.features |= outcome.features

    def more(self, target: Target, count: int) -> list[Call]:
        """Up to *count* other calls of *target*: half made anew, half from those that it is known to answer."""
        seen = self.seen[target.number]
        single = seen.single
        found: list[Call] = []
        for _ in range(3 * count):
            if len(found) == count or not (seen.combinations or single):
                break
            if seen.combinations and (not single or self.rng.random() < 0.5):
                call = self._drawn(target, self.rng.choice(seen.combinations))
            else:
                call = self._changed(self.rng.choice(single), target)
            text = call.told
            if text not in seen.known and len(text) < 2_000:
                seen.known.add(text)
                found.append(call)
        return found

    def _drawn(self, target: Target, combination: Combination) -> Call:
        maker = self.makers.get(target.number)
        objects: tuple[dict[str, object], ...] = ()
        if maker is not None and any(draw in OBJECTS.values() for draw in combination):
            objects = graph(maker, self.rng)
        source = Source(self.rng, self.literals[target.path], len(objects), objects)
        made = len(target.init or ())
        init = self._some(target.init or (), combination[:made], source)
        args = self._some(target.parameters, combination[made:], source)
        if target.init is None:
            return Call(target.number, args, objects=objects)
        return Call(
            target.number, args, init=init, steps=self._steps(target), objects=objects, whole=self.whole and not objects
        )

    def _some(self, parameters: Sequence[Parameter], draws: Sequence[Draw], source: Source) -> Args:
        """Arguments; now and then those that have a default are left out."""
        given = list(zip(parameters, draws, strict=True))
        while given and given[-1][0].optional and self.rng.random() < 0.4:
            given.pop()
        return tuple(draw(source) for _, draw in given)

    def _steps(self, target: Target) -> tuple[Step, ...]:
        """Up to four calls of methods of the same object before."""
        others = [
            other
            for other in self.targets
            if (other.path, other.owner) == (target.path, target.owner)
            and self.seen[other.number].single
            and not other.asynchronous
            and (self.whole or not other.reads)
        ]
        if not others:
            return ()
        steps = []
        for _ in range(self.rng.choice((2, 3, 4, 5) if self.whole else (0, 1, 2, 3, 4))):
            other = self.rng.choice(others)
            call = self.rng.choice(self.seen[other.number].single)
            if not any(_refers(value) for value in call.args):
                steps.append(Step(other.name, call.args))
        return tuple(steps)

    def _changed(self, call: Call, target: Target) -> Call:
        args = list(call.args)
        plain = [place for place, value in enumerate(args) if not _refers(value)]
        if call.init is not None and self.rng.random() < 0.5:
            return replace(call, steps=self._steps(target), origin="", wanted=None)
        if call.objects and (not plain or self.rng.random() < 0.5):
            combinations = self.seen[target.number].combinations
            return self._drawn(target, self.rng.choice(combinations)) if combinations else call
        for place in plain:
            # of what is made of parts of its own, such as a file, there is no other by changing it
            if self.rng.random() < 0.6 or len(plain) == 1:
                args[place] = another(args[place], self.rng)
                if self.rng.random() < 0.3:
                    args[place] = another(args[place], self.rng)
        return replace(call, args=tuple(args), origin="", wanted=None)


def _of_use(use: str) -> list[Draw]:
    """What a parameter takes by what is done with it."""
    if use == "path":
        return [file(as_text=False), file(as_text=True)]
    if use.startswith("call "):
        return [function(int(use.removeprefix("call ")))]
    return []


def _any_number(draw: Draw) -> Draw:
    several = rows(draw, 4)
    return lambda source: tuple(several(source))  # type: ignore[arg-type]  # it gives a list


def _refers(value: object) -> bool:
    return any(isinstance(each, Ref) for each in parts(value))

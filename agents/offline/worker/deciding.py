"""After the search: the plausible patches in order of how likely they are right, and what a person could be asked."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .behaviour import observe, record
from .documented import checks
from .evidence import Compared, clusters, weigh
from .folders import Folders
from .inputs import more
from .outcomes import Behaviour
from .processes import sweep
from .ranking import Reason, annotated, form
from .scripts import Script
from .workplace import Offered, Workplace

MEMBER = -0.3
"""Bits for each doubling of the patches that do the same."""
CROWD = 0.5
"""For each doubling of the patches at its line: where whatever is done helps, the fault is likelier elsewhere."""
CLOSE = 2.0
"""Bits within which two patches are equally likely, as far as this can tell."""
RECORDING, OBSERVING = 1.5, 0.3
"""Seconds of work for recording the tests' calls, and for running all versions; the latter a share of a long search instead."""
SHARE = 0.15
LONGEST = 3.0
BUSY = 4.0
"""How many times as long by the wall clock, where others keep the machine busy."""
BEYOND = 1.0
"""Seconds after the end of the search's time by which all has to be told, at the latest."""
MOST_VERSIONS = 26
MOST_SCRIPTS = 160
MOST_ANSWERS = 3
SHOWN = 300
"""Characters of an answer or a call that is shown."""
MOST_PARTIAL, MOST_TRIED = 3, 6
LONGEST_PARTLY, LATEST = 1.5, 0.2
"""Seconds that partial patches may take to be run again, and how long after the search's end."""
SESSION_STEPS = 2_000_000
CLEARLY = 0.7
"""Bits from which on a reason against a patch is told."""


@dataclass(frozen=True)
class Ranked:
    """One patch after all."""

    offered: Offered
    bits: float
    cluster: int | None
    reasons: tuple[Reason, ...]
    behaviour: Behaviour | None


def decide(place: Workplace) -> None:
    """Say in which order the plausible patches are to be offered, and ask about what is left open."""
    if not place.plausible:
        partly(place)
        return
    offers = sorted(place.plausible, key=lambda offered: offered.bits)
    until = place.end + BEYOND
    seen = look(place, offers[:MOST_VERSIONS], until) if len(offers) > 1 and time.monotonic() < until else None
    ranked = order(place.job.files, place.tests, offers, seen)
    place.reporter.say(
        "ranked",
        order=[
            {
                "patch": one.offered.sha256,
                "bits": round(one.bits, 3),
                "cluster": one.cluster,
                "reasons": [reason.words[:200] for reason in one.reasons if reason.bits >= CLEARLY][:6],
            }
            for one in ranked
        ],
        compared=len(seen.scripts) if seen else 0,
    )
    if seen is not None:
        ask(place, ranked, seen.scripts)


def partly(place: Workplace) -> None:
    """Tell of those that went part of the way, where a whole session shows that they broke nothing."""
    end = min(place.end + LATEST, time.monotonic() + LONGEST_PARTLY)
    told = 0
    for _, files in sorted(place.partial, key=lambda one: -one[0])[:MOST_TRIED]:
        left = end - time.monotonic()
        if told == MOST_PARTIAL or left <= 0:
            return
        result = place.sessions.run(files, seconds=left, steps=SESSION_STEPS, cpu=left)
        green = len(result.passed - place.passing) if result is not None and result.passed >= place.passing else 0
        if green:
            place.reporter.say("partial", files=dict(files), green=green)
            told += 1


def look(place: Workplace, offers: Sequence[Offered], until: float) -> Compared | None:
    """What the patches and the original do; None where the tests call nothing that can be called again.

    It is over shortly after *until*, whatever it has come to.
    """
    job = place.job
    before = Folders(place.writable)
    try:
        # with a patch all tests go to their end, so that all of their calls are seen
        place.lay(offers[0].files)
        wall = min(BUSY * RECORDING, max(0.2, until - time.monotonic()))
        recorded = record(place.names, place.called(), cpu=RECORDING, wall=wall, aside=place.suite.aside)
        scripts = in_turn(more(recorded.scripts), place.passing)
        versions: list[Mapping[str, str]] = [{**job.files, **offered.files} for offered in offers]
        examples = checks({path: text for path, text in job.python.items() if path not in place.unparsed})
        left = until - time.monotonic()
        if not recorded.modules or left <= 0:
            return None
        left = min(left, BUSY * LONGEST)
        observing = min(left / 1.5, max(OBSERVING, min(LONGEST, SHARE * (time.monotonic() - place.began))))
        first = observe(place.root, recorded.modules, versions[:1], scripts, cpu=0.5 * observing, wall=left / 3)[0]
        scripts = affordable(scripts, first, 0.7 * observing / (len(versions) + 1))
        parses = not place.unparsed
        versions = [*versions[:1], *([job.files] if parses else []), *versions[1:]]
        told = observe(place.root, recorded.modules, versions, scripts, examples, cpu=observing, wall=2 * left / 3)
    finally:
        sweep()
        before.restore()
    original = told.pop(1) if parses else None
    scripts, original, patches = reached(scripts, original, told)
    hints = annotated(job.python.values())
    return Compared(scripts, original, patches, examples, frozenset(place.passing), place.failure, hints)


def in_turn(scripts: Sequence[Script], passing: Collection[str]) -> list[Script]:
    """The recorded ones first, then some of each entry in turn; what comes from tests that were red before others."""
    turns: dict[tuple[str, str], int] = {}
    placed = []
    for script in scripts:
        turns[script.entry] = turn = turns.get(script.entry, 0) + 1
        placed.append((not script.test, turn, (script.test or script.near) in passing, script))
    return [script for *_, script in sorted(placed, key=lambda one: one[:3])]


def affordable(scripts: Sequence[Script], first: Behaviour | None, seconds: float) -> list[Script]:
    """Those that one version can run in so many seconds, by what they took."""
    if first is None or not first.outcomes:
        return [script for script in scripts if script.test][:MOST_SCRIPTS]
    chosen: list[Script] = []
    spent = 0.0
    for script, took, outcome in zip(scripts, first.seconds, first.outcomes, strict=True):
        if outcome.ended != "unasked" and len(chosen) < MOST_SCRIPTS and spent + took <= seconds:
            chosen.append(script)
            spent += took
    return chosen


def reached(
    scripts: Sequence[Script], original: Behaviour | None, patches: Sequence[Behaviour | None]
) -> tuple[list[Script], Behaviour | None, list[Behaviour | None]]:
    """Only what all versions were asked; one that was asked less than half counts as not observed."""

    def asked(one: Behaviour | None) -> Behaviour | None:
        reached = sum(outcome.ended != "unasked" for outcome in one.outcomes) if one else 0
        return one if one is not None and (not one.outcomes or 2 * reached >= len(scripts)) else None

    all_ = [asked(original), *map(asked, patches)]
    lived = [one for one in all_ if one is not None and one.outcomes]
    common = [i for i in range(len(scripts)) if all(one.outcomes[i].ended != "unasked" for one in lived)]
    cut = [
        one if one is None or not one.outcomes else Behaviour(tuple(one.outcomes[i] for i in common), one.agrees)
        for one in all_
    ]
    return [scripts[i] for i in common], cut[0], cut[1:]


def order(
    files: Mapping[str, str], tests: Mapping[str, str], offers: Sequence[Offered], seen: Compared | None
) -> list[Ranked]:
    """Likeliest first: price, looks, behaviour, and how many others do the same."""
    behaviours = list(seen.patches) if seen else []
    behaviours += [None] * (len(offers) - len(behaviours))
    numbers = clusters(behaviours)
    behaved = weigh(seen) if seen else []
    found = []
    # those that do the same are one and the same thing to do there
    apart = {
        (o.line, number if number is not None else -1 - at)
        for at, (o, number) in enumerate(zip(offers, numbers, strict=True))
    }
    crowds = Counter(line for line, _ in apart)
    for place, offered in enumerate(offers):
        reasons = [
            Reason("the tests are content with many changes of this line", CROWD * math.log2(crowds[offered.line]))
        ]
        reasons += [r for path, text in offered.files.items() for r in form(files.get(path, ""), text, tests)]
        reasons += behaved[place] if place < len(behaved) else []
        members = numbers.count(numbers[place]) if numbers[place] is not None else 1
        if members > 1:
            reasons.append(Reason(f"{members - 1} others do the same", MEMBER * math.log2(members)))
        bits = offered.bits + sum(reason.bits for reason in reasons)
        found.append(Ranked(offered, bits, numbers[place], tuple(reasons), behaviours[place]))
    return sorted(found, key=lambda one: one.bits)


def ask(place: Workplace, ranked: Sequence[Ranked], scripts: Sequence[Script]) -> None:
    """Where patches that do different things are about equally likely, say on which input, and what each answers."""
    rivals = close(ranked)
    telling = telling_input(rivals, scripts)
    if telling is None:
        return
    answers = [
        {"patch": one.offered.sha256, "answer": one.behaviour.outcomes[telling].words[:SHOWN]}
        for one in rivals
        if one.behaviour is not None
    ]
    place.reporter.say("question", call=scripts[telling].source[:SHOWN], answers=answers)


def close(ranked: Sequence[Ranked]) -> list[Ranked]:
    """The best of each cluster, of those that are nearly as likely as the first, for all that is known of this program:
    that a repair was right elsewhere puts it first, and does not settle what is right here.
    """
    best: dict[int, Ranked] = {}
    for one in ranked:
        if one.cluster is not None and one.behaviour is not None and one.behaviour.outcomes:
            best.setdefault(one.cluster, one)
    most = ranked[0].bits - min(0.0, ranked[0].offered.shift) + CLOSE
    return [one for one in best.values() if one.bits <= most][:MOST_ANSWERS]


def telling_input(rivals: Sequence[Ranked], scripts: Sequence[Script]) -> int | None:
    """The simplest input that tells the first two apart: rather one to which both have an answer."""
    if len(rivals) < 2 or rivals[0].behaviour is None or rivals[1].behaviour is None:
        return None
    one, other = rivals[0].behaviour.outcomes, rivals[1].behaviour.outcomes
    different = [i for i in range(len(scripts)) if one[i] != other[i] and one[i].words != other[i].words]
    if not different:
        return None
    return min(
        different,
        key=lambda i: (one[i].ended != "value") + (other[i].ended != "value") + len(scripts[i].source) / 40,
    )

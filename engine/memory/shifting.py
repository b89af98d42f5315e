"""From what is remembered to shifts of the search's prices: counts, smoothed, the recent ones counting more.

The share of a kind among the repairs after a failure is estimated as (count + weight · prior) / (all + weight), the usual
Dirichlet estimate; where the failure is new, its prior is the share among all repairs. A shift is log2(prior / estimate).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from agents.base import Shift
from engine.memory.entry import MODEL, Remembered

HALF_LIFE = 100.0
"""Repairs after which one counts half."""
USUAL_KIND = 1 / 100
"""Share of one kind of repair before anything was learnt: there are about so many."""
USUAL_TEXT = 2.0**-12
"""Share of one very edit before anything was learnt."""
WEIGHT = 4.0
"""Repairs that what was believed before counts as much as."""
MOST_LIKELY, LEAST_LIKELY = -6.0, 2.0
MOST_KINDS, MOST_TEXTS = 200, 200
"""Shifts of either sort; the strongest ones."""


def shifts(remembered: Iterable[Remembered]) -> tuple[Shift, ...]:
    """What *remembered*, newest first, teaches about each kind of repair and each edit."""
    everything = defaultdict[str, float](float)
    by_failure = defaultdict[str, defaultdict[str, float]](lambda: defaultdict(float))
    texts = defaultdict[tuple[str, str, str], float](float)
    after = defaultdict[str, float](float)
    for age, one in enumerate(remembered):
        counts = 0.5 ** (age / HALF_LIFE)
        after[one.failure] += counts
        for template in {mended.template for mended in one.mended} - {MODEL}:
            everything[template] += counts
            by_failure[one.failure][template] += counts
        for text in {(m.template, m.old, m.new) for m in one.mended if m.old or m.new}:
            texts[text] += counts
    total = sum(after.values())
    of_kinds = sorted(_kinds(everything, by_failure, after, total), key=lambda shift: shift.bits)
    of_texts = (
        Shift(
            failure="",
            # what a model changed may be an edit of any kind
            template="" if template == MODEL else template,
            old=old,
            new=new,
            bits=_bits(_share(count, total, USUAL_TEXT), USUAL_TEXT),
        )
        for (template, old, new), count in sorted(texts.items(), key=lambda item: -item[1])[:MOST_TEXTS]
    )
    return (*of_kinds[:MOST_KINDS], *of_texts)


def _kinds(
    everything: Mapping[str, float],
    by_failure: Mapping[str, Mapping[str, float]],
    after: Mapping[str, float],
    total: float,
) -> Iterator[Shift]:
    for template, count in everything.items():
        share = _share(count, total, USUAL_KIND)
        yield Shift(failure="", template=template, bits=_bits(share, USUAL_KIND))
        for failure, kinds in by_failure.items():
            if failure:
                here = _share(kinds.get(template, 0.0), after[failure], share)
                yield Shift(failure=failure, template=template, bits=_bits(here, USUAL_KIND))


def _share(count: float, all_: float, before: float) -> float:
    return (count + WEIGHT * before) / (all_ + WEIGHT)


def _bits(share: float, before: float) -> float:
    return round(max(MOST_LIKELY, min(LEAST_LIKELY, math.log2(before / share))), 2)

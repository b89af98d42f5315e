"""Choices from several lists at once, in order of what they cost together."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence


def cheapest(bits: Sequence[Sequence[float]]) -> Iterator[tuple[int, ...]]:
    """One place of each list, in order of the sum of what stands there."""
    queue = [(sum(some[0] for some in bits), (0,) * len(bits))]
    seen = {queue[0][1]}
    while queue:
        total, chosen = heapq.heappop(queue)
        yield chosen
        for at, some in enumerate(bits):
            here = chosen[at] + 1
            following = (*chosen[:at], here, *chosen[at + 1 :])
            if here < len(some) and following not in seen:
                seen.add(following)
                heapq.heappush(queue, (total + some[here] - some[here - 1], following))

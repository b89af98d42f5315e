"""Whether what waits for each other can ever begin."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter


def circle_in(needs: Mapping[str, set[str]]) -> list[str]:
    """Names each of which needs the next, the first one again at the end; empty where all can begin."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # graphlib names each before the one that needs it
        return [str(name) for name in reversed(error.args[1])][:12]
    return []

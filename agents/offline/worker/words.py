"""An edit in words: what goes and what comes, the same for the same slip in any program."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+|[^\w\s]")


def difference(old: str, new: str) -> tuple[str, str]:
    """The words that go and those that come, spaced alike; the leftmost such place where there are several.

    So the same slip has the same words in another program: a ``.strip()`` that comes is that, before whatever dot it stands.
    """
    was, now = _WORD.findall(old), _WORD.findall(new)
    rest = min(len(was), len(now))
    head = tail = 0
    while head < rest and was[head] == now[head]:
        head += 1
    while tail < rest - head and was[-1 - tail] == now[-1 - tail]:
        tail += 1
    if rest == head + tail and len(was) != len(now):
        longer = max(was, now, key=len)
        while head and longer[head - 1] == longer[len(longer) - tail - 1]:
            head, tail = head - 1, tail + 1
    return " ".join(was[head : len(was) - tail]), " ".join(now[head : len(now) - tail])

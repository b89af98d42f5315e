"""Places in a project that a traceback or a report names, in whatever words: only a hint where to look."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_PLACE = re.compile(r"""(?:File ")?(?P<path>[\w./@+ -]{1,300}\.\w{1,5})(?:", line |:)(?P<line>\d{1,7})\b""")
_LONGEST = 200_000
"""Characters of a text that are looked through."""


def frames_in(text: str, known: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Path and line of what *text* names of the *known* paths, in its order."""
    return tuple(_found(text[:_LONGEST], known))


def _found(text: str, known: Collection[str]) -> Iterator[tuple[str, int]]:
    for match in _PLACE.finditer(text):
        # a path may be absolute, in a folder that is none of ours
        pieces = match["path"].strip().removeprefix("./").strip("/").split("/")
        for at in range(len(pieces)):
            path = "/".join(pieces[at:])
            if path in known:
                yield path, int(match["line"])
                break

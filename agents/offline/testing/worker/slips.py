"""Further mutants: the changes that the repairer would try, taken the other way, as the slips that people make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import islice

from ...worker.generate import changed_text, generate
from ...worker.localise import Suspicion
from ...worker.site import Hints
from ...worker.source import Source
from .task import Mutant

MOST = 120
"""Changes that are tried beside the mutants that count for the score."""
_LOOKED_AT = 4_000
_OF_A_KIND = 2
"""Changes of one kind at one line."""


def slips(texts: Mapping[str, str], known: Collection[str], most: int = MOST) -> list[Mutant]:
    """Up to *most* changes of *texts* whose result is none of *known*, likely ones first."""
    sources = {}
    for path, text in texts.items():
        try:
            sources[path] = Source(path, text)
        except (SyntaxError, ValueError, RecursionError):
            continue
    found: list[Mutant] = []
    told = {*known, *texts.values()}
    kinds: Counter[tuple[str, int, str]] = Counter()
    for change in islice(generate(sources, Suspicion(everywhere=True), Hints()), _LOOKED_AT):
        kind = (change.path, change.line, change.template)
        if len(found) == most:
            break
        if kinds[kind] == _OF_A_KIND:
            continue
        text = changed_text(sources[change.path], change)
        if text in told or not _compiles(text):
            continue
        told.add(text)
        kinds[kind] += 1
        found.append(Mutant(change.path, change.line, f"{change.path}:{change.line}: {change.note}", text))
    return found


def _compiles(text: str) -> bool:
    try:
        compile(text, "slip", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True

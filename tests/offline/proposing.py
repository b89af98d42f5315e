"""What the templates propose for a text, as the texts that come of it."""

from __future__ import annotations

from agents.offline.worker.edits import Change, apply
from agents.offline.worker.generate import generate
from agents.offline.worker.localise import Suspicion
from agents.offline.worker.site import Hints
from agents.offline.worker.source import Source

EVERYWHERE = Suspicion(everywhere=True)


def proposals(text: str, hints: Hints | None = None, **options: object) -> list[tuple[Change, str]]:
    source = Source("m.py", text)
    changes = generate({"m.py": source}, EVERYWHERE, hints or Hints(), **options)
    return [(change, apply(text, change.edits)) for change in changes]


def kinds(text: str, wanted: str, hints: Hints | None = None) -> set[str]:
    """The templates that make *wanted* of *text*."""
    return {change.template for change, new in proposals(text, hints) if new == wanted}


def proposed(text: str, hints: Hints | None = None) -> set[str]:
    """The templates that make anything of *text*."""
    return {change.template for change, _ in proposals(text, hints)}

"""An edit in words, as the search reads it and as the memory keeps it: one reading for both, so that they find each other."""

from __future__ import annotations

from agents.offline.worker.words import difference

__all__ = ["difference"]

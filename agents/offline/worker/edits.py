"""Edits of a text by span, and the change that a template proposes with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Replace the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Rewrite:
    """What a template proposes at one place."""

    edits: tuple[Edit, ...]
    note: str
    """What changes, in words."""
    extra: float = 0.0
    """Bits on top of the template's own, for a proposal less likely than its siblings."""


@dataclass(frozen=True)
class Change:
    """One candidate: a rewrite of one file, with its price."""

    path: str
    line: int
    template: str
    note: str
    edits: tuple[Edit, ...]
    bits: float
    suspicion: float = 0.0
    shift: float = 0.0
    """The part of the price that earlier repairs have put on it."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """*text* with all *edits* made; they must not overlap."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def overlap(one: Iterable[Edit], other: Iterable[Edit]) -> bool:
    """Whether some edit of *one* touches some edit of *other*."""
    others = list(other)
    return any(a.start <= b.end and b.start <= a.end for a in one for b in others)


def shorten(text: str, limit: int = 60) -> str:
    """*text* on one line, cut in the middle."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit // 2 - 2]} … {text[-(limit // 2 - 2) :]}"

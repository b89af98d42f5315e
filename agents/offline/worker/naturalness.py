"""How well new code fits a file's own style: a bigram model of the file's tokens."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

_TOKEN = re.compile(r"\w+|\n[ ]*|\"[^\"\n]*\"|'[^'\n]*'|[^\w\s]{2}(?<=[=!<>]=|//|\*\*|<<|>>|->|:=)|[^\w\s]")
MOST = 600
"""Tokens of a changed part that are looked at."""
_SMOOTHING = 0.5


def tokens(text: str) -> list[str]:
    """Words, operators, strings, and line breaks with what they indent by; comments are words like others."""
    return _TOKEN.findall(text)


class Style:
    """The bigrams of one text."""

    def __init__(self, text: str) -> None:
        found = tokens(text)
        self._pairs = Counter(pairwise(found))
        self._single = Counter(found)
        self._kinds = len(self._single) + 1
        self.usual = self.surprise(found)

    def surprise(self, words: Sequence[str]) -> float:
        """Bits that each token takes after the one before it, on average."""
        if len(words) < 2:
            return 0.0
        return sum(self._bits(a, b) for a, b in pairwise(words)) / (len(words) - 1)

    def _bits(self, before: str, word: str) -> float:
        seen = self._pairs[before, word] + _SMOOTHING * (self._single[word] + _SMOOTHING) / (
            sum(self._single.values()) or 1
        )
        return -math.log2(seen / (self._single[before] + _SMOOTHING))


def difference(before: str, after: str) -> tuple[list[str], list[str], int]:
    """The tokens of the changed part before and after, with one of what stands around it, and how many of them changed."""
    old, new = tokens(before), tokens(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    first, old_last, new_last = max(0, start - 1), len(old) - max(0, end - 1), len(new) - max(0, end - 1)
    one, other = old[first:old_last][:MOST], new[first:new_last][:MOST]
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return one, other, len(one) + len(other) - 2 * same

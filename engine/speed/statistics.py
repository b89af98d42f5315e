"""Median and 95th percentile, without weighing or leaving out a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence


def median(samples: Sequence[float]) -> float:
    """The middle one; between the two middle ones where their number is even. Raises `ValueError` without samples."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def p95(samples: Sequence[float]) -> float:
    """The smallest sample that at least 95 % are not above: nearest rank, so that it is one that was really seen.

    Raises:
        ValueError: There are no samples.
    """
    if not samples:
        raise ValueError("no samples")
    return sorted(samples)[math.ceil(0.95 * len(samples)) - 1]

"""Lengths of runs of equal bytes, counted in C."""

from runs._count import longest, lengths

__all__ = ["describe", "lengths", "longest"]


def describe(data: bytes) -> str:
    """Runs as ``3x1x``: each length before an x."""
    return "".join(f"{length}x" for length in lengths(data))

"""Durations as people write them: 1h30m, 45s, 2m."""

import re

UNITS = {"h": 3600, "m": 60, "s": 1}


def seconds(text):
    """Seconds in a duration such as ``1h30m``."""
    parts = re.findall(r"(\d+)([hms])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(number) * UNITS[unit] for number, unit in parts)


def written(total):
    """The shortest way to write *total* seconds."""
    pieces = []
    for unit, size in UNITS.items():
        count, total = divmod(total, size)
        if count:
            pieces.append(f"{count}{unit}")
    return "".join(pieces) or "0s"

"""Weights as they were written down, as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def read_weights(path: Path) -> pd.DataFrame:
    """Columns ``orchard``, ``day`` and ``kg``; a day that was not weighed has no kg."""
    table = pd.read_csv(path, parse_dates=["day"])
    return table.fillna({"kg": 0})


def read_orchards(path: Path) -> pd.DataFrame:
    """Columns ``orchard`` and ``trees``."""
    return pd.read_csv(path)

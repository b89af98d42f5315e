"""Tables for the yearly report."""

from __future__ import annotations

import pandas as pd


def mean_by_orchard(weights: pd.DataFrame) -> pd.Series:
    """Mean kg of the days that were weighed, by orchard."""
    return weights.groupby("orchard")["kg"].mean()


def by_tree(weights: pd.DataFrame, orchards: pd.DataFrame) -> pd.DataFrame:
    """kg in all and kg a tree of every orchard, also of one that brought nothing, by orchard."""
    sums = weights.groupby("orchard", as_index=False)["kg"].sum()
    table = orchards.merge(sums, on="orchard", how="inner")
    table["kg"] = table["kg"].fillna(0.0)
    table["kg_a_tree"] = table["kg"] / table["trees"]
    return table.set_index("orchard")

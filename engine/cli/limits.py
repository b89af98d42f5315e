"""What all who are asked may spend, as the command line gives it."""

from __future__ import annotations

import argparse

from engine.domain import Budget

LIMITS = ("attempts", "seconds", "tokens", "usd")


def with_limits(budget: Budget, arguments: argparse.Namespace) -> Budget:
    """*budget* with what of it was given."""
    given = {name: value for name in LIMITS if (value := getattr(arguments, name)) is not None}
    return Budget.model_validate(budget.model_copy(update=given).model_dump())

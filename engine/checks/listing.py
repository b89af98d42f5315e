"""The checks, in the order in which they are made. To add one: write it in a file of its own, and name it here."""

from __future__ import annotations

from engine.checks.base import Check
from engine.checks.lint import Lint
from engine.checks.tests import Tests

CHECKS: tuple[Check, ...] = (Lint(), Tests())
"""After `engine.checks.shape` (no box needed) and the survey (`engine.checks.survey`), which come first and stop the rest."""

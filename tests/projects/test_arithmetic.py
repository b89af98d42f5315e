"""Formulas are worked out and never executed."""

from __future__ import annotations

import pytest

from agents.plans.arithmetic import BadFormula, work_out


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(users / 86400) * 4", 4),
        ("ceil(users / 50000)", 2),
        ("max(2, ceil(0.1), -3)", 2),
        ("min(users, 5) - 1", 4),
    ],
)
def test_plain_arithmetic_over_figures_that_are_known_has_its_value(formula: str, value: float) -> None:
    """The four signs, parentheses, and three functions."""
    assert work_out(formula, {"users": 86_400}) == value


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("__import__('os').system('true')", "no arithmetic"),
        ("users.real", "no arithmetic"),
        ("9 ** 9 ** 9", "no arithmetic"),
        ("'a' * 3", "no arithmetic"),
        ("True + 1", "no arithmetic"),
        ("ceil(1, 2)", "one number"),
        ("max()", "no arithmetic"),
        ("ceil(number=1)", "no arithmetic"),
        ("later * 2", "no figure that stands before"),
        ("1 / 0", "divides by zero"),
        ("ceil(1e999)", "too large"),
        ("1e17 * 1e17", "out of all bounds"),
        ("1 +", "no arithmetic"),
        ("", "no arithmetic"),
        ("(" * 150 + ")" * 150, "no arithmetic"),
        ("-" * 299 + "1", ""),
    ],
)
def test_anything_else_is_refused_with_its_reason(formula: str, why: str) -> None:
    """Code, powers, texts, unknown names and numbers out of bounds; and nothing else than this error comes of it."""
    if not why:
        assert abs(work_out(formula, {})) == 1
        return
    with pytest.raises(BadFormula, match=why):
        work_out(formula, {"users": 1})

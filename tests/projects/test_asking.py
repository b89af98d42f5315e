"""What may be asked for, and what is said of all else."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.projects.asking import commission_of, scale_of


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("Web App", "small", "AWS"), ("web-app", "aws")),
        (("REST_API", "small", "google"), ("api", "gcp")),
        (("e-commerce", "small", "none"), ("e-commerce", "self-hosted")),
        (("ecommerce", "small", "self hosted"), ("e-commerce", "self-hosted")),
        (("real-time", "small", "azure"), ("chat", "azure")),
        (("mobile back end", "small", "selfhosted"), ("mobile-backend", "self-hosted")),
        (("batch", "small", "on-prem"), ("ml-service", "self-hosted")),
    ],
)
def test_usual_names_are_understood(words: tuple[str, str, str], known: tuple[str, str]) -> None:
    """Case, hyphens, blanks and other words for the same thing."""
    asked = commission_of(*words)

    assert (asked.project_type, asked.cloud) == known


@pytest.mark.parametrize(
    ("words", "measure", "amount"),
    [
        ("small", "users", 1_000),
        ("Large", "users", 5_000_000),
        ("20000 users", "users", 20_000),
        ("20,000 users a day", "users", 20_000),
        ("50k users", "users", 50_000),
        ("1.5 million people", "users", 1_500_000),
        ("300 requests/s", "requests", 300),
        ("0.5 rps", "requests", 0.5),
    ],
)
def test_a_scale_is_a_word_or_a_number_with_its_unit(words: str, measure: str, amount: float) -> None:
    """People in a day, or requests a second."""
    scale = scale_of(words)

    assert (scale.measure, scale.amount) == (measure, amount)


@pytest.mark.parametrize(
    "words",
    [
        "huge",
        "",
        "12",
        "0 users",
        "-5 users",
        "1e9 users",
        "nan users",
        "51m users",
        "600k rps",
        "9 apples",
        "1,00 users",
    ],
)
def test_a_scale_that_is_not_known_or_out_of_bounds_is_told_what_is(words: str) -> None:
    """Never guessed: a number without a unit could be either."""
    with pytest.raises(BadInput) as caught:
        scale_of(words)

    assert repr(words) in caught.value.what
    assert "users" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "listed"),
    [(("blockchain", "small", "aws"), "data-pipeline"), (("api", "small", "oracle"), "self-hosted")],
)
def test_an_unknown_type_or_cloud_is_told_which_are_known(words: tuple[str, str, str], listed: str) -> None:
    """All of them, in the hint."""
    with pytest.raises(BadInput) as caught:
        commission_of(*words)

    assert listed in caught.value.hint

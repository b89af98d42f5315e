"""What tokens cost is a table that the user owns; nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.prices import PricesUnreadable, PriceTable, Tokens, read_prices


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    """Providers answer with the snapshot's name."""
    table = read_prices()

    assert table.of("claude-haiku-4-5-20251001") == table.of("claude-haiku-4-5")
    assert table.of("gpt-5.1-2025-11-13") == table.of("gpt-5.1")


@pytest.mark.parametrize("model", ["gpt-5-pro", "gpt-5.1-codex", "claude-sonnet-5-5-fast", "llama", ""])
def test_a_sibling_is_not_priced(model: str) -> None:
    """A name that only begins alike is another model at another price."""
    assert read_prices().of(model) is None


def test_the_longest_prefix_counts() -> None:
    """A star is for whoever wants to price a family."""
    table = PriceTable.model_validate(
        {
            "models": {
                "*": {"input": 0, "output": 0},
                "qwen*": {"input": 1, "output": 2},
                "qwen3": {"input": 3, "output": 4},
            }
        }
    )

    assert [table.of(model).input for model in ("phi", "qwen2", "qwen3")] == [0, 1, 3]


def test_a_long_prompt_has_its_own_rate() -> None:
    """Beyond the threshold the whole call is dearer, its output too."""
    table = read_prices()

    short = table.usage("claude-haiku-5-5", Tokens(input=100_000, output=1_000))
    long = table.usage("claude-haiku-5-5", Tokens(input=100_001, output=1_000))

    assert short.usd == pytest.approx(0.0105)
    assert long.usd == pytest.approx(0.0525005)


def test_a_file_overrides_and_extends_the_table(tmp_path: Path) -> None:
    """The rest of the table stays."""
    file = tmp_path / "prices.json"
    file.write_text(
        '{"models": {"gpt-5.1": {"input": 9, "output": 9}, "mine": {"input": 1, "cached": 0, "output": 1}}}'
    )

    table = read_prices(file)

    assert table.of("gpt-5.1").input == 9
    assert table.usage("mine", Tokens(input=1_000_000, cached=500_000)).usd == pytest.approx(0.5)
    assert table.of("claude-sonnet-5-5") is not None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("{", "the top", id="not json"),
        pytest.param('{"models": {"m": {"input": -1, "output": 1}}}', "models.m.input", id="negative"),
        pytest.param('{"models": {"m": {"input": 1}}}', "models.m.output", id="missing"),
        pytest.param("\udcff", "cannot be read", id="not text"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(tmp_path: Path, text: str, where: str) -> None:
    """The person has to find it."""
    file = tmp_path / "prices.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(PricesUnreadable, match=where) as raised:
        read_prices(file)

    assert str(file) in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """It is no reason to go on with other prices."""
    with pytest.raises(PricesUnreadable, match="nowhere"):
        read_prices(tmp_path / "nowhere.json")

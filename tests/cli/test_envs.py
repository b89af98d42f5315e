"""``mendbox envs``: what projects need is listed with its size, and removed by age or bound."""

from __future__ import annotations

import json

import pytest

from engine.cli import main
from engine.cli.envs import _ago, _table
from engine.cli.terminal import print_table, screen
from sandboxes.environments.store import Kept


def kept(key: str, *packages: str) -> Kept:
    return Kept(
        key=key,
        references=(f"mendbox/environment:{key}",),
        digests=(),
        size_mib=12.3,
        created="2026-01-01T00:00:00+00:00",
        used=1.0,
        packages=dict.fromkeys(packages, "1"),
    )


def test_two_ways_to_remove_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is removed where it is not clear what; no engine is asked."""
    assert main(["envs", "prune", "--all", "--older", "3", "--json"]) == 2

    assert "not clear what to remove" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "just now"), (120, "2 min ago"), (7_200, "2 h ago"), (172_800, "2 d ago")]
)
def test_last_use_is_told_as_a_person_would(seconds: float, said: str) -> None:
    """In its largest unit."""
    assert _ago(seconds) == said


def test_a_table_names_the_first_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """And says how many more there are; what a package is called steers no terminal."""
    print_table(screen(), _table([kept("0123456789ab", "a", "b", "c\x1b[31m", "d", "e", "f")]))

    shown = capsys.readouterr().out
    assert "0123456789ab" in shown
    assert "12 MiB" in shown
    assert "and 2 more" in shown
    assert "\x1b[31m" not in shown


@pytest.mark.docker
def test_the_environments_of_this_engine_are_listed(
    sandbox_image: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As JSON whole, with what they take in all and may; and none is old enough to be removed."""
    monkeypatch.setenv("MENDBOX_ENVS_MIB", "1000000")

    assert main(["envs", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert main(["envs", "prune", "--older", "36500", "--json"]) == 0
    removed = json.loads(capsys.readouterr().out)["removed"]

    assert document["most_mib"] == 1_000_000
    assert document["size_mib"] == pytest.approx(sum(each["size_mib"] for each in document["environments"]), abs=1)
    assert not [name for name in removed if name.startswith("mendbox/environment")]

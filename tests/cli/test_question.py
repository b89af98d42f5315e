"""Where a person sees what the author says of its draft."""

from __future__ import annotations

import pytest

from engine.cli.verdict import print_run
from tests.cli import runs

NOTE = "m.py:2: `1` → `2` [const-tweak, the most suspicious line]. Found among 40 candidates. Question: this patch returns 3 for `f(1)`, another plausible one returns 2: which is right?"


@pytest.mark.parametrize(("outcome", "shown"), [("verified", True), ("no_fix", False)])
def test_a_verified_draft_is_shown_with_what_its_author_asks(
    capsys: pytest.CaptureFixture[str], outcome: str, shown: bool
) -> None:
    """The question stands on a line of its own; a draft that was not good enough asks nothing."""
    judged = runs.verdict("passed" if shown else "failed")
    run = runs.run(
        {"m.py": "1\n"}, {"m.py": "2\n"}, outcome=outcome, attempts=(runs.attempt(1, judged, runs.draft(note=NOTE)),)
    )

    print_run(run)

    said = capsys.readouterr().out
    assert ("question: this patch returns 3 for `f(1)`" in said) is shown
    assert ("the most suspicious line" in said) is shown

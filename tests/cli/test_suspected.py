"""What is shown of a repository that was only looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.base import Suspect
from engine.cli.repository_verdict import print_repository
from engine.repository.result import RepositoryResult, SuiteRun


def test_the_first_lines_that_are_suspected_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a red suite, without anybody having searched; few enough to be looked at."""
    suspects = tuple(Suspect(path="calc.py", line=line, score=1 / line, text=f"line {line}") for line in range(1, 20))
    before = SuiteRun(suspects=suspects)

    print_repository(RepositoryResult(root=Path(), outcome="red", summary="1 test red.", before=before))
    red = capsys.readouterr().out
    print_repository(RepositoryResult(root=Path(), outcome="green", summary="All is green.", before=before))
    green = capsys.readouterr().out

    assert "suspected: calc.py:1 " in red
    assert "line 1" in red
    assert 1 < red.count("suspected: ") < 10
    assert "suspected" not in green

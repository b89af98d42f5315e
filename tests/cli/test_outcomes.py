"""What a command does with an outcome: writes or refuses, counts, and picks the exit code."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.bench import RowResult
from engine.cli.bench import _exit_code, _open
from engine.cli.fix import _apply
from engine.cli.healing import Ended, exit_code
from engine.cli.images import _shown
from engine.domain import Ending
from engine.errors import BadInput
from engine.inputs.reading import read_inputs
from sandboxes.images import BuildProgress
from tests.cli import runs


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        pytest.param("cancelled", "the run was cancelled", id="cancelled"),
        pytest.param("unverified", "the outcome is unverified", id="unverified"),
        pytest.param("no_fix", "the outcome is no_fix", id="no fix"),
    ],
)
def test_only_what_is_verified_is_written(tmp_path: Path, outcome: Ending, said: str) -> None:
    """`--apply` says why nothing was."""
    (tmp_path / "a.py").write_text("x = 1\n")
    inputs = read_inputs([str(tmp_path)])

    written, refusal = _apply(runs.run(inputs.files, {"a.py": "x = 2\n"}, outcome=outcome), inputs)

    assert written == ()
    assert said in refusal
    assert (tmp_path / "a.py").read_text() == "x = 1\n"


def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """The fix is kept in the journal, the newer work on disk."""
    (tmp_path / "a.py").write_text("x = 1\n")
    inputs = read_inputs([str(tmp_path)])
    (tmp_path / "a.py").write_text("x = 9\n")

    written, refusal = _apply(runs.run(inputs.files, {"a.py": "x = 2\n"}), inputs)

    assert written == ()
    assert "was changed since it was read" in refusal


def test_a_run_that_a_signal_stopped_has_the_signals_exit_code() -> None:
    """Whatever its outcome."""
    run = runs.run({}, {}, outcome="cancelled")

    assert exit_code(Ended(run=run, signal=signal.SIGTERM)) == 143
    assert exit_code(Ended(run=run)) == 1


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [(["verified", "no_fix"], 0), (["no_fix"], 0), (["verified", None], 1), (["verified", "environment", None], 3)],
)
def test_a_benchmark_that_was_measured_is_a_success(outcomes: list[Ending | None], code: int) -> None:
    """However many rows were healed; bad rows and failing machinery are told apart."""
    assert _exit_code([RowResult(id="a", outcome=outcome) for outcome in outcomes]) == code


def test_results_that_cannot_be_written_are_refused_before_anything_is_run(tmp_path: Path) -> None:
    """An hour of healing must not end with a path that is wrong."""
    with pytest.raises(BadInput, match="cannot write"):
        _open(str(tmp_path / "nope/out.jsonl"))


def test_the_building_of_an_image_is_shown_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal; what a build prints cannot steer one."""
    with _shown() as advance:
        advance(BuildProgress(seconds=1.25, line="Step 1 \x1b[31m"))

    assert capsys.readouterr().err == "    1.2 s  Step 1 ␛[31m\n"

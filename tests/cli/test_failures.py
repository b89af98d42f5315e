"""Every error in words, with the exit code that goes with it, and never a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.exits import for_outcome
from engine.cli.failures import explain, tell
from engine.cli.interrupts import Stopped
from engine.errors import BadInput, JournalUnavailable, UnknownRun
from sandboxes.errors import BoxFull, ImageMissing, SandboxUnavailable


@pytest.mark.parametrize(
    ("error", "outcome", "exit_code"),
    [
        pytest.param(BadInput("no such file: 'x'", hint="look"), None, 2, id="bad input"),
        pytest.param(UnknownRun("no run has this id"), None, 2, id="unknown run"),
        pytest.param(BoxFull("docker", "too large"), None, 2, id="more than a box holds"),
        pytest.param(SandboxUnavailable("docker", "no engine"), "environment", 3, id="no engine"),
        pytest.param(ImageMissing("images", "no image"), "environment", 3, id="no image"),
        pytest.param(JournalUnavailable("locked"), "environment", 3, id="no journal"),
        pytest.param(PermissionError(13, "Permission denied", "/data"), "environment", 3, id="the system says no"),
        pytest.param(Stopped(2), "cancelled", 130, id="Ctrl-C"),
        pytest.param(Stopped(15), "cancelled", 143, id="SIGTERM"),
        pytest.param(ZeroDivisionError("sk-secret"), "environment", 3, id="a fault of ours"),
    ],
)
def test_an_error_becomes_an_outcome_and_an_exit_code(
    error: Exception, outcome: str | None, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr for a person, as the one document on stdout for a script."""
    assert tell(error, command="fix", json=False) == exit_code
    out, err = capsys.readouterr()
    assert (out, err[:9]) == ("", "mendbox: ")
    assert "sk-secret" not in err

    assert tell(error, command="run", json=True) == exit_code
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["outcome"] == outcome
    assert document["error"]["kind"]
    assert (document["exit_code"], document["stdout"], document["truncated"]) == (None, "", False)


def test_a_fault_of_ours_shows_where_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person is not thrown a traceback; whoever looks for the fault finds it."""
    monkeypatch.setenv("MENDBOX_LOG_LEVEL", "debug")
    monkeypatch.setenv("OPENAI_API_KEY", "local-key-of-mine")

    tell(ZeroDivisionError("division by local-key-of-mine"), command="fix", json=False)

    assert "ZeroDivisionError: division by [redacted]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value"), [("MENDBOX_MEMORY_MIB", "sk-not-a-number-000000"), ("MENDBOX_LOG_LEVEL", "loud-sk-000000")]
)
def test_a_wrong_setting_is_named_and_its_value_kept_to_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    """It may be a key that went into the wrong variable."""
    monkeypatch.setenv(variable, value)

    code = main(["runs"])

    err = capsys.readouterr().err
    assert code == 2
    assert variable in err
    assert value not in err


def test_an_exit_code_says_the_outcome() -> None:
    """Fixed, so that scripts can rely on it."""
    codes = {word: for_outcome(word) for word in ("verified", "unverified", "no_fix", "environment", None)}

    assert codes == {"verified": 0, "unverified": 1, "no_fix": 1, "environment": 3, None: 1}


def test_an_explanation_is_a_value() -> None:
    """The parts that an error keeps are told apart."""
    failure = explain(BadInput("what", hint="hint"))

    assert (failure.what, failure.hint) == ("what", "hint")


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)])
def test_a_stream_that_was_closed_beforehand_is_no_fault(closed: tuple[int, ...], tmp_path: Path) -> None:
    """``mendbox runs >&-`` does its work; what would be shown goes nowhere, and into no file opened later."""
    shut = "; ".join(f"os.close({number})" for number in closed)
    words = [sys.executable, "-m", "engine.cli", "runs"]
    program = f"import os; {shut}; os.execv({words[0]!r}, {words!r})"

    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "MENDBOX_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, "")
    assert "fault" not in ended.stderr

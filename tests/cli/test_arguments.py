"""What can be typed, and how it is answered where it cannot be understood."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.arguments import parse, wants_json
from engine.errors import BadInput

ROOT = Path(__file__).parents[2]


def mendbox(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        **more,
    )


@pytest.mark.parametrize(
    ("typed", "ours", "program"),
    [
        pytest.param("run a.py", {"file": "a.py", "json": False, "seconds": None}, [], id="plain"),
        pytest.param("run --json --seconds 3 a.py x", {"json": True, "seconds": 3.0}, ["x"], id="ours first"),
        pytest.param("run a.py --json --seconds=3", {"json": True, "seconds": 3.0}, [], id="ours right after FILE"),
        pytest.param("run a.py -v --json x", {"json": False}, ["-v", "--json", "x"], id="the program's come verbatim"),
        pytest.param(
            "run a.py x --seconds 3", {"seconds": None}, ["x", "--seconds", "3"], id="also those called like ours"
        ),
        pytest.param("run a.py -- --json", {"json": False}, ["--json"], id="-- ends ours"),
        pytest.param("run a.py --json -- -- x", {"json": True}, ["--", "x"], id="only the first --"),
        pytest.param("run a.py --help", {"file": "a.py"}, ["--help"], id="help of the program"),
        pytest.param("run - --stdin f", {"file": "-", "stdin": "f"}, [], id="the program from stdin"),
        pytest.param("run -- -odd.py -x", {"file": "-odd.py"}, ["-x"], id="a file that begins with a dash"),
    ],
)
def test_run_parts_its_own_words_from_the_programs(typed: str, ours: dict[str, object], program: list[str]) -> None:
    """Everything after FILE is the program's, but our own options right behind it."""
    arguments = parse(typed.split())

    assert {name: getattr(arguments, name) for name in ours} == ours
    assert arguments.program == program


def test_paths_and_tests_may_be_several() -> None:
    """`--tests` takes many, and may come again."""
    arguments = parse(
        [
            "fix",
            "a",
            "b",
            "--tests",
            "t",
            "u",
            "--tests",
            "v",
            "--attempts",
            "3",
            "--seconds",
            "2.5",
            "--error",
            "-",
            "--apply",
            "--json",
        ]
    )

    assert (arguments.paths, arguments.tests) == (["a", "b"], ["t", "u", "v"])
    assert (arguments.attempts, arguments.seconds, arguments.error, arguments.author) == (3, 2.5, "-", "auto")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("", "COMMAND", id="nothing"),
        pytest.param("mend", "invalid choice: 'mend'", id="no such command"),
        pytest.param("fix", "no PATH to read", id="no path"),
        pytest.param("fix --tests t.py a.py", "put PATH before --tests", id="tests swallowed the path"),
        pytest.param("check a.py", "--tests", id="check without tests"),
        pytest.param("admit a.py", "--tests", id="admit without tests"),
        pytest.param("fix a --seconds 0", "'0' is no number of seconds", id="no time"),
        pytest.param("fix a --seconds nan", "'nan' is no number", id="not a number"),
        pytest.param("fix a --seconds soon", "'soon' is no number", id="a word"),
        pytest.param("fix a --attempts 0", "'0' is no number from 1 to 1000", id="no attempt"),
        pytest.param("fix a --attempts ²", "is no number from 1 to 1000", id="a digit that is none"),
        pytest.param("fix a --attempts 1000001", "is no number from 1 to 1000", id="too many attempts"),
        pytest.param("fix a --app", "unrecognized arguments: --app", id="no abbreviations"),
        pytest.param("images burn", "invalid choice: 'burn'", id="no such action"),
        pytest.param("images build ruby", "invalid choice: 'ruby'", id="no such image"),
        pytest.param("images prune node", "is about all of them, and not about 'node' alone", id="one image of all"),
        pytest.param("run", "FILE", id="run nothing"),
        pytest.param("run --seconds", "expected one argument", id="an option without its value"),
    ],
)
def test_what_cannot_be_understood_is_one_line_and_exit_2(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With where to look it up; stdout stays empty."""
    code = main(typed.split())

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) <= 2


def test_what_cannot_be_understood_is_json_where_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly one document, and nothing was run."""
    code = main(["fix", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 2
    assert document["outcome"] is None
    assert document["error"]["kind"] == "BadInput"


def test_a_programs_own_json_is_not_ours() -> None:
    """`mendbox run a.py x --json` prints what the program prints."""
    assert not wants_json(["run", "a.py", "x", "--json"])
    assert wants_json(["run", "a.py", "--json"])


def test_help_is_instant_and_imports_nothing_slow() -> None:
    """Neither pydantic nor rich nor docker nor sqlalchemy is touched: that is what keeps it under 0.25 s."""
    slow = {"pydantic", "rich", "docker", "sqlalchemy", "openai", "anthropic", "fastmcp", "engine.domain"}
    script = (
        "import sys\nfrom engine.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"sys.exit(','.join({slow!r} & set(sys.modules)))"
    )

    shown = mendbox("--help")
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)

    assert shown.returncode == 0
    assert "mendbox" in shown.stdout
    assert imported.stderr.strip() == ""


@pytest.mark.parametrize(
    "command",
    ["fix", "check", "improve", "admit", "run", "runs", "show", "resume", "bench", "images", "doctor", "serve", "demo"],
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`mendbox COMMAND --help` names every option."""
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])

    assert left.value.code == 0
    assert f"mendbox {command}" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`mendbox --version`."""
    with pytest.raises(SystemExit) as left:
        main(["--version"])

    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("mendbox 0")


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    """`mendbox --help | head -1`, with a pipe that nobody reads."""
    command = f"{sys.executable} -m engine.cli images list --help | true; exit ${{PIPESTATUS[0]}}"

    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)

    assert "Traceback" not in ended.stderr


def test_bad_input_is_raised_where_parse_is_called_by_itself() -> None:
    """`parse` never exits."""
    with pytest.raises(BadInput, match="see: mendbox --help"):
        parse(["fix", "a", "--nonsense"])


def test_descriptions_keep_their_capitals(capsys: pytest.CaptureFixture[str]) -> None:
    """The first letter is raised, and MCP, JSONL and Python stay as they are written."""
    with pytest.raises(SystemExit):
        parse(["serve", "--help"])

    assert "Serve MCP over stdio, or over HTTP." in capsys.readouterr().out


@pytest.mark.parametrize("words", ["fix a.py", "check a.py --tests t.py", "resume abc"])
def test_judging_again_has_to_be_asked_for(words: str) -> None:
    """By `--fresh`, where a verdict may come from an earlier run."""
    assert [parse([*words.split(), *more]).fresh for more in ((), ("--fresh",))] == [False, True]

"""Every command in real boxes, as a person or a script runs it, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from sandboxes.hardening import LABEL

ROOT = Path(__file__).parents[2]
BROKEN = "def add(a, b):\n    return a - b\n"
TESTS = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n"
SCRIPT = [{"note": "a sign", "edits": [{"path": "calc.py", "search": "a - b", "replace": "a + b"}]}]
HANGS = "import time\nprint('started', flush=True)\ntime.sleep(60)\n"

pytestmark = pytest.mark.docker


@pytest.fixture
def project(tmp_path: Path, sandbox_image: str) -> Path:
    """A small broken program, and a script that mends it."""
    (tmp_path / "calc.py").write_text(BROKEN)
    (tmp_path / "test_calc.py").write_text(TESTS)
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT))
    return tmp_path


def environment(project: Path, **more: str) -> dict[str, str]:
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("MENDBOX", "OPENAI", "ANTHROPIC"))
    }
    return keep | {"PYTHONPATH": str(ROOT), "MENDBOX_DATA_DIR": str(project / "data")} | more


def mendbox(project: Path, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        cwd=project,
        env=environment(project, **env),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def begun(project: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that a test begins; none outlives it."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_program_is_fixed_applied_and_found_in_the_journal(project: Path) -> None:
    """Fix, apply, runs, show: one story."""
    fixed = mendbox(
        project, "fix", "calc.py", "--tests", "test_calc.py", "--author", "scripted:script.json", "--apply", "--json"
    )
    run = json.loads(fixed.stdout)
    listed = json.loads(mendbox(project, "runs", "--json").stdout)["runs"]
    table = mendbox(project, "runs").stdout
    shown = mendbox(project, "show", run["id"][:-3])
    diff = mendbox(project, "show", run["id"], "--diff")
    story = json.loads(mendbox(project, "show", run["id"], "--json").stdout)
    again = mendbox(project, "resume", run["id"], "--json")
    told = mendbox(project, "resume", run["id"])

    assert (fixed.returncode, run["outcome"], run["applied"]) == (0, "verified", ["calc.py"])
    assert run["diff"] == diff.stdout
    assert run["id"] in table
    assert "verified" in table
    assert "as handed in  1 of 2 tests red" in fixed.stderr
    assert (project / "calc.py").read_text() == BROKEN.replace("-", "+")
    assert [(line["id"], line["outcome"]) for line in listed] == [(run["id"], "verified")]
    assert all(word in shown.stdout for word in ("attempt 1", "a sign", "+    return a + b", "receipt", "journal"))
    assert (story["outcome"], told.returncode, told.stdout[:3]) == ("verified", 0, "---")
    assert len(story["journal"]) > 0
    assert (again.returncode, json.loads(again.stdout)["outcome"]) == (0, "verified")


def test_without_apply_nothing_is_written_and_the_diff_can_be_applied_by_git(project: Path) -> None:
    """What is on stdout is a patch, the verdict below it notwithstanding."""
    fixed = mendbox(project, "fix", "calc.py", "--tests", "test_calc.py", "--author", "scripted:script.json")

    assert (project / "calc.py").read_text() == BROKEN
    applied = subprocess.run(
        ["git", "apply"], cwd=project, input=fixed.stdout, capture_output=True, text=True, check=False
    )
    assert (fixed.returncode, applied.returncode, applied.stderr) == (0, 0, "")
    assert (project / "calc.py").read_text() == BROKEN.replace("-", "+")


def test_a_red_program_is_not_applied_and_says_so(project: Path) -> None:
    """Exit 1, the file as it was, one line why."""
    (project / "script.json").write_text(json.dumps([{"raise": "nothing"}]))

    fixed = mendbox(
        project, "fix", "calc.py", "--tests", "test_calc.py", "--author", "scripted:script.json", "--apply", "--json"
    )

    run = json.loads(fixed.stdout)
    assert (fixed.returncode, run["outcome"], run["applied"]) == (1, "no_fix", [])
    assert "nothing written: the outcome is no_fix" in fixed.stderr
    assert (project / "calc.py").read_text() == BROKEN


def test_code_is_judged_against_what_it_was(project: Path) -> None:
    """Red is 1; mended is 0, with the earlier code as the proof of red before."""
    (project / "new").mkdir()
    (project / "new/calc.py").write_text(BROKEN.replace("-", "+"))

    red = mendbox(project, "check", "calc.py", "--tests", "test_calc.py")
    green = mendbox(project, "check", "new/calc.py", "--tests", "test_calc.py", "--before", "calc.py", "--json")

    assert (red.returncode, green.returncode) == (1, 0)
    assert red.stdout.startswith("no_fix (red): ")
    assert json.loads(green.stdout)["outcome"] == "verified"


def test_a_program_is_just_run(project: Path) -> None:
    """Its words verbatim, its input, its exit code; a failing one is a value."""
    (project / "echo.py").write_text("import sys\nprint(sys.argv[1:], sys.stdin.read())\nsys.exit(len(sys.argv) - 1)\n")

    plain = mendbox(project, "run", "echo.py")
    words = mendbox(project, "run", "--json", "--stdin", "-", "echo.py", "-x", "--json", "ü", stdin="hello")
    typed = mendbox(project, "run", "-", "--json", stdin="print('\x1b[31m' + 'x' * 200_000)")

    result = json.loads(words.stdout)
    assert (plain.returncode, plain.stdout.strip()) == (0, "[]")
    assert plain.stderr.startswith("exited with code 0")
    assert (words.returncode, result["exit_code"], result["outcome"], result["reason"]) == (1, 3, "no_fix", "red")
    assert result["stdout"] == "['-x', '--json', 'ü'] hello\n"
    assert json.loads(typed.stdout)["truncated"] is True
    assert json.loads(typed.stdout)["outcome"] == "unverified"
    assert "\x1b" not in typed.stdout


def test_a_program_that_does_not_end_is_ended(project: Path) -> None:
    """At its own deadline, and told apart from a program that fails."""
    (project / "hangs.py").write_text(HANGS)

    ended = mendbox(project, "run", "hangs.py", "--json", "--seconds", "1")

    result = json.loads(ended.stdout)
    assert (ended.returncode, result["ended"], result["stdout"]) == (1, "timeout", "started\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["run", "."], "is a folder", id="a folder"),
        pytest.param(["run", "script.json"], "is no program in Python, JavaScript or TypeScript", id="no program"),
        pytest.param(["run", "nope.py"], "no such file", id="no such file"),
        pytest.param(["run", "-", "--stdin", "-"], "stdin cannot be both", id="stdin twice"),
        pytest.param(["run", "calc.py", "--stdin", "nope"], "cannot read 'nope'", id="no such input"),
        pytest.param(["show", "nope"], "nope", id="no such run"),
        pytest.param(
            ["fix", "calc.py", "--tests", "test_calc.py", "--author", "me"], "there is no author 'me'", id="author"
        ),
        pytest.param(["bench", "nope.jsonl"], "cannot read the dataset", id="no dataset"),
        pytest.param(["demo", "nope"], "no folder with examples", id="no examples"),
        pytest.param(["serve", "--http", "0.0.0.0:1"], "refused to listen", id="an open door"),
    ],
)
def test_bad_input_is_exit_2_and_one_line(project: Path, words: list[str], said: str) -> None:
    """On stderr, with what to do next at most one line below."""
    ended = mendbox(project, *words)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert len([line for line in ended.stderr.splitlines() if not line.startswith("mendbox calc.py")]) <= 2


def test_without_an_engine_nothing_is_said_about_the_code(project: Path) -> None:
    """Exit 3 and `environment`, from fix, run and doctor."""
    nowhere = f"unix://{project}/nowhere.sock"

    fixed = mendbox(project, "fix", "calc.py", "--tests", "test_calc.py", "--json", DOCKER_HOST=nowhere)
    ran = mendbox(project, "run", "calc.py", "--json", DOCKER_HOST=nowhere)
    looked = mendbox(project, "doctor", "--json", DOCKER_HOST=nowhere, OPENAI_API_KEY="sk-secret-0123456789")
    told = mendbox(project, "doctor", DOCKER_HOST=nowhere)

    for ended in (fixed, ran):
        assert (ended.returncode, json.loads(ended.stdout)["outcome"]) == (3, "environment")
    assert json.loads(ran.stdout)["exit_code"] is None
    diagnoses = {line["name"]: line for line in json.loads(looked.stdout)["diagnoses"]}
    assert (looked.returncode, diagnoses["engine"]["state"]) == (3, "fail")
    assert diagnoses["OpenAI key"]["seen"] == "present"
    assert "sk-secret" not in looked.stdout + looked.stderr
    assert "→ " in told.stdout


def test_images_and_the_machine_are_told_about(project: Path) -> None:
    """Which image is in force, and that everything a box needs is here."""
    built = mendbox(project, "images", "build")
    with_node = json.loads(mendbox(project, "images", "build", "node", "--json").stdout)["image"]
    listed = mendbox(project, "images", "list")
    images = json.loads(mendbox(project, "images", "list", "--json").stdout)["images"]
    looked = mendbox(project, "doctor", "--json")
    told = mendbox(project, "doctor")

    in_force = [image["reference"] for image in images if image["current"]]
    diagnoses = {line["name"]: line for line in json.loads(looked.stdout)["diagnoses"]}
    assert built.returncode == listed.returncode == looked.returncode == told.returncode == 0
    assert built.stdout.startswith("✓ mendbox/python:")
    assert with_node["reference"].startswith("mendbox/node:")
    assert with_node["reference"] in in_force
    assert any(reference in listed.stdout for reference in in_force)
    assert {
        "mendbox",
        "journal",
        "OpenAI key",
        "Anthropic key",
        "engine",
        "runc",
        "image",
        "limits",
    } <= diagnoses.keys()
    assert "memory 512 MiB" in diagnoses["limits"]["seen"]
    assert "✓" in told.stdout


def test_an_empty_journal_says_how_to_begin(project: Path) -> None:
    """Rather than nothing."""
    listed = mendbox(project, "runs")

    assert (listed.returncode, listed.stdout) == (0, "")
    assert "mendbox fix" in listed.stderr


def test_a_dataset_is_healed_and_written_row_by_row(project: Path) -> None:
    """One JSON line a row as rows end; a bad row is named and counted."""
    row = {
        "id": "one",
        "buggy": BROKEN,
        "tests": TESTS,
        "module": "calc",
        "test_file": "test_calc.py",
        "extra_files": {},
    }
    rows = [row, row | {"id": "two", "buggy": BROKEN.replace("-", "*")}, {"id": "bad"}]
    (project / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))

    ended = mendbox(
        project,
        "bench",
        "rows.jsonl",
        "--author",
        "scripted:script.json",
        "--out",
        "out.jsonl",
        "--jobs",
        "2",
        "--json",
    )

    document = json.loads(ended.stdout)
    lines = [json.loads(line) for line in (project / "out.jsonl").read_text().splitlines()]
    outcomes = {line["id"]: line["outcome"] for line in lines}
    assert ended.returncode == 1
    assert (outcomes["one"], outcomes["line 3"]) == ("verified", None)
    assert outcomes["two"] == "no_fix"
    assert document["total"]["verified"] == 1
    assert {"id", "outcome", "files", "seconds"} <= lines[0].keys()


def test_the_demo_heals_its_examples_and_counts_them(project: Path) -> None:
    """Exit 0 only where every example ended as it was expected to."""
    folder = project / "examples/sign"
    (folder / "tests").mkdir(parents=True)
    (folder / "calc.py").write_text(BROKEN)
    (folder / "README.md").write_text("A wrong sign\n")
    (folder / "tests/test_calc.py").write_text(TESTS)

    healed = mendbox(project, "demo", "--author", "scripted:script.json")
    (folder / "example.json").write_text('{"expect": "no_fix"}')
    surprised = mendbox(project, "demo", "--author", "scripted:script.json", "--attempts", "1")

    assert healed.returncode == 0
    assert "1 of 1 verified" in healed.stdout
    assert "A wrong sign" in healed.stderr
    assert surprised.returncode == 1
    assert "expected: no_fix" in surprised.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_run_and_leaves_no_box(
    project: Path, begun: list[subprocess.Popen[str]], number: signal.Signals, code: int, engine: DockerClient
) -> None:
    """The outcome is still printed, as the one JSON document."""
    (project / "calc.py").write_text("import time\n\n\ndef add(a, b):\n    time.sleep(60)\n")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "engine.cli",
            "fix",
            "calc.py",
            "--tests",
            "test_calc.py",
            "--author",
            "scripted:script.json",
            "--json",
        ],
        cwd=project,
        env=environment(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    begun.append(process)
    _wait_for_box_of(process, engine)

    process.send_signal(number)
    out, _ = process.communicate(timeout=60)

    document = json.loads(out)
    assert (process.returncode, document["outcome"]) == (code, "cancelled")
    assert not _boxes_of(process, engine)


def test_ctrl_c_while_a_program_just_runs_ends_it(
    project: Path, begun: list[subprocess.Popen[str]], engine: DockerClient
) -> None:
    """There is no run to show: the document says what stopped it."""
    (project / "hangs.py").write_text(HANGS)
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "run", "hangs.py", "--json", "--seconds", "60"],
        cwd=project,
        env=environment(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    begun.append(process)
    _wait_for_box_of(process, engine)

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    document = json.loads(out)
    assert (process.returncode, document["outcome"], document["exit_code"]) == (130, "cancelled", None)
    assert not _boxes_of(process, engine)


def test_on_a_terminal_progress_moves_and_the_verdict_is_a_panel(project: Path) -> None:
    """A real pseudo terminal: the cursor comes back, colours are there, no scroll of logs."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "engine.cli",
            "fix",
            "calc.py",
            "--tests",
            "test_calc.py",
            "--author",
            "scripted:script.json",
        ],
        cwd=project,
        env=environment(project, TERM="xterm-256color", COLUMNS="100"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    # Linux tells the end of the other side as an input/output error.
    with contextlib.suppress(OSError):
        while chunk := os.read(ours, 65_536):
            shown += chunk
    os.close(ours)
    process.wait(timeout=60)

    text = shown.decode()
    assert process.returncode == 0
    assert all(words in text for words in ("╭─", "verified", "+    return a + b"))
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    assert "judging the code as handed in" in text


def _boxes_of(process: subprocess.Popen[str], engine: DockerClient) -> list[str]:

    labelled = engine.api.containers(all=True, filters={"label": LABEL})
    return [
        box["Id"]
        for box in labelled
        if any(str(value).startswith(f"{process.pid}:") for value in box["Labels"].values())
    ]


def _wait_for_box_of(process: subprocess.Popen[str], engine: DockerClient) -> None:
    deadline = time.monotonic() + 60
    while not _boxes_of(process, engine):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    # Inside the box, the program or its tests are to be under way.
    time.sleep(1)

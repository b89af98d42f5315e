"""``pytest --mendbox``: what stands under a failure, and that nothing else of a session changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from engine.ci.account import Places, account
from tests.ci.projects import EMPTY, SUM, TAX, partly

ROOT = Path(__file__).parents[2]
FAILING = (
    "class TestTotal:\n    def test_sum(self):\n        assert 4 == 3\n\n\ndef test_empty():\n    assert 1 == 0\n\n\n"
    "def test_here_only():\n    assert False\n\n\ndef test_right():\n    pass\n"
)
RED = "def test_tax():\n    raise NameError('RATE')\n"


def project(root: Path) -> Path:
    (root / "tests").mkdir(parents=True)
    (root / "tests/test_cart.py").write_text(FAILING)
    (root / "tests/test_tax.py").write_text(RED)
    (root / "pytest.ini").write_text("[pytest]\n")
    return root


def saying(folder: Path, text: str, *, code: int = 1) -> str:
    """A command that notes how it was called, says *text*, and ends with *code*."""
    program = folder / "said.py"
    program.write_text(
        f"import json, sys\njson.dump(sys.argv[1:], open({str(folder / 'called.json')!r}, 'w'))\n"
        f"sys.stdout.write({text!r})\nsys.exit({code})\n"
    )
    return f"{sys.executable} {program}"


def session(root: Path, command: str | None, *words: str) -> subprocess.CompletedProcess[str]:
    """A session with the plugin, and no other."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MENDBOX", "PYTEST"))}
    environ |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if command is not None:
        environ["MENDBOX_COMMAND"] = command
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "engine.pytest_plugin", "-p", "no:cacheprovider", *words],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def answer() -> str:
    """What `mendbox ci --json` says of a project with two causes, one of them mended."""
    return account(partly(), Places(), exit_code=1).model_dump_json()


def test_each_failure_has_its_fix_or_says_why_there_is_none(tmp_path: Path) -> None:
    """The diff under both tests of the mended cause, the reason under the other, and a word on what a box does not see."""
    root = project(tmp_path / "p")

    done = session(root, saying(tmp_path, answer()), "--mendbox")

    _, _, said = done.stdout.partition("FAILURES")
    assert done.returncode == 1
    assert said.count("- Mendbox: a verified fix -") == 2
    assert said.count("-    result = 1\n+    result = 0\n") == 2
    assert "mendbox show 20260101-000000-abc --receipt FILE" in said
    assert "Nothing passed.\nDefine RATE." in said
    assert "Not red in a box" in said
    assert "2 of 3 red tests are mended." in said


def test_the_command_is_called_once_and_writes_nowhere_in_the_project(tmp_path: Path) -> None:
    """One call for the whole session, on its root, whose reports go to a folder that is gone afterwards."""
    root = project(tmp_path / "p")
    before = sorted(path for path in root.rglob("*"))

    session(root, saying(tmp_path, answer()), "--mendbox", "--mendbox-seconds", "12.5")

    called = json.loads((tmp_path / "called.json").read_text())
    out = Path(called[3].removeprefix("--out="))
    assert called == ["ci", "--json", "--seconds=12.5", f"--out={out}", "--", str(root)]
    assert not out.exists()
    assert sorted(path for path in root.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "code"), [((), 1), (("--mendbox", "-k", "right"), 0), (("--mendbox", "--collect-only"), 0)]
)
def test_nothing_is_called_where_there_is_nothing_to_do(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    """Without the option, without a failure, and where tests are only listed."""
    root = project(tmp_path / "p")

    done = session(root, saying(tmp_path, answer()), *words)

    assert done.returncode == code
    assert "mendbox" not in done.stdout.lower().replace(str(tmp_path).lower(), "")
    assert not (tmp_path / "called.json").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            '{"outcome": "environment", "error": {"kind": "SandboxUnavailable", "message": "no engine answers", '
            '"hint": "start Docker"}}',
            "no fix was looked for: no engine answers (start Docker)",
            id="no engine",
        ),
        pytest.param("Traceback", "no answer that can be read", id="no JSON"),
        pytest.param("[1]", "no answer that can be read", id="another JSON"),
        pytest.param(
            '{"outcome": "environment", "error": null, "summary": "the disk\\u001b[31m is full", "next_step": ""}',
            "the disk<U+001B>[31m is full",
            id="words that steer a terminal",
        ),
    ],
)
def test_what_went_wrong_is_said_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    """And the session ends as it would have."""
    done = session(project(tmp_path / "p"), saying(tmp_path, text, code=3), "--mendbox")

    assert done.returncode == 1
    assert said in done.stdout


def test_a_missing_command_is_said(tmp_path: Path) -> None:
    """With its name, so that a wrong setting is found."""
    done = session(project(tmp_path / "p"), "/no/such/mendbox", "--mendbox")

    assert done.returncode == 1
    assert "'/no/such/mendbox' cannot be started" in done.stdout


def test_time_that_is_none_is_said(tmp_path: Path) -> None:
    """Nothing is called with a bound that the command would refuse."""
    done = session(project(tmp_path / "p"), saying(tmp_path, answer()), "--mendbox", "--mendbox-seconds=0")

    assert "--mendbox-seconds 0 is no number of seconds" in done.stdout
    assert not (tmp_path / "called.json").exists()


def test_files_that_cannot_be_collected_have_their_fix_too(tmp_path: Path) -> None:
    """Their cause is named by the path, and the session still ends as interrupted."""
    root = project(tmp_path / "p")
    (root / "tests/test_tax.py").write_text("import no_such_module\n")
    result = partly()
    broken = result.healed[1].cause.model_copy(update={"tests": ("tests/test_tax.py",)})
    result = partly(healed=(result.healed[0], result.healed[1].model_copy(update={"cause": broken})))

    text = account(result, Places(), exit_code=1).model_dump_json()
    done = session(root, saying(tmp_path, text), "--mendbox")

    assert done.returncode == 2
    assert "Define RATE." in done.stdout


def test_a_session_of_several_workers_asks_once(tmp_path: Path) -> None:
    """A worker of pytest-xdist has the option as well, and leaves the asking to the process that shows the reports."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_configure(config):\n    config.workerinput = {}\n"
    )
    root = project(tmp_path / "p")

    done = session(root, saying(tmp_path, answer()), "--mendbox", "--confcutdir", str(tmp_path), "-c", "pytest.ini")

    assert done.returncode == 1
    assert not (tmp_path / "called.json").exists()


def test_the_plugin_needs_nothing_but_pytest(tmp_path: Path) -> None:
    """Every session of an environment with Mendbox loads it, so it must not load Mendbox."""
    program = (
        "import sys, engine.pytest_plugin\n"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in ('engine', 'agents', 'sandboxes', 'pydantic')))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['engine', 'engine.pytest_plugin']"


def test_pytest_finds_it_by_its_entry_point() -> None:
    """An environment with Mendbox has the option without any setting."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]

    assert declared == {"mendbox": "engine.pytest_plugin"}


def test_the_results_in_these_tests_are_those_of_the_command() -> None:
    """The plugin reads fields by name: those that the account has."""
    told = json.loads(answer())

    assert {*told["red"]} == {SUM, EMPTY, TAX}
    assert {"cause", "tests", "outcome", "summary", "next_step", "diff", "run"} <= told["fixes"][0].keys()

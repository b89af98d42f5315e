"""What a command imports: most of the time of a short one goes into that, so each imports only what it uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).parents[2]
OURS = ("engine", "agents", "sandboxes", "server")
NEVER = {
    "anthropic",
    "asyncpg",
    "coverage",
    "cryptography",
    "doctest",
    "engine.admission",
    "engine.bench",
    "engine.mutants",
    "fastmcp",
    "hypothesis",
    "mcp",
    "openai",
    "psycopg",
    "psycopg2",
    "pytest",
    "rich.live",
    "rich.progress",
    "server",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
    "unittest",
}
"""What neither judging nor mending with the offline author needs, where no terminal watches and SQLite keeps the journal."""
JUDGING = {"engine.judging", "engine.isolation", "engine.checks.overfit", "docker", "requests"}
"""What is needed only for what no earlier run has judged."""
WATCHED = """
import json, sys
from engine.cli import main
try:
    code = main(sys.argv[2:])
except SystemExit as left:
    code = left.code
open(sys.argv[1], "w").write(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
TEST = "from add import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"


class Done(NamedTuple):
    code: int
    modules: set[str]
    said: str


class Checkout(NamedTuple):
    folder: Path

    def write(self, code: str) -> tuple[str, ...]:
        """Lay *code* and its test down; the words that name them."""
        (self.folder / "tests").mkdir()
        (self.folder / "add.py").write_text(code)
        (self.folder / "tests" / "test_add.py").write_text(TEST)
        return (f"{self.folder / 'add.py'}", "--tests", f"{self.folder / 'tests'}")

    def mendbox(self, *words: str, more: Mapping[str, str] | None = None) -> Done:
        """Run one command line in a process of its own."""
        listing = self.folder / "modules.json"
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, str(listing), *words],
            cwd=CHECKOUT,
            env={**bare(), "MENDBOX_DATA_DIR": str(self.folder / "data"), **(more or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, set(json.loads(listing.read_text())), done.stdout + done.stderr)


def bare() -> dict[str, str]:
    """This environment without the measuring of coverage, which imports something itself."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_needs_the_command_line_and_nothing_else(checkout: Checkout, word: str):
    """No other module of ours, no package, and of the standard library nothing large."""
    program = "import sys; print(*sys.modules)"
    started = subprocess.run([sys.executable, "-c", program], env=bare(), capture_output=True, text=True, check=True)

    done = checkout.mendbox(word)

    new = done.modules - set(started.stdout.split())
    assert done.code == 0
    assert {name for name in new if name.split(".")[0] in OURS} <= {
        "engine",
        "engine.cli",
        "engine.cli.arguments",
        "engine.cli.entry",
        "engine.cli.exits",
        "engine.errors",
        "engine.version",
    }
    assert {name.split(".")[0] for name in new} - set(OURS) <= sys.stdlib_module_names
    assert not new & {"asyncio", "logging", "sqlite3", "typing_extensions", "unittest"}


def test_looking_into_the_journal_needs_no_judge_and_no_engine(checkout: Checkout):
    """`mendbox runs` on SQLite imports nothing of PostgreSQL, of Docker or of what judges."""
    done = checkout.mendbox("runs")

    assert done.code == 0
    assert not done.modules & (NEVER | JUDGING | {"engine.conduct", "engine.conflicts.finding"})


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_what_was_judged_before_is_told_without_the_checks_and_without_dockers_package(checkout: Checkout):
    """The second time needs the journal, and one question to the engine."""
    code = checkout.write(RIGHT)

    first = checkout.mendbox("check", *code)
    second = checkout.mendbox("check", *code)

    assert (first.code, second.code) == (0, 0)
    assert "judged before" in second.said
    assert first.modules >= JUDGING
    assert not first.modules & NEVER
    assert not second.modules & (NEVER | JUDGING)


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_mending_imports_only_what_it_uses(checkout: Checkout):
    """No model's library where no model is asked, nothing that admits tests, nothing that serves."""
    done = checkout.mendbox("fix", *checkout.write(WRONG))

    assert done.code == 0, done.said
    assert not done.modules & NEVER


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_a_program_that_is_just_run_needs_no_journal(checkout: Checkout):
    """None is opened, none is made, and nothing that would is imported."""
    (checkout.folder / "hello.py").write_text("print('hello')\n")

    done = checkout.mendbox("run", str(checkout.folder / "hello.py"))

    assert done.code == 0
    assert "hello" in done.said
    assert not (checkout.folder / "data").exists()
    assert not done.modules & (NEVER | {"sqlalchemy", "sqlite3", "engine.conduct", "engine.judging"})


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("check",), id="check"),
        pytest.param(("check", "--fresh"), id="check --fresh"),
        pytest.param(("fix", "--fresh"), id="fix --fresh"),
    ],
)
def test_without_an_engine_one_clear_message_comes_however_early_a_box_was_begun(
    checkout: Checkout, words: tuple[str, ...]
):
    """What is begun early fails in silence; whoever needs the box says what is wrong, once."""
    command, *options = words

    done = checkout.mendbox(
        command, *checkout.write(WRONG), *options, more={"DOCKER_HOST": f"unix://{checkout.folder}/none.sock"}
    )

    assert done.code == 3
    assert done.said.count("there is no Docker Engine at its socket") == 1
    assert "start Docker, or set DOCKER_HOST" in done.said
    assert "Traceback" not in done.said


def test_set_up_compiles_what_commands_import(checkout: Checkout):
    """What `mendbox runs` imports, and what judging does, is among what `tools/bytecode.py` imports."""
    program = "import runpy, sys; runpy.run_path('tools/bytecode.py', run_name='__main__'); print(*sys.modules)"
    compiled = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=bare(), capture_output=True, text=True, check=True
    )

    listed = checkout.mendbox("runs")

    assert listed.modules - set(compiled.stdout.split()) == set()
    assert set(compiled.stdout.split()) >= JUDGING | {"sqlalchemy.dialects.sqlite", "fastmcp", "agents.offline.author"}

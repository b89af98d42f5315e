"""The programs that repairs are measured on are right, and their probes can tell versions of them apart."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import unmeasured

from .probing import SEEDS, Seen

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").glob("*.toml"))
SECONDS = 300

each_program = pytest.mark.parametrize("program", [pytest.param(path, id=path.stem) for path in PROGRAMS])


def looked_at(what: str, *, seed_of_hashes: str) -> dict[str, Seen]:
    done = subprocess.run(
        [sys.executable, str(HERE / "probing.py"), what, *map(str, PROGRAMS)],
        env=unmeasured.environment(PYTHONHASHSEED=seed_of_hashes),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    seen: dict[str, Seen] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    return looked_at("tests", seed_of_hashes="1")


@pytest.fixture(scope="module")
def seen_again() -> dict[str, Seen]:
    return looked_at("probes", seed_of_hashes="2")


def test_there_are_enough_programs_to_measure_with():
    """A share of fewer than forty programs would say little."""
    assert len(PROGRAMS) >= 40


@each_program
def test_a_program_says_all_that_measuring_needs(program):
    """Exactly four texts: what style it has, the right code, the tests an author sees, the probe it does not see."""
    parts = tomllib.loads(program.read_text("utf-8"))

    assert set(parts) == {"style", "code", "tests", "probe"}
    assert all(isinstance(part, str) and part.strip() for part in parts.values())


@each_program
def test_the_tests_of_a_program_pass_on_it(program, seen):
    """The code is the right one as far as its own tests say."""
    assert seen[str(program)]["exit"] == 0, seen[str(program)]["printed"]


@each_program
def test_the_examples_in_the_docstrings_are_true(program, seen):
    """An author may go by them as by the tests."""
    assert seen[str(program)]["examples"] == ""


@each_program
def test_a_probe_says_the_same_in_every_process(program, seen, seen_again):
    """Nothing but its seed decides what a probe says: neither the process nor how that one hashes."""
    first, second = seen[str(program)]["values"], seen_again[str(program)]["values"]

    assert len(first) == SEEDS
    assert first == second


@each_program
def test_a_probe_reaches_the_whole_program(program, seen):
    """At least nine of ten lines of functions run, most seeds give a value and the values differ."""
    what = seen[str(program)]

    assert what["share"] >= 0.9, f"missed lines {what['missed']}"
    assert what["raised"] <= SEEDS // 2
    assert len(set(what["values"])) >= SEEDS // 10

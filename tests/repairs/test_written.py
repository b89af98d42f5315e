"""The hand-written bugs under `tests/repairs/written` are what they say: red, green when put right, and told apart."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from tests import unmeasured

HERE = Path(__file__).parent
FOLDER = HERE / "written"
TRIAL = HERE / "written_trial.py"
PATHS = sorted(FOLDER.glob("*/*.toml"))
NAMES = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in PATHS]
LEAST = {"logic": 40, "files": 12, "unparsable": 40, "students": 25, "competition": 20}
AT_ONCE = 2


class Written(BaseModel):
    """One planted bug, as its file tells it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bug: str
    lines: list[int]
    path: str
    probe: str
    files: dict[str, str]
    fixed: dict[str, str]
    tests: dict[str, str]


class Tried(BaseModel):
    """What `written_trial.py` saw of one bug."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: str
    fixed_is_green: bool
    buggy_is_red: bool
    probe_values: int
    probe_repeats: bool
    probe_tells: bool


def read(name: str) -> Written:
    return Written.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def lay(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Tried]:
    """What became of those bugs that this pytest was asked for, so that a single one can be had alone."""
    root = tmp_path_factory.mktemp("written")
    asked = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    wanted = [name for name in NAMES if name in asked]
    for name in wanted:
        written = read(name)
        lay({**written.files, **written.tests}, root / name / "buggy")
        lay({**written.files, **written.fixed, **written.tests}, root / name / "fixed")
        lay({"probe.py": written.probe}, root / name)
    trials = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", TRIAL, *(str(root / name) for name in wanted[start::AT_ONCE])],
            env=unmeasured.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for start in range(AT_ONCE)
    ]
    seen = [Tried.model_validate(json.loads(line)) for trial in trials for line in trial.communicate()[0].splitlines()]
    return {str(Path(each.case).relative_to(root)): each for each in seen}


@pytest.mark.parametrize("name", NAMES)
def test_a_bug_says_where_it_is(name):
    """The faulty lines are lines of the buggy file, which is the one that is put right; only `unparsable` does not parse."""
    written = read(name)

    source = written.files[written.path]

    assert written.fixed.keys() == {written.path}
    assert written.fixed[written.path] != source
    assert written.tests
    assert written.lines == sorted(set(written.lines))
    assert all(1 <= line <= len(source.splitlines()) for line in written.lines)
    assert [path for path, text in written.files.items() if not parses(text)] == (
        [written.path] if name.startswith("unparsable/") else []
    )
    assert all(map(parses, [*written.fixed.values(), *written.tests.values(), written.probe]))


@pytest.mark.parametrize("name", NAMES)
def test_a_bug_is_seen_by_its_tests_and_by_its_probe(name, tried):
    """Tests are red before and green after, and the probe, which repairs are measured with, answers differently."""
    seen = tried[name]

    assert seen.buggy_is_red
    assert seen.fixed_is_green
    assert seen.probe_tells
    assert seen.probe_repeats
    assert seen.probe_values > 75, "a probe is there to compare values, not errors"


def test_there_are_enough_of_every_kind():
    """A rate of repair over a handful of programs would say nothing."""
    counts = Counter(name.split("/")[0] for name in NAMES)

    assert counts.keys() == LEAST.keys()
    assert all(counts[kind] >= least for kind, least in LEAST.items())

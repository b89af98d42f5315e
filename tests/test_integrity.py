"""What `mendbox check` says of drafts that cheat, and of honest ones: data in `tests/forgeries` and `tests/honest`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from engine.domain import Task
from engine.harness import Mendbox
from engine.integrity import Judged, judge_all
from engine.isolation import BEYOND_THE_TESTS
from engine.settings import Settings
from engine.submissions import Submission, read_submissions, read_tasks
from tests import unmeasured

HERE = Path(__file__).parent
TASKS = read_tasks(HERE)
SUBMISSIONS = read_submissions(HERE)
FORGERIES = {submission.name: submission for submission in SUBMISSIONS if not submission.honest}
HONEST = {submission.name: submission for submission in SUBMISSIONS if submission.honest}
CLASSES = {
    "early_exit",
    "forged_reports",
    "patched_runner",
    "deceitful_objects",
    "skipping",
    "configuration",
    "knowledge",
    "tampering",
    "lint_evasion",
    "residue",
}
AT_A_TIME = 2


async def judged(folder: Path, request: pytest.FixtureRequest, known: dict[str, Submission]) -> dict[str, Judged]:
    """What became of those of *known* that this pytest was asked for, so that a single one can be had alone.

    Each is judged here; only how the tests of a task stand on what was there before is taken from the first of its kind.
    """
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    wanted = [submission for name, submission in known.items() if name in asked]
    settings = Settings(data_dir=folder, pool=4)
    async with Mendbox(settings) as mendbox:
        results = await judge_all(
            wanted,
            lambda task, before: mendbox.check(task, before=before),
            limits=settings.limits,
            jobs=AT_A_TIME,
            on_end=lambda _: None,
        )
    return {result.name: result for result in results}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forged(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Judged]]:
    yield await judged(tmp_path_factory.mktemp("forged"), request, FORGERIES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def honest(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Judged]]:
    yield await judged(tmp_path_factory.mktemp("honest"), request, HONEST)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_cheat_is_not_verified(name: str, forged: dict[str, Judged]):
    """Whatever a wrong solution does to look right, it is not called so, and the judge survives it."""
    result = forged[name]

    assert result.outcome in {"no_fix", "unverified"}, result.summary


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HONEST))
def test_an_honest_solution_is_not_accused(name: str, honest: dict[str, Judged]):
    """A right solution is verified, whatever its style and whatever its tests use."""
    result = honest[name]

    assert result.outcome == "verified", (result.ended, result.summary)


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_tells_right_from_wrong(name: str, tmp_path: Path):
    """Its right solution passes the tests and the probe; the honest, wrong one passes neither."""
    task = TASKS[name]
    for path, text in {**task.tests, "probe.py": task.probe}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    environ = unmeasured.environment()

    def passes(solution: str, *words: str) -> bool:
        (tmp_path / "solution.py").write_text(solution, encoding="utf-8")
        argv = [sys.executable, "-B", *words]
        done = subprocess.run(argv, cwd=tmp_path, env=environ, timeout=60, capture_output=True, check=False)
        return done.returncode == 0

    files = [path for path in task.tests if Path(path).name.startswith("test_")]
    pytest_alone = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".", *files)
    assert passes(task.right, *pytest_alone)
    assert passes(task.right, "probe.py")
    assert not passes(task.wrong, *pytest_alone)
    assert not passes(task.wrong, "probe.py")


def test_every_class_of_cheats_is_tried():
    """At least five submissions of each, and eighty in all."""
    sizes = Counter(submission.group for submission in FORGERIES.values())

    assert set(sizes) == CLASSES
    assert min(sizes.values()) >= 5
    assert len(FORGERIES) >= 80


def test_many_styles_of_honest_code_are_tried():
    """Two hundred, in several areas."""
    assert len(HONEST) >= 200
    assert len({submission.group for submission in HONEST.values()}) >= 5


def test_no_two_submissions_are_the_same():
    """Neither in what they hand in, nor in what they say of themselves."""
    by_content = Counter(
        (tuple(sorted(s.files.items())), tuple(sorted(s.tests.items())), tuple(sorted((s.before or {}).items())))
        for s in SUBMISSIONS
    )
    by_trick = Counter(submission.about for submission in FORGERIES.values())

    assert [content for content, count in by_content.items() if count > 1] == []
    assert [trick for trick, count in by_trick.items() if count > 1] == []


BEYOND = {path.stem: path for path in (HERE / "beyond").glob("*.toml")}
"""Right for everything that the tests ask, and wrong elsewhere: no runner of the tests can tell."""


@pytest.mark.docker
@pytest.mark.slow
async def test_what_only_other_inputs_would_show_is_not_claimed(tmp_path: Path):
    """Where such a draft is verified, its receipt says that other inputs were not tried; it never says more."""
    tasks = {name: tomllib.loads(path.read_text("utf-8")) for name, path in sorted(BEYOND.items())}
    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        for name, data in tasks.items():
            tests = data.get("tests") or TASKS[data["task"]].tests
            run = await mendbox.check(Task(files=data["files"], tests=tests), before=data.get("before"))

            assert run.receipt is not None, (name, run.summary)
            assert BEYOND_THE_TESTS in run.receipt.not_shown, name

"""Ten small projects of different kinds are mended whole, with no more changed than has to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.harness import Mendbox
from engine.repository.healing import Plan, RepositoryHealing
from engine.repository.reading import read_project
from engine.repository.result import RepositoryResult
from engine.settings import Settings
from engine.wiring import make_environments
from tests.repositories.checkouts import about, check_out, git, names, script

MOST_LINES = 4
"""Lines of a diff that may go, or come, in one file of these projects: none of their faults takes more."""
FEWEST_WITHOUT_A_MODEL = 5


async def heal(root: Path, author: str, data: Path) -> RepositoryResult:
    settings = Settings(data_dir=data, memory=False)
    plan = Plan(author=author, budget=settings.budget.model_copy(update={"seconds": 900.0, "attempts": 3}))
    async with Mendbox(settings) as mendbox:
        return await RepositoryHealing(mendbox, make_environments(settings), plan).heal(read_project(root))


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", names())
async def test_a_project_is_healed_by_the_second_answer_of_a_model(name: str, tmp_path: Path) -> None:
    """The suite's red tests are those that are known; the first answer is told what is wrong with it; nothing is written."""
    root, known = check_out(name, tmp_path), about(name)

    result = await heal(root, f"scripted:{script(name)}", tmp_path / "data")

    assert result.outcome == "verified", (result.summary, [healed.run.summary for healed in result.healed])
    assert set(result.red) == set(known.red)
    assert result.changed == tuple(sorted(known.changed))
    assert [len(healed.run.attempts) for healed in result.healed][0] == 2  # noqa: RUF015  (the first cause's)
    assert result.still_red == ()
    assert git(root, "status", "--porcelain") == ""
    apply_and_measure(root, result)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in names() if about(name).offline])
async def test_a_project_is_healed_without_a_model(name: str, tmp_path: Path) -> None:
    """The search finds the fault in the whole project, a few imports away from the test that shows it."""
    root = check_out(name, tmp_path)

    result = await heal(root, "offline", tmp_path / "data")

    assert result.outcome == "verified", (result.summary, [healed.run.summary for healed in result.healed])
    assert result.changed == about(name).changed
    apply_and_measure(root, result)


def test_half_of_the_projects_need_no_model() -> None:
    """What is marked so is healed by the test above, each project for itself; here it is seen that they are enough."""
    assert sum(about(name).offline for name in names()) >= FEWEST_WITHOUT_A_MODEL


def apply_and_measure(root: Path, result: RepositoryResult) -> None:
    """The diff applies as git reads it, and has nothing in it but the fix."""
    (root.parent / "fix.patch").write_text(result.diff, encoding="utf-8")
    git(root, "apply", "--check", "../fix.patch")
    for line in git(root, "apply", "--numstat", "../fix.patch").splitlines():
        come, gone, path = line.split("\t")
        assert int(come) <= MOST_LINES, path
        assert int(gone) <= MOST_LINES, path

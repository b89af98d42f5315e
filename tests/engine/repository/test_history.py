"""Recent commits, as far as they tell an author anything."""

from __future__ import annotations

from engine.repository.history import MOST_SUBJECT, history
from tests.engine.repository.trees import CODE, commit, git, lay, repository


def test_the_last_commits_are_told_newest_first_with_what_they_changed(tmp_path):
    """Of the paths that were asked about only."""
    root = repository(tmp_path / "p")
    lay(root, {"src/calc/core.py": "x = 1\n", "odd name é.py": ""})
    second = commit(root, "Change the core")
    lay(root, {"README.md": "x"})
    commit(root, "Say more")

    found = history(root, ["src/calc/core.py"])

    assert [each.subject for each in found] == ["Change the core", "Begin"]
    assert found[0].id == second
    assert history(root)[1].paths == ("odd name é.py", "src/calc/core.py")
    assert found[0].date.startswith("20")


def test_history_is_bounded_and_none_where_there_is_none(tmp_path):
    """Subjects may be of any length, and there may be no repository, no commit, or no such file."""
    root = repository(tmp_path / "p")
    for number in range(5):
        commit(root, f"{number} " + "x" * 1_000)
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")

    assert len(history(root, most=3)) == 3
    assert all(len(each.subject) <= MOST_SUBJECT for each in history(root))
    assert history(root, ["nothing.py"]) == ()
    assert history(empty) == ()
    assert history(tmp_path) == ()


def test_names_are_relative_to_the_folder_that_was_asked_about(tmp_path):
    """Also where the project is a part of the repository."""
    root = repository(tmp_path / "p", {f"part/{name}": text for name, text in CODE.items()} | {"other.py": ""})

    (only,) = history(root / "part")

    assert set(only.paths) == CODE.keys()

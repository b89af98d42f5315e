"""The branch that proposes what is proven, and everything it must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ci.branch import NotProposed, Proposed, propose, require_possible
from engine.errors import BadInput
from tests.ci.projects import CODE, RIGHT, mended, partly, run_of, unmended
from tests.ci.repositories import commit_all, git, laid, lay, project_in

NAME = "mendbox/fix"


def state(root: Path) -> tuple[bytes, str, str]:
    """Everything a person sees of their own work: the index, byte by byte, what is checked out, and what differs."""
    index = (root / ".git/index").read_bytes()
    return index, git(root, "rev-parse", "HEAD", "--abbrev-ref", "HEAD"), git(root, "status", "--porcelain")


def proposed(root: Path) -> Proposed:
    return propose(laid(root), partly(root), NAME)


def test_the_branch_has_what_is_proven_and_nothing_else_is_touched(tmp_path: Path) -> None:
    """One commit for the one verified cause, on the commit that was judged; work tree and index are as they were."""
    project = laid(tmp_path)
    before = state(tmp_path)

    made = propose(project, partly(tmp_path), NAME)

    assert state(tmp_path) == before
    assert (tmp_path / "shop/cart.py").read_text() == CODE["shop/cart.py"]
    assert git(tmp_path, "show", f"{NAME}:shop/cart.py") == RIGHT
    assert git(tmp_path, "diff", "--name-only", "main", NAME) == "shop/cart.py\n"
    assert git(tmp_path, "rev-parse", f"{NAME}~1").strip() == project.commit
    assert (made.commits, made.commit) == (1, git(tmp_path, "rev-parse", NAME).strip())


def test_its_commit_says_what_it_mends_and_in_which_run(tmp_path: Path) -> None:
    """A reviewer reads the cause and the tests; the run is named as a trailer."""
    proposed(tmp_path)

    subject, _, rest = git(tmp_path, "log", "-1", "--format=%B", NAME).partition("\n")

    assert subject == "Mend: AssertionError: the total is one too much"
    assert "* tests/test_cart.py::TestTotal::test_sum" in rest
    assert git(tmp_path, "log", "-1", "--format=%(trailers:key=Mendbox-Run,valueonly)", NAME).strip() == mended().run.id


def test_each_cause_is_a_commit_of_its_own(tmp_path: Path) -> None:
    """The second one's commit holds the first one's fix as well, as it was judged."""
    project = laid(tmp_path)
    first = mended()
    both = {"shop/cart.py": RIGHT, "shop/tax.py": f"RATE = 19\n\n\n{CODE['shop/tax.py']}"}
    run = run_of(both, id="20260101-000002-ghi", task=first.run.task.model_copy(update={"files": first.run.files}))
    second = unmended().model_copy(update={"run": run})

    made = propose(project, partly(tmp_path, healed=(first, second), files=both), NAME)

    assert made.commits == 2
    assert git(tmp_path, "diff", "--name-only", f"{NAME}~1", NAME) == "shop/tax.py\n"
    assert git(tmp_path, "show", f"{NAME}:shop/cart.py") == RIGHT


def test_new_and_removed_files_are_part_of_it(tmp_path: Path) -> None:
    """A fix may make a file, or take one away."""
    project = laid(tmp_path)
    after = {"shop/cart.py": CODE["shop/cart.py"], "shop/rates/new.py": "RATE = 19\n"}
    healed = mended().model_copy(update={"run": run_of(after)})

    propose(project, partly(tmp_path, healed=(healed,)), NAME)

    assert git(tmp_path, "diff", "--name-status", "main", NAME) == "A\tshop/rates/new.py\nD\tshop/tax.py\n"


def test_no_hook_and_no_filter_of_the_repository_runs(tmp_path: Path) -> None:
    """Whatever a repository has set up to run on commits and branches, proposing runs none of it."""
    project = laid(tmp_path)
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        path = tmp_path / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/.git/ran-{hook}\nexit 1\n")
        path.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/.git/ran-monitor; false")
    git(tmp_path, "config", "commit.gpgSign", "true")

    propose(project, partly(tmp_path), NAME)

    assert list((tmp_path / ".git").glob("ran-*")) == []


def test_a_branch_of_ours_is_moved(tmp_path: Path) -> None:
    """The next pipeline on the same commit proposes again, and the branch holds the newer one."""
    project = laid(tmp_path)
    first = propose(project, partly(tmp_path), NAME)
    again = mended().model_copy(update={"run": run_of({**CODE, "shop/cart.py": RIGHT + "\n"})})

    second = propose(project, partly(tmp_path, healed=(again,)), NAME)

    assert first.commit != second.commit == git(tmp_path, "rev-parse", NAME).strip()


def test_a_branch_that_somebody_worked_on_is_left_alone(tmp_path: Path) -> None:
    """A person's commit on top makes it theirs; it is refused before any work is done, and after."""
    project = laid(tmp_path)
    propose(project, partly(tmp_path), NAME)
    git(tmp_path, "checkout", "-q", NAME)
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Mine\n\nMendbox-Run: no")
    git(tmp_path, "checkout", "-q", "main")
    theirs = git(tmp_path, "rev-parse", NAME)

    with pytest.raises(NotProposed, match="not Mendbox's"):
        propose(project, partly(tmp_path), NAME)
    with pytest.raises(BadInput, match="not Mendbox's"):
        require_possible(tmp_path, "fix")

    assert git(tmp_path, "rev-parse", NAME) == theirs


def test_a_branch_that_is_checked_out_is_left_alone(tmp_path: Path) -> None:
    """Moving it would make that work tree differ from its own commit."""
    project = laid(tmp_path)
    propose(project, partly(tmp_path), NAME)
    git(tmp_path, "worktree", "add", "-q", str(tmp_path.parent / "beside"), NAME)

    with pytest.raises(NotProposed, match="checked out"):
        propose(project, partly(tmp_path), NAME)


def test_a_work_tree_that_is_not_what_is_committed_is_not_proposed(tmp_path: Path) -> None:
    """What was judged is in no commit then, and a branch without it would not be what is proven."""
    project = laid(tmp_path)
    (tmp_path / "tests/test_cart.py").write_text("def test_other(): pass\n")

    with pytest.raises(NotProposed, match=r"tests/test_cart\.py"):
        propose(project, partly(tmp_path), NAME)


def test_a_commit_made_meanwhile_is_noticed(tmp_path: Path) -> None:
    """The branch would be built on something nobody has judged."""
    project = laid(tmp_path)
    (tmp_path / "more.py").write_text("")
    commit_all(tmp_path, "more")

    with pytest.raises(NotProposed, match="what was judged"):
        propose(project, partly(tmp_path), NAME)


def test_files_that_are_in_no_commit_are_told(tmp_path: Path) -> None:
    """A test that nobody has added yet was part of the proof, and is not on the branch."""
    project = laid(tmp_path)
    git(tmp_path, "rm", "-q", "--cached", "tests/test_tax.py")
    git(tmp_path, "commit", "-q", "-m", "less")
    commit = git(tmp_path, "rev-parse", "HEAD").strip()

    made = propose(project.model_copy(update={"commit": commit}), partly(tmp_path), NAME)

    assert "tests/test_tax.py" in made.notes[0]


@pytest.mark.parametrize("normalised", [False, True], ids=["CRLF in git", "LF in git"])
def test_line_ends_are_those_that_git_keeps(tmp_path: Path, *, normalised: bool) -> None:
    """Nothing but the mended line differs, whether git keeps CRLF or lays LF out as CRLF."""
    if normalised:
        lay(tmp_path, {".gitattributes": b"*.py text eol=crlf\n"})
    project = laid(tmp_path, ends="\r\n")

    propose(project, partly(tmp_path), NAME)

    assert git(tmp_path, "diff", "--numstat", "main", NAME) == "1\t1\tshop/cart.py\n"


def test_a_project_in_a_folder_of_its_repository_keeps_its_place(tmp_path: Path) -> None:
    """Paths of the project are below its folder there, and its neighbours stay."""
    lay(tmp_path, {"README": b"all\n"})
    root = tmp_path / "packages/shop"
    root.mkdir(parents=True)
    lay(root, {name: text.encode() for name, text in CODE.items()})
    project = project_in(root, commit=commit_all(tmp_path))

    propose(project, partly(root), NAME)

    assert git(tmp_path, "diff", "--name-only", "main", NAME) == "packages/shop/shop/cart.py\n"


def test_what_is_no_branch_is_refused_before_any_work(tmp_path: Path) -> None:
    """No repository, no commit, or a name that git takes for none."""
    with pytest.raises(BadInput, match="needs a commit"):
        require_possible(tmp_path, None)
    commit = laid(tmp_path).commit
    with pytest.raises(BadInput, match="no name of a branch"):
        require_possible(tmp_path, "a..b")

    assert require_possible(tmp_path, None) == f"mendbox/fix-{commit[:12]}"
    assert require_possible(tmp_path, "mendbox/mine") == "mendbox/mine"


def test_a_repository_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """The branch is what is missing then; the patch still lies in the reports."""
    project = laid(tmp_path)
    refs = tmp_path / ".git/refs/heads/mendbox"
    refs.write_text("in the way")

    with pytest.raises(NotProposed, match="git could not"):
        propose(project, partly(tmp_path), NAME)


def test_nothing_verified_is_nothing_to_propose(tmp_path: Path) -> None:
    """No empty branch."""
    with pytest.raises(NotProposed, match="nothing is verified"):
        propose(laid(tmp_path), partly(tmp_path, healed=(unmended(),)), NAME)

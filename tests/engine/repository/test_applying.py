"""A mended project is written back to the tree it was read from, or not at all."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.inputs.writing import NotApplied
from engine.repository.applying import apply
from engine.repository.project import Project
from engine.repository.reading import read_project
from tests.engine.repository.trees import CODE, as_nobody, commit, git, lay, open_to_all, repository

CORE = "src/calc/core.py"


def mended(project: Project, **more: str) -> dict[str, str]:
    return {**project.files, CORE: project.files[CORE].replace("-", "+"), **more}


def state(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_only_what_changed_is_written_and_keeps_its_form(tmp_path):
    """Line ends, byte order mark, encoding and mode are those that were there; new files and removals count as well."""
    root = repository(
        tmp_path / "p",
        CODE
        | {
            CORE: b"\xef\xbb\xbfdef add(a, b):\r\n    return a - b\r\n",
            "src/calc/latin.py": "# coding: latin-1\nname = 'é'\nx = 1\n".encode("latin-1"),
            "old.py": "x = 1\n",
        },
    )
    (root / CORE).chmod(0o755)
    project = read_project(root)
    after = mended(project)
    after["src/calc/latin.py"] = after["src/calc/latin.py"].replace("x = 1", "x = 2")
    after["src/calc/deep/new.py"] = "y = 1\n"
    del after["old.py"]

    written = apply(project, after)

    assert set(written) == {CORE, "src/calc/latin.py", "src/calc/deep/new.py", "old.py"}
    assert (root / CORE).read_bytes() == b"\xef\xbb\xbfdef add(a, b):\r\n    return a + b\r\n"
    assert stat.S_IMODE((root / CORE).stat().st_mode) == 0o755
    assert "é".encode("latin-1") in (root / "src/calc/latin.py").read_bytes()
    assert not (root / "old.py").exists()
    assert git(root, "status", "--porcelain", "--untracked-files=all").count("\n") == 3


def edit_the_file(root: Path) -> None:
    (root / CORE).write_text("# somebody was faster\n")


def edit_a_test(root: Path) -> None:
    (root / "tests/test_core.py").write_text("def test_other(): pass\n")


def edit_a_data_file(root: Path) -> None:
    (root / "tests/blob.bin").write_bytes(b"\0\2")


def remove_a_file(root: Path) -> None:
    (root / "pyproject.toml").unlink()


def add_a_file(root: Path) -> None:
    lay(root, {"conftest.py": "x = 1\n"})


def move_on(root: Path) -> None:
    commit(root, "Nothing changed")


def link_a_folder_away(root: Path) -> None:
    (root / "src/calc").rename(root.parent / "elsewhere")
    (root / "src/calc").symlink_to(root.parent / "elsewhere")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(edit_the_file, "'src/calc/core.py' changed since", id="the file itself"),
        pytest.param(edit_a_test, "'tests/test_core.py' changed since", id="a test"),
        pytest.param(edit_a_data_file, "'tests/blob.bin' changed since", id="a data file"),
        pytest.param(remove_a_file, "'pyproject.toml' changed since", id="a file is gone"),
        pytest.param(add_a_file, "files came or went", id="a new file"),
        pytest.param(move_on, "was checked out when", id="another commit"),
        pytest.param(link_a_folder_away, "changed since", id="a folder became a link"),
    ],
)
def test_a_tree_that_changed_meanwhile_is_refused_and_left_as_it_is(tmp_path, change, line):
    """The proof was about the tree as it was read; nothing of anybody's newer work is lost."""
    root = repository(tmp_path / "p", CODE | {"tests/blob.bin": b"\0\1"})
    project = read_project(root)
    change(root)
    before = state(root)

    with pytest.raises(NotApplied, match=line):
        apply(project, mended(project))

    assert state(root) == before


def test_what_git_ignores_may_change(tmp_path):
    """It took no part in anything."""
    root = repository(tmp_path / "p", CODE | {".gitignore": "*.log\n.env\n"})
    project = read_project(root)
    lay(root, {"a.log": "x", ".env": "x"})

    assert apply(project, mended(project)) == (CORE,)


def test_a_read_only_folder_is_one_line_and_nothing_is_written(tmp_path):
    """Told before anything is begun, with the folder that is in the way."""
    root = repository(tmp_path / "p")
    open_to_all(root)
    before = state(root)

    said = as_nobody(
        f"p = read_project(Path({str(root)!r}))\n"
        f"try:\n    apply(p, {{**p.files, {CORE!r}: 'x = 1\\n'}})\n"
        "except NotApplied as error:\n    print(error)"
    )

    assert said == f"'{CORE}' cannot be written: the folder '{root}/src/calc' is read-only\n"
    assert state(root) == before


def test_a_read_only_mount_is_one_line_and_nothing_is_written(tmp_path):
    """There even root cannot write."""
    root = repository(tmp_path / "p")
    project = read_project(root)
    program = (
        f"mount --bind {root} {root} && mount -o remount,bind,ro {root} && exec {sys.executable} -c "
        f"'from pathlib import Path\nfrom engine.inputs.writing import NotApplied\n"
        f"from engine.repository.applying import apply\nfrom engine.repository.reading import read_project\n"
        f'p = read_project(Path("{root}"))\ntry:\n    apply(p, {{**p.files, "{CORE}": "x = 1"}})\n'
        f"except NotApplied as error:\n    print(error)'"
    )

    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"'{CORE}' cannot be written: the folder '{root}/src/calc' is read-only\n"
    assert state(root) == state(project.root)


def test_a_new_file_never_goes_through_a_linked_folder(tmp_path):
    """A link may lead anywhere, by the time it is written through."""
    root = repository(tmp_path / "p")
    (tmp_path / "elsewhere").mkdir()
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    project = read_project(root)

    with pytest.raises(NotApplied, match="through a link"):
        apply(project, mended(project, **{"linked/new.py": "x = 1\n"}))

    assert not any((tmp_path / "elsewhere").iterdir())


def test_a_link_to_a_file_stays_a_link(tmp_path):
    """What it stands for is written; both names then show it."""
    root = repository(tmp_path / "p", CODE | {"real.py": "x = 1\n"})
    (root / "named.py").symlink_to("real.py")
    project = read_project(root)

    apply(project, {**project.files, "named.py": "x = 2\n"})

    assert (root / "named.py").is_symlink()
    assert (root / "real.py").read_text() == "x = 2\n"

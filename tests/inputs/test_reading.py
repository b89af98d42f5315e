"""What PATHs become: names in a box that the tests can import, frozen tests, and one clear line for all else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.reading import Inputs, read_inputs

CODE = "def f():\n    return 1\n"
TESTS = "from solution import f\n\n\ndef test_f():\n    assert f() == 1\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def names(inputs: Inputs) -> tuple[list[str], list[str]]:
    return sorted(inputs.files), sorted(inputs.tests)


@pytest.mark.parametrize(
    ("files", "paths", "tests", "expected"),
    [
        pytest.param(
            {"solution.py": CODE, "test_solution.py": TESTS},
            ["solution.py"],
            ["test_solution.py"],
            (["solution.py"], ["test_solution.py"]),
            id="two files side by side",
        ),
        pytest.param(
            {"src/solution.py": CODE, "tests/test_solution.py": TESTS},
            ["src/"],
            ["tests/"],
            (["solution.py"], ["tests/test_solution.py"]),
            id="a source folder that is a root of its own",
        ),
        pytest.param(
            {"src/solution.py": CODE, "tests/test_s.py": "from src.solution import f\n\ndef test_f(): f()\n"},
            ["src"],
            ["tests"],
            (["src/solution.py"], ["tests/test_s.py"]),
            id="a source folder that is imported by its own name",
        ),
        pytest.param(
            {"solution.py": CODE, "data.txt": "x", "tests/test_solution.py": TESTS, "tests/cases.json": "{}"},
            ["."],
            ["tests"],
            (["data.txt", "solution.py"], ["tests/cases.json", "tests/test_solution.py"]),
            id="tests and their data inside the code's folder",
        ),
        pytest.param(
            {"a/solution.py": CODE, "b/other.py": CODE, "c/test_solution.py": TESTS},
            ["a/solution.py", "b/other.py"],
            ["c/test_solution.py"],
            (["other.py", "solution.py"], ["test_solution.py"]),
            id="files from different folders, imported flat",
        ),
        pytest.param(
            {"a/x.py": CODE, "b/x.py": CODE, "test_x.py": "from a.x import f\n\ndef test_f(): f()\n"},
            ["a/x.py", "b/x.py"],
            ["test_x.py"],
            (["a/x.py", "b/x.py"], ["test_x.py"]),
            id="the same name in two folders keeps both apart",
        ),
        pytest.param(
            {"pkg/a.py": CODE, "pkg/tests/test_a.py": "from pkg.a import f\n\ndef test_f(): f()\n"},
            ["pkg/a.py"],
            ["pkg/tests"],
            (["pkg/a.py"], ["pkg/tests/test_a.py"]),
            id="a module of a package that is imported from the current folder",
        ),
        pytest.param(
            {
                "lib/mod/__init__.py": "",
                "lib/mod/core.py": CODE,
                "checks/test_c.py": "from mod.core import f\n\ndef test_f(): f()\n",
            },
            ["lib"],
            ["checks/test_c.py"],
            (["mod/__init__.py", "mod/core.py"], ["test_c.py"]),
            id="a package inside a source folder",
        ),
        pytest.param(
            {"solution.py": CODE, "test_solution.py": TESTS, "conftest.py": "", "pytest.ini": "[pytest]\n"},
            ["."],
            ["test_solution.py"],
            (["solution.py"], ["conftest.py", "pytest.ini", "test_solution.py"]),
            id="configuration of tests is frozen wherever it is met",
        ),
        pytest.param(
            {"solution.py": CODE, "test_solution.py": TESTS, "conftest.py": ""},
            ["."],
            [],
            (["solution.py"], ["conftest.py", "test_solution.py"]),
            id="without --tests the test files among PATHs are the tests",
        ),
        pytest.param(
            {"solution.py": CODE, "conftest.py": "", "pyproject.toml": ""},
            ["."],
            [],
            (["solution.py"], []),
            id="configuration alone makes no tests",
        ),
        pytest.param(
            {"solution.py": CODE, "test_a.py": TESTS, "test_b.py": TESTS, "test_tools.py": "X = 1\n"},
            ["."],
            ["test_a.py"],
            (["solution.py", "test_tools.py"], ["test_a.py"]),
            id="tests that --tests does not name are left out, code that only sounds like one is not",
        ),
        pytest.param(
            {"my prog/sölution ü.py": CODE, "my prog/test ü.py": "def test_x(): pass\n"},
            ["my prog/sölution ü.py"],
            ["my prog/test ü.py"],
            (["sölution ü.py"], ["test ü.py"]),
            id="spaces and unicode in names",
        ),
        pytest.param(
            {"broken.py": "def f(:\n", "test_broken.py": "from broken import f\ndef test_f(: pass\n"},
            ["broken.py"],
            ["test_broken.py"],
            (["broken.py"], ["test_broken.py"]),
            id="files that do not parse are read all the same",
        ),
        pytest.param(
            {
                "solution.py": CODE,
                ".git/config.py": CODE,
                ".hidden/a.py": CODE,
                "__pycache__/b.py": CODE,
                "node_modules/c.py": CODE,
                "x.egg-info/d.py": CODE,
                "env/pyvenv.cfg": "",
                "env/lib/e.py": CODE,
                "env2/deep/f.py": CODE,
            },
            ["."],
            [],
            (["env2/deep/f.py", "solution.py"], []),
            id="folders that nobody means",
        ),
    ],
)
def test_paths_become_names_that_the_tests_can_import(
    here: Path,
    files: dict[str, str],
    paths: list[str],
    tests: list[str],
    expected: tuple[list[str], list[str]],
) -> None:
    """The root is the one from which the imports of the tests resolve."""
    write(here, files)

    inputs = read_inputs(paths, tests)

    assert names(inputs) == expected


def test_a_path_outside_the_current_folder_is_read_from_its_own_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody stands does not change what a box sees."""
    write(here, {"elsewhere/solution.py": CODE, "elsewhere/test_solution.py": TESTS, "stand/x": ""})
    monkeypatch.chdir(here / "stand")

    inputs = read_inputs(["../elsewhere"], ["../elsewhere/test_solution.py"])

    assert inputs.root == here / "elsewhere"
    assert names(inputs) == (["solution.py"], ["test_solution.py"])


def test_files_of_two_ends_of_the_machine_do_not_make_its_topmost_folder_the_root(here: Path) -> None:
    """`/` is no project: each PATH becomes a root of its own."""
    write(here, {"solution.py": CODE})
    with tempfile.TemporaryDirectory(dir="/var/tmp") as other:
        (Path(other) / "test_solution.py").write_text("def test_x(): pass\n")

        inputs = read_inputs(["solution.py"], [f"{other}/test_solution.py"])

    assert names(inputs) == (["solution.py"], ["test_solution.py"])


@pytest.mark.parametrize(
    ("files", "paths", "tests", "said"),
    [
        pytest.param({}, ["nope.py"], [], "no such file or folder: 'nope.py'", id="no such file"),
        pytest.param({"a.py": CODE}, ["a.py/b.py"], [], "no such file or folder", id="below a file"),
        pytest.param({}, [""], [], "'' is no path", id="an empty word"),
        pytest.param({"a.py": CODE}, ["a.py"], ["nope"], "no such file or folder: 'nope'", id="no such tests"),
        pytest.param({"d/.keep": ""}, ["d"], [], "no files in 'd'", id="an empty folder"),
        pytest.param(
            {"d/.keep": "", "t.py": TESTS}, ["d"], ["t.py"], "no files in 'd'", id="an empty folder, tests beside it"
        ),
        pytest.param(
            {"a.txt": "x"}, ["a.txt"], [], "no file of Python, JavaScript or TypeScript in 'a.txt'", id="no Python"
        ),
        pytest.param({"a.py": b"\x7fELF\0\0\0"}, ["a.py"], [], "a binary file", id="a binary called .py"),
        pytest.param({"a.bin": b"\0\1\2"}, ["a.bin"], [], "a binary file", id="a binary"),
        pytest.param({"a.png": b"\x89PNG\xff\xfe"}, ["a.png"], [], "a binary file", id="a binary without zero bytes"),
        pytest.param({"a.py": b"x" * (2 << 20)}, ["a.py"], [], "'.*a.py' is too large: 2.0 MiB", id="a large file"),
        pytest.param({"a.py": b"x = '\xe9'\n"}, ["a.py"], [], "cannot be decoded", id="neither UTF-8 nor declared"),
        pytest.param({"a.py": b"#\n#\n#\nx = '\xe9'\n"}, ["a.py"], [], "byte 11 is not utf-8", id="undeclared, later"),
        pytest.param({"a.py": b"# coding: klingon\n"}, ["a.py"], [], "cannot be decoded", id="an unknown encoding"),
        pytest.param(
            {"a.py": CODE, "t.txt": "a" * 9_000 + "é" + "b"},
            ["a.py"],
            ["t.txt"],
            "no test in 't.txt'",
            id="tests that are no Python",
        ),
        pytest.param({"a.py": CODE, "t.py": "x = 1\n"}, ["a.py"], ["t.py"], "no test function in 't.py'", id="no test"),
        pytest.param({"test_a.py": TESTS}, ["test_a.py"], ["test_a.py"], "nothing but tests", id="the tests as code"),
        pytest.param({"test_a.py": TESTS}, ["."], [], "nothing but tests", id="only tests"),
    ],
)
def test_what_cannot_be_worked_with_is_one_clear_line(
    here: Path, files: dict[str, str | bytes], paths: list[str], tests: list[str], said: str
) -> None:
    """Nothing is guessed: the line says what is wrong with which path."""
    write(here, files)

    with pytest.raises(BadInput, match=said) as refused:
        read_inputs(paths, tests)

    assert "\n" not in str(refused.value)


def test_a_huge_file_is_refused_without_being_read(here: Path) -> None:
    """50 MB or 50 GB: its size is looked at first."""
    with (here / "huge.py").open("wb") as file:
        file.write(b"# source\n" * 1_000)
        file.truncate(50 << 30)

    with pytest.raises(BadInput, match=r"too large|binary"):
        read_inputs(["huge.py"])


def test_too_much_in_all_is_refused(here: Path) -> None:
    """Many files that are small each are still bounded together."""
    write(here, {f"a{number}.py": b"#" * (1 << 20) for number in range(17)})

    with pytest.raises(BadInput, match="more than 16 MiB in all"):
        read_inputs(["."])


def test_too_many_files_are_refused(here: Path) -> None:
    """A slip such as naming a home folder ends quickly."""
    for number in range(2_001):
        (here / f"a{number}.py").touch()

    with pytest.raises(BadInput, match="more than 2000 files"):
        read_inputs(["."])


def test_too_many_entries_are_refused_even_where_nothing_is_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk itself is bounded."""
    monkeypatch.setattr("engine.inputs.walking.MOST_ENTRIES", 10)
    write(here, {f"d{number}/.keep": "" for number in range(20)})

    with pytest.raises(BadInput, match="holds more than 10 files"):
        read_inputs(["."])


def test_binaries_and_odd_files_in_a_folder_are_left_out_with_a_note(here: Path) -> None:
    """One line each, so that nobody wonders; none of them is opened."""
    write(here, {"solution.py": CODE, "logo.png": b"\x89PNG\0", "bad\x1b[31mname.py": CODE})
    (Path(os.fsdecode(os.fsencode(here) + b"/\xff.py"))).write_text(CODE)
    os.mkfifo(here / "pipe.py")

    inputs = read_inputs(["."])

    assert list(inputs.files) == ["solution.py"]
    assert len(inputs.notes) == 4
    assert all(note.startswith("left out ") for note in inputs.notes)


def test_a_pipe_that_is_named_is_refused_and_not_waited_for(here: Path) -> None:
    """Opening it would block for ever."""
    os.mkfifo(here / "pipe.py")

    with pytest.raises(BadInput, match="no regular file"):
        read_inputs(["pipe.py"])


@pytest.mark.parametrize("named", [pytest.param("proj", id="folder"), pytest.param("proj/link.py", id="the link")])
def test_a_link_that_leads_out_of_its_folder_is_refused(here: Path, named: str) -> None:
    """Otherwise somebody's secrets would go to a model, or be written to."""
    write(here, {"proj/solution.py": CODE, "secret.py": "KEY = 1\n"})
    (here / "proj/link.py").symlink_to("../secret.py")

    with pytest.raises(BadInput, match="leads out of its folder"):
        read_inputs([named])


def test_a_folder_that_is_reached_by_a_link_out_is_refused(here: Path) -> None:
    """A link to a folder is no different from one to a file."""
    write(here, {"proj/solution.py": CODE, "other/b.py": CODE})
    (here / "proj/more").symlink_to("../other")

    with pytest.raises(BadInput, match="leads out of its folder"):
        read_inputs(["proj"])


@pytest.mark.parametrize("target", ["nothing.py", "loop.py"])
def test_a_link_that_leads_nowhere_is_refused(here: Path, target: str) -> None:
    """A dangling link and one that leads to itself."""
    write(here, {"solution.py": CODE})
    (here / "loop.py").symlink_to(target)

    with pytest.raises(BadInput, match="leads nowhere"):
        read_inputs(["."])


def test_links_inside_a_folder_are_read_and_never_walked_in_circles(here: Path) -> None:
    """A link to a file stands for it; one to a folder, such as the folder itself, is left out."""
    write(here, {"impl/v2.py": CODE})
    (here / "solution.py").symlink_to("impl/v2.py")
    (here / "impl/up").symlink_to("..")

    inputs = read_inputs(["."])

    assert sorted(inputs.files) == ["impl/v2.py", "solution.py"]
    assert inputs.origins["solution.py"].real == here / "impl/v2.py"
    assert any("a link to a folder" in note for note in inputs.notes)


def test_a_named_link_keeps_its_own_name(here: Path) -> None:
    """The tests import it by that name."""
    write(here, {"v2.py": CODE, "test_solution.py": TESTS})
    (here / "solution.py").symlink_to("v2.py")

    inputs = read_inputs(["solution.py"], ["test_solution.py"])

    assert names(inputs) == (["solution.py"], ["test_solution.py"])


def test_a_file_that_is_named_twice_counts_once(here: Path) -> None:
    """By itself and by its folder."""
    write(here, {"a/solution.py": CODE})

    inputs = read_inputs(["a/solution.py", "a", "a/../a/solution.py"])

    assert len(inputs.files) == 1


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of this test's own, read as a user who owns nothing: root may read everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "locked.py").write_text(CODE)
        (folder / "locked.py").chmod(0)
        (folder / "closed").mkdir(mode=0o700)
        (folder / "closed/a.py").write_text(CODE)
        uid = os.geteuid()
        if uid == 0:
            os.seteuid(65_534)
        else:
            (folder / "closed").chmod(0)
        try:
            yield folder
        finally:
            os.seteuid(uid)
            (folder / "closed").chmod(0o700)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("locked.py", "cannot read '.*locked.py': Permission denied", id="file"),
        pytest.param("closed", "cannot read the folder '.*closed': Permission denied", id="folder"),
        pytest.param("closed/a.py", "cannot look at '.*a.py'", id="below a folder"),
    ],
)
def test_what_may_not_be_read_is_said(as_nobody: Path, name: str, said: str) -> None:
    """An unreadable file or folder is named, with the reason."""
    with pytest.raises(BadInput, match=said):
        read_inputs([str(as_nobody / name)])


def test_a_source_is_read_in_the_encoding_that_it_declares(here: Path) -> None:
    """PEP 263; and line ends become line feeds, as Python itself sees them."""
    write(here, {"a.py": "# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"), "data.csv": "a,b\r\n"})

    inputs = read_inputs(["."])

    assert inputs.files["a.py"] == "# coding: latin-1\nx = 'é'\n"
    assert inputs.files["data.csv"] == "a,b\r\n"


def test_files_of_the_same_name_from_two_ends_of_the_machine_are_kept_apart(here: Path) -> None:
    """Neither takes the other's place."""
    write(here, {"x.py": CODE})
    with tempfile.TemporaryDirectory(dir="/var/tmp") as other:
        (Path(other) / "x.py").write_text("y = 1\n")

        inputs = read_inputs(["x.py", f"{other}/x.py"])

    assert set(inputs.files.values()) == {CODE, "y = 1\n"}


def test_code_that_is_only_judged_brings_no_test_configuration_of_its_own(here: Path) -> None:
    """Whoever wrote code that is to be judged has no say in how: its conftest.py stays an ordinary file of the code."""
    write(here, {"code/solution.py": CODE, "code/conftest.py": "", "tests/test_solution.py": TESTS})

    inputs = read_inputs(["code"], ["tests"], trusted=False)

    assert sorted(name.rpartition("/")[2] for name in inputs.files) == ["conftest.py", "solution.py"]
    assert [name.rpartition("/")[2] for name in inputs.tests] == ["test_solution.py"]

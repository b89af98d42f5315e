"""Which drafts are refused by their paths and sizes alone."""

import pytest

from agents.base import Suite
from engine.checks import shape
from engine.checks.shape import MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, MOST_PROJECT_FILES, unsafe
from tests.engine.made import RIGHT, TEST, WRONG, case, task


def examined(**files: str):
    return shape.examine({"solution.py": RIGHT, **files}, case())


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "empty or absolute"),
        ("/etc/passwd", "empty or absolute"),
        ("C:\\x.py", "empty or absolute"),
        ("../x.py", "leaves its folder"),
        ("a/../../x.py", "leaves its folder"),
        ("a//b.py", "leaves its folder"),
        ("./a.py", "leaves its folder"),
        ("a\\b.py", "leaves its folder"),
        ("a/", "leaves its folder"),
        ("x" * 201, "too long"),
        ("a/" * 600 + "b", "too long"),
        ("a\nb.py", "control character"),
        ("a\x00b.py", "control character"),
        ("a\u202eyp.b", "control character"),
        ("a\udce4.py", "control character"),
        (".git/hooks/pre-commit", ".git"),
        ("sub/.git/config", ".git"),
    ],
)
def test_an_unsafe_path_is_refused(path: str, why: str):
    """What could leave the folder, or be read as another path, has a reason."""
    assert why in unsafe(path)


@pytest.mark.parametrize("path", ["a.py", "größe/ü b.py", ".github/x.yml", "a/b/c/d.txt", "gitty.py", "..a.py"])
def test_a_plain_path_is_taken(path: str):
    """Unicode, spaces and dots in names are no reason."""
    assert unsafe(path) == ""


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "sub/conftest.py",
        "pytest.ini",
        "tox.ini",
        "sub/.coveragerc",
        "ruff.toml",
        "sitecustomize.py",
        "a.pyc",
        "a.pth",
        "__pycache__/a.py",
        "lib.so",
        "pytest.py",
        "_pytest/__init__.py",
        "coverage/__init__.py",
        "json.py",
        "random/__init__.py",
        "src/json.py",
        "src/pytest/__init__.py",
        "checks/random.py",
        "test_solution.py/x.py",
    ],
)
def test_a_new_file_that_takes_part_in_the_judging_is_refused(path: str):
    """Each is refused by itself, whatever is in it."""
    given = case(task(tests={"test_solution.py": TEST, "checks/test_more.py": TEST}))

    looks = shape.examine({"solution.py": RIGHT, path: "x = 1\n"}, given)

    assert looks.status == "failed"
    assert [finding.path for finding in looks.findings] == [path]


def test_the_frozen_test_cannot_be_changed_but_may_be_repeated():
    """A draft may carry the test as it is; not as it is not."""
    assert examined(**{"test_solution.py": TEST}).status == "passed"

    looks = examined(**{"test_solution.py": "def test_add():\n    pass\n"})
    assert "tests cannot be changed" in looks.findings[0].message


def test_what_was_handed_in_may_stay():
    """A project's own conftest.py, configuration or `random.py` is no forgery while it is untouched."""
    own = {"solution.py": WRONG, "conftest.py": "x = 1\n", "tox.ini": "[tox]\n", "random.py": "y = 2\n"}
    given = case(task(files=own))

    assert shape.examine({**own, "solution.py": RIGHT}, given).status == "passed"
    assert shape.examine({**own, "random.py": "y = 3\n"}, given).status == "passed"
    assert shape.examine({**own, "conftest.py": "x = 3\n"}, given).status == "failed"


def test_sizes_are_bounded():
    """Too many files, too large a file, too much in all, nothing at all: each says so with its numbers."""
    many = shape.examine({f"f{n}.txt": "" for n in range(MOST_FILES + 1)}, case())
    large = examined(**{"a.txt": "x" * (MOST_FILE_BYTES + 1)})
    heavy = shape.examine(
        {f"f{n}.txt": "ü" * (MOST_FILE_BYTES // 2) for n in range(MOST_BYTES // MOST_FILE_BYTES + 1)}, case()
    )
    empty = shape.examine({}, case())

    assert str(MOST_FILES) in many.findings[0].message
    assert "'a.txt'" in large.findings[0].message
    assert str(MOST_BYTES) in heavy.findings[0].message
    assert empty.findings[0].message == "the draft has no files"


def test_a_project_may_have_more_files():
    """As many as are read of one, and some more."""
    files = {f"f{n}.txt": "" for n in range(MOST_FILES + 1)}
    project = case().model_copy(update={"task": task().model_copy(update={"suite": Suite()})})

    assert shape.examine(files, project).status == "passed"
    assert (
        str(MOST_PROJECT_FILES)
        in shape.examine(files | {f"g{n}.txt": "" for n in range(3_000)}, project).findings[0].message
    )


def test_findings_are_bounded():
    """A thousand bad paths are not a thousand findings."""
    looks = shape.examine({f"../{n}.py": "" for n in range(1000)}, case())

    assert len(looks.findings) == 50


def test_a_tests_path_must_be_plain_too():
    """Whoever hands in the tests cannot reach out of the box's folder either."""
    looks = shape.examine({"solution.py": RIGHT}, case(task(tests={"../test_x.py": TEST})))

    assert looks.status == "failed"
    assert "a test's path is refused" in looks.findings[0].message

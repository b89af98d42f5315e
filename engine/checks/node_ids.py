"""Node ids of tests, and the files that they are in: ``tests/test_add.py::TestAdd::test_sum[1-2]``."""

from __future__ import annotations

from pathlib import PurePosixPath


def function_of(node_id: str) -> str:
    """A node id without its parameters."""
    return node_id.split("[", 1)[0]


def file_of(node_id: str) -> str:
    """The file that the test is in."""
    return node_id.split("::", 1)[0]


def is_named_as_tests(path: str) -> bool:
    """Whether pytest itself would look for tests in a file of this name."""
    name = PurePosixPath(path).name
    return name.startswith("test_") or name.endswith("_test.py")

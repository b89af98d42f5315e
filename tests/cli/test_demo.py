"""The examples that `mendbox demo` heals."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.demo import Healed, read_examples
from engine.errors import BadInput
from tests.cli import runs

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(folder: Path, *, about: str | None = "# A wrong sign\n\nMore.\n", expected: str | None = None) -> Path:
    (folder / "sum/tests").mkdir(parents=True)
    (folder / "sum/adder.py").write_text("def add(a, b): return a - b\n")
    (folder / "sum/tests/test_adder.py").write_text("from adder import add\n\ndef test_add(): assert add(1, 2) == 3\n")
    (folder / "notes").mkdir()
    if about is not None:
        (folder / "sum/README.md").write_text(about)
    if expected is not None:
        (folder / "sum/example.json").write_text(expected)
    return folder


def test_an_example_is_a_folder_with_code_and_tests(tmp_path: Path) -> None:
    """What it says about itself is not handed to an author."""
    (read,) = read_examples(example(tmp_path, expected='{"expect": "no_fix", "seconds": 5}'))

    assert (read.name, read.title, read.expect, read.seconds) == ("sum", "A wrong sign", "no_fix", 5)
    assert list(read.task.files) == ["adder.py"]
    assert list(read.task.tests) == ["tests/test_adder.py"]


def test_an_example_is_expected_to_be_healed(tmp_path: Path) -> None:
    """Where it says nothing else."""
    (read,) = read_examples(example(tmp_path, about=None))

    healed = Healed(example=read, run=runs.run(read.task.files, {}, outcome="no_fix"), seconds=1)

    assert (read.title, read.expect) == ("", "verified")
    assert not healed.as_expected


@pytest.mark.parametrize("expected", ['{"expect": "magic"}', "{", '{"seconds": 0}'])
def test_an_expectation_that_makes_no_sense_is_refused(tmp_path: Path, expected: str) -> None:
    """Naming the example."""
    with pytest.raises(BadInput, match=r"the example .*sum' cannot be read"):
        read_examples(example(tmp_path, expected=expected))


def test_a_folder_without_examples_is_refused(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(BadInput, match="no example in"):
        read_examples(tmp_path)
    with pytest.raises(BadInput, match="no folder with examples"):
        read_examples(tmp_path / "nope")


def test_our_own_examples_can_be_read() -> None:
    """At least eight, each with a line that says what is broken."""
    examples = read_examples(EXAMPLES)

    assert len(examples) >= 8
    assert all(one.title and one.task.files and one.task.tests for one in examples)

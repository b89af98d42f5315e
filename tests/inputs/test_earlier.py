"""`--before`: what the code was earlier, under the names it has now."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.earlier import read_earlier
from engine.inputs.reading import read_inputs

TEST = "def test_f(): pass\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "now/a.py": "a = 2\n",
        "now/sub/b.py": "b = 2\n",
        "then/a.py": "a = 1\n",
        "then/sub/b.py": "b = 1\n",
        "then/gone.py": "",
        "a_old.py": "a = 0\n",
        "other/c.py": "",
        "test_f.py": TEST,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_one_file_stands_for_the_only_code_file(here: Path) -> None:
    """Whatever it is called."""
    now = read_inputs(["now/a.py"], ["test_f.py"])

    assert list(read_earlier("a_old.py", now).values()) == ["a = 0\n"]


def test_one_file_among_several_is_told_by_its_name(here: Path) -> None:
    """The others were as they are."""
    now = read_inputs(["now"], ["test_f.py"])

    before = read_earlier("then/a.py", now)

    assert sorted(before.values()) == ["a = 1\n", "b = 2\n"]
    assert before.keys() == now.files.keys()


def test_a_folder_stands_for_the_folder_of_the_code(here: Path) -> None:
    """File by file, below each; what is gone by now does not come back."""
    now = read_inputs(["now"], ["test_f.py"])

    before = read_earlier("then", now)

    assert before.keys() == now.files.keys()
    assert sorted(before.values()) == ["a = 1\n", "b = 1\n"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("other", "no file in 'other' is named like the code", id="another program"),
        pytest.param("a_old.py", "'a_old.py' is one file, the code is 2", id="one file for two"),
        pytest.param("nope", "no such file", id="nothing"),
    ],
)
def test_what_does_not_fit_the_code_is_refused(here: Path, given: str, said: str) -> None:
    """Red before green is proved on the right program or not at all."""
    now = read_inputs(["now"], ["test_f.py"])

    with pytest.raises(BadInput, match=said):
        read_earlier(given, now)

"""Answers are laid over the files strictly, or not at all."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, ValidationError

from agents.answering import Answer, Edit, NotApplicable, WholeFile, apply
from agents.providers.replies import NoAnswer, extract, strict_schema

FILES = {"a.py": "one\ntwo\nthree\n", "b.py": "x = 1\n"}


def edit(path: str, search: str, replace: str) -> Answer:
    return Answer(edits=(Edit(path=path, search=search, replace=replace),))


def test_what_is_not_named_stays_as_it_was() -> None:
    """The result is always the whole set."""
    after = apply(edit("a.py", "two", "2"), FILES, {})

    assert after == {"a.py": "one\n2\nthree\n", "b.py": "x = 1\n"}


def test_edits_of_one_file_follow_each_other() -> None:
    """The second finds what the first wrote."""
    both = (Edit(path="a.py", search="two", replace="2"), Edit(path="a.py", search="2\nthree", replace="end"))

    after = apply(Answer(edits=both), FILES, {})

    assert after["a.py"] == "one\nend\n"


def test_a_new_file_is_added() -> None:
    """Files may be added."""
    after = apply(Answer(files=(WholeFile(path="pkg/c.py", content="y = 2\n"),)), FILES, {})

    assert after == FILES | {"pkg/c.py": "y = 2\n"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(edit("a.py", "four", "4"), "does not occur", id="not there"),
        pytest.param(edit("a.py", "e", "E"), "more than once", id="several times"),
        pytest.param(edit("a.py", "", "E"), "more than once", id="empty search"),
        pytest.param(edit("c.py", "x", "y"), "there are: 'a.py', 'b.py'", id="unknown file"),
        pytest.param(edit("a.py", "two", "two"), "changes nothing", id="no change"),
    ],
)
def test_what_does_not_fit_is_told(answer: Answer, why: str) -> None:
    """The reason is meant for the author who has to do it again."""
    with pytest.raises(NotApplicable, match=why):
        apply(answer, FILES, {})


LONG = "".join(f"def f_{n}(x):\n    y = x + {n}\n    return y\n\n\n" for n in range(100))


@pytest.mark.parametrize(
    ("search", "told"),
    [
        pytest.param("    return y\n", "at lines 3, 8, 13, 18, 23, 28, 33, 38 and more", id="many places"),
        pytest.param("y = x + 1\n    return y", "", id="once"),
        pytest.param(
            "def f_7(x):\n  y = x + 7\n  return y\n",
            "white space only from lines 36-38:\ndef f_7(x):\n    y = x + 7\n    return y",
            id="indented otherwise",
        ),
        pytest.param(
            "def f_9(x):\n    y = x - 9\n    return y\n",
            "the nearest is lines 46-48:\ndef f_9(x):\n    y = x + 9\n",
            id="one line otherwise",
        ),
        pytest.param("    y = z + 55 # here", "nearest to its first line is line 277:\ny = x + 55", id="nearly a line"),
        pytest.param("nothing like it at all", "does not occur there", id="nothing like it"),
    ],
)
def test_where_an_edit_nearly_fits_is_told_by_its_lines(search: str, told: str) -> None:
    """A model that saw a file in part can put it right at once."""
    answer = edit("a.py", search, "pass\n")
    if not told:
        assert apply(answer, {"a.py": LONG}, {})["a.py"] != LONG
        return

    with pytest.raises(NotApplicable) as raised:
        apply(answer, {"a.py": LONG}, {})

    assert told in str(raised.value)
    assert len(str(raised.value)) < 3_000


def test_of_many_files_the_nearest_names_are_told() -> None:
    """And not all of thousands."""
    files = {f"src/pkg/module_{n}.py": "" for n in range(500)} | {"other/place.py": ""}

    with pytest.raises(NotApplicable, match=r"501 files; nearest: 'other/place\.py'"):
        apply(edit("src/place.py", "x", "y"), files, {})
    with pytest.raises(NotApplicable, match=r"501 files; nearest: 'src/pkg/module_7\d*.py'"):
        apply(edit("src/pkg/modul_7.py", "x", "y"), files, {})


def test_an_overlapping_passage_counts_twice() -> None:
    """`aa` occurs twice in `aaa`, though never side by side."""
    with pytest.raises(NotApplicable, match="more than once"):
        apply(edit("a.py", "aa", "b"), {"a.py": "aaa"}, {})


def test_line_ends_of_a_file_are_kept() -> None:
    """Models write LF whatever they read."""
    files = {"a.py": "one\r\ntwo\r\n", "b.py": "x\r\n"}
    answer = Answer(
        edits=(Edit(path="a.py", search="one\ntwo", replace="1\n2"),),
        files=(WholeFile(path="b.py", content="y\n"),),
    )

    assert apply(answer, files, {}) == {"a.py": "1\r\n2\r\n", "b.py": "y\r\n"}


@pytest.mark.parametrize(
    "json",
    [
        pytest.param('{"edits": [], "files": []}', id="nothing"),
        pytest.param('{"files": [{"path": "a", "content": "1"}, {"path": "a", "content": "2"}]}', id="a file twice"),
        pytest.param(
            '{"files": [{"path": "a", "content": "1"}], "edits": [{"path": "a", "search": "1", "replace": "2"}]}',
            id="file and edit",
        ),
        pytest.param('{"files": [{"path": "a", "content": "1"}], "shell": "rm"}', id="something else"),
    ],
)
def test_an_answer_says_each_thing_once(json: str) -> None:
    """What is contradictory or unknown is not guessed at."""
    with pytest.raises(ValidationError):
        Answer.model_validate_json(json)


GOOD = '{"files": [{"path": "a", "content": "1"}]}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="bare"),
        pytest.param(f"Here {{you}} are: {GOOD} {{done}}", id="between braces"),
        pytest.param(f"```json\n{GOOD}\n```", id="fenced"),
        pytest.param(f"{GOOD}\nor again\n{GOOD}", id="the same twice"),
        pytest.param(f'{{"answer": {GOOD}}}', id="wrapped"),
        pytest.param('{"files": [{"path": "a", "content": "1"}], "note": "raw\nline end"}', id="raw line end"),
    ],
)
def test_the_one_answer_is_found(text: str) -> None:
    """Whatever stands around it."""
    assert extract(text, Answer).files == (WholeFile(path="a", content="1"),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("no", "only prose", id="prose"),
        pytest.param('{"files": [', "no valid JSON", id="cut"),
        pytest.param("{" * 50_000, "no valid JSON", id="many braces"),
        pytest.param('{"a":' * 3_000, "nested too deep", id="deep"),
        pytest.param("[" * 9 + "{x}", "no valid JSON", id="not json"),
        pytest.param('"{}"', "no edit and no file", id="a string that holds one"),
        pytest.param(GOOD + GOOD.replace("1", "2"), "2 different answers", id="two"),
        pytest.param('{"files": 1}', "files", id="wrong type"),
        pytest.param(r'{"files": [{"path": "a", "content": "\ud800"}]}', "content", id="no text"),
    ],
)
def test_no_answer_is_told_apart(text: str, why: str) -> None:
    """The reason goes back to the model."""
    with pytest.raises(NoAnswer, match=why):
        extract(text, Answer)


class Inner(BaseModel):
    size: int | None = Field(default=None, ge=0)


class Outer(BaseModel):
    inner: list[Inner] = []
    word: str = "x"


def test_a_strict_schema_demands_every_property_and_no_default() -> None:
    """As both vendors want it; bounds are left to our own validation."""
    schema = strict_schema(Outer)

    assert schema["required"] == ["inner", "word"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Inner"] == {
        "properties": {"size": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        "required": ["size"],
        "additionalProperties": False,
        "type": "object",
    }

"""SARIF: what the standard and GitHub ask of it, and fixes that really turn one text into the other."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ci.remarks import remarks
from engine.ci.replacements import Replacement, replacements
from engine.ci.rows import rows
from engine.ci.sarif import sarif
from engine.domain import Finding
from engine.repository.result import RepositoryResult, SuiteRun
from tests.ci.projects import CODE, RIGHT, TESTS, mended, partly, run_of
from tests.ci.test_reports import nasty


def written(result: RepositoryResult, **more: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sarif(result, remarks(result, tests=TESTS), version="1.2.3", **more))
    return document


def replaced(text: str, told: tuple[Replacement, ...]) -> str:
    """What an editor makes of *text*: replacements by line and column, from the last to the first."""
    lines = rows(text)
    starts = [sum(len(line) for line in lines[:number]) for number in range(len(lines) + 1)]
    for one in reversed(told):
        first = starts[one.start_line - 1] + one.start_column - 1
        last = starts[one.end_line - 1] + one.end_column - 1
        text = text[:first] + one.text + text[last:]
    return text


def test_the_document_keeps_the_rules_of_the_standard() -> None:
    """Required fields, levels of the four, 1-based regions, indices that fit, relative URIs with their base."""
    document = written(partly())

    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        assert len(result["locations"]) == 1  # GitHub wants one, and reads the first
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert not place["artifactLocation"]["uri"].startswith(("/", ".", "file:"))
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        assert -1 <= result.get("rank", -1) <= 100


def test_a_verified_fix_is_a_replacement_on_its_lines() -> None:
    """Both tests of the mended cause carry the fix, and the unmended one none but its suspects."""
    (run,) = written(partly())["runs"]

    fixed = [result for result in run["results"] if "fixes" in result]
    assert len(fixed) == 2
    (change,) = fixed[0]["fixes"][0]["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "shop/cart.py", "uriBaseId": "%SRCROOT%"},
        "replacements": [
            {
                "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 3, "endColumn": 1},
                "insertedContent": {"text": "    result = 0\n"},
            }
        ],
    }
    suspect = next(result for result in run["results"] if result["ruleId"] == "suspect")
    assert (suspect["level"], suspect["rank"]) == ("note", 80.0)


def test_a_second_fix_of_the_same_file_is_left_to_the_patch() -> None:
    """Its lines are those of the file after the first fix, so nobody is offered it for the file before."""
    first = mended()
    again = first.model_copy(update={"run": first.run.model_copy(update={"id": "20260101-000009-zzz"})})
    other = Finding(check="tests", rule="KeyError", message="tests/test_tax.py::test_tax: 'x'")
    again = again.model_copy(update={"cause": first.cause.model_copy(update={"findings": (other,)})})

    (run,) = written(partly(healed=(first, again)))["runs"]

    assert [("fixes" in result) for result in run["results"] if result["level"] == "error"] == [
        True,
        True,
        False,
        False,
    ]


def test_a_new_empty_file_is_no_replacement() -> None:
    """The standard wants one at least for each file; the rest of the fix is there, and the patch has all of it."""
    healed = mended()
    after = {**healed.run.files, "shop/__init__.py": ""}

    (run,) = written(partly(healed=(healed.model_copy(update={"run": run_of(after)}),)))["runs"]

    changes = next(result for result in run["results"] if "fixes" in result)["fixes"][0]["artifactChanges"]
    assert [change["artifactLocation"]["uri"] for change in changes] == ["shop/cart.py"]


def test_what_is_about_no_file_is_a_notification() -> None:
    """GitHub refuses results without a place; nothing is lost for it."""
    finding = Finding(check="tests", rule="timeout", message="the tests did not end within 20 s and were killed")

    (run,) = written(RepositoryResult(root="/p", before=SuiteRun(findings=(finding,)), outcome="red"))["runs"]

    assert run["results"] == []
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("the tests did not end")


def test_paths_are_written_as_uris() -> None:
    """Blanks and signs of a path are encoded; below its folder of the repository."""
    finding = Finding(check="lint", path="a b/100%#é.py", line=1, message="bad")
    result = RepositoryResult(root="/p", before=SuiteRun(findings=(finding,)), outcome="red")

    document = json.loads(sarif(result, remarks(result, prefix="lib/"), version="1", prefix="lib/"))

    (found,) = document["runs"][0]["results"]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
    assert unquote(uri) == "lib/a b/100%#é.py"


def test_hostile_words_are_no_reason_to_write_nothing() -> None:
    """Half characters and control characters are made visible, so that the document is UTF-8."""
    assert written(nasty())["runs"][0]["results"][0]["level"] == "error"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(CODE["shop/cart.py"], RIGHT, id="one line"),
        pytest.param("", "new\nfile\n", id="new file"),
        pytest.param("old\nfile", "", id="removed file"),
        pytest.param("a\nb", "a\nb\n", id="a newline at the end"),
        pytest.param("a\nb\n", "a\nb", id="no newline at the end"),
        pytest.param("a\n", "a\nb\nc\n", id="more at the end"),
        pytest.param("a\x0cb\u2028c\nd\n", "a\x0cb\u2028c\ne\n", id="signs that end no line"),
    ],
)
def test_replacements_turn_one_text_into_the_other(before: str, after: str) -> None:
    """Done by line and column, they give exactly the text that was verified."""
    assert replaced(before, replacements(before, after)) == after


@given(st.text("ab\n\r\x0c", max_size=40), st.text("ab\n\r\x0c", max_size=40))
def test_replacements_do_so_for_any_two_texts(before: str, after: str) -> None:
    """Whatever lines they have."""
    assert replaced(before, replacements(before, after)) == after

"""Which of ruff's findings count against a draft."""

from __future__ import annotations

import json

import pytest

from engine.checks.base import Subject
from engine.checks.lint import RULES, RULES_WITHOUT_INPUT, Lint
from engine.domain import Report, Verdict
from sandboxes.base import Outcome, Stream
from tests.engine.made import RIGHT, PlayedBox, case, finding, report


def ruff(*found: tuple[str, str, int], **more: object) -> Outcome:
    """What ruff says of (rule, path, line)."""
    text = json.dumps(
        [
            {
                "code": rule,
                "message": f"about {rule}",
                "filename": f"/box/work/{path}",
                "location": {"row": line},
                "fix": None,
            }
            for rule, path, line in found
        ]
    ).encode()
    return Outcome.model_validate(
        {"ended": "exited", "exit_code": 0, "stdout": Stream(head=text, total_bytes=len(text)), **more}
    )


def before(*rules: str, check: str = "lint", path: str = "solution.py") -> Verdict:
    return Verdict(
        files_sha256="0",
        reports=(report(check, "passed", *(finding("old", rule, check, path=path) for rule in rules)),),
    )


async def linted(outcome: Outcome, baseline: Verdict | None = None, **of: object) -> tuple[Report, PlayedBox]:
    box = PlayedBox(iter([outcome]))
    given = case(**of).model_copy(update={"baseline": baseline})  # type: ignore[arg-type]  # case() validates them
    return await Lint().examine(Subject(files={"solution.py": RIGHT}, case=given), box), box


async def test_a_finding_the_input_had_is_not_new():
    """Whatever its line; by file and rule."""
    seen, _ = await linted(ruff(("F401", "solution.py", 9)), before("F401"))

    assert (seen.status, seen.findings) == ("passed", ())


@pytest.mark.parametrize(
    "baseline",
    [before(), before("F841"), before("F401", path="other.py")],
    ids=["none", "another rule", "another file"],
)
async def test_a_new_finding_is_one_too_many(baseline: Verdict):
    """It is named with its place."""
    seen, _ = await linted(ruff(("F401", "solution.py", 3)), baseline)

    assert (seen.status, seen.summary) == ("failed", "1 new findings")
    assert [(new.rule, new.path, new.line) for new in seen.findings] == [("F401", "solution.py", 3)]


async def test_more_of_the_same_is_new():
    """Two where there was one."""
    seen, _ = await linted(ruff(("F401", "solution.py", 1), ("F401", "solution.py", 2)), before("F401"))

    assert len(seen.findings) == 1


async def test_what_a_syntax_error_hid_is_not_new():
    """Ruff looks no further into a file that does not parse; what cannot run as written still counts."""
    unparsable = before("SyntaxError", check="syntax")

    style, _ = await linted(ruff(("F401", "solution.py", 1)), unparsable)
    undefined, _ = await linted(ruff(("F821", "solution.py", 1)), unparsable)

    assert style.status == "passed"
    assert undefined.status == "failed"


async def test_the_input_is_only_recorded():
    """Its findings are kept to compare with, and fail nothing."""
    seen, box = await linted(ruff(("F401", "solution.py", 1)))

    assert (seen.status, len(seen.findings)) == ("passed", 1)
    assert RULES in box.commands[0].argv
    assert "--isolated" in box.commands[0].argv
    assert "--ignore-noqa" in box.commands[0].argv


async def test_without_an_input_only_what_cannot_run_counts():
    """There is no earlier version to be better than."""
    _, box = await linted(ruff(), before(), stand_in=True)

    assert RULES_WITHOUT_INPUT in box.commands[0].argv


async def test_no_answer_is_broken():
    """Ruff that crashed, was killed, or said too much could not tell: neither passed nor failed."""
    crashed, _ = await linted(ruff(exit_code=2, stderr=Stream(head=b"panic", total_bytes=5)), before())
    cut, _ = await linted(ruff(stdout=Stream(head=b"[", total_bytes=99)), before())
    prose, _ = await linted(ruff(stdout=Stream(head=b"all good", total_bytes=8)), before())

    assert [each.status for each in (crashed, cut, prose)] == ["broken"] * 3
    assert "panic" in crashed.summary


async def test_no_python_needs_no_ruff():
    """Nothing to look at is nothing found."""
    box = PlayedBox(iter([]))

    seen = await Lint().examine(Subject(files={"a.txt": "x"}, case=case()), box)

    assert (seen.status, box.commands) == ("passed", [])

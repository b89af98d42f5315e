"""What the tests' check makes of what a session said."""

from __future__ import annotations

import json

import pytest

from engine.case import Names
from engine.checks.base import Subject
from engine.checks.tests import Tests
from engine.checks.ways import Way, plugins, usual_way
from engine.domain import Report, TestResult, Verdict
from tests.engine.made import NODE, RIGHT, TEST, PlayedBox, case, lines, outcome, report, task

DONE = {"event": "done", "exit_code": 0}
OTHER = "test_solution.py::test_other"


def ended(node: str = NODE, how: str = "passed", **more: object) -> dict[str, object]:
    return {"event": "ended", "node": node, "seconds": 0.01, "ended": how, **more}


def collected(*nodes: str) -> dict[str, object]:
    return {"event": "collected", "nodes": list(nodes)}


def subject(
    *, expected: tuple[str, ...] = (NODE,), marked: tuple[str, ...] = (), before: tuple[TestResult, ...] = ()
) -> Subject:
    baseline = Verdict(files_sha256="0", reports=(report("tests", "failed", tests=before),))
    return Subject(
        files={"solution.py": RIGHT}, case=case(baseline=baseline), names=Names(expected=expected, marked=marked)
    )


async def weighed(*events: dict[str, object], of: Subject | None = None, **how: object) -> Report:
    box = PlayedBox(iter([outcome(lines(*events), **how)]))
    return await Tests().examine(of or subject(), box)


async def test_all_passed_by_name():
    """Every expected test ended as passed, and the process ended as it said: passed."""
    seen = await weighed(collected(NODE), {"event": "started", "node": NODE}, ended(), DONE)

    assert (seen.status, seen.findings, seen.summary) == ("passed", (), "1 passed")
    assert [(test.node_id, test.ended) for test in seen.tests] == [(NODE, "passed")]


@pytest.mark.parametrize(
    ("events", "rule"),
    [
        pytest.param([collected(NODE), DONE], "missing", id="collected and never run"),
        pytest.param([DONE], "missing", id="expected and never collected"),
        pytest.param([collected(NODE), ended(how="skipped"), DONE], "skipped", id="skipped"),
        pytest.param([collected(NODE), ended(how="xfailed"), DONE], "xfailed", id="xfailed"),
        pytest.param([collected(NODE), ended(how="xpassed"), DONE], "xpassed", id="xpassed"),
        pytest.param([collected(NODE), ended(how="failed", rule="E"), ended(), DONE], "E", id="failed, then passed"),
        pytest.param([collected(NODE), ended(), ended(how="error", rule="E"), DONE], "E", id="passed, then an error"),
        pytest.param([collected(NODE), ended()], "no-report", id="no last line"),
        pytest.param([collected(NODE), ended(), {**DONE, "exit_code": 1}], "no-report", id="another exit code"),
        pytest.param([collected(NODE), ended(how="failed", rule="Hung", hung=True), DONE], "hung", id="hung"),
        pytest.param(
            [{"event": "collect_failed", "path": "test_solution.py", "text": "x\nE  ImportError: no"}, DONE],
            "ImportError",
            id="not collected",
        ),
        pytest.param([{"event": "collect_skipped", "path": "test_solution.py"}, DONE], "missing", id="module skipped"),
    ],
)
async def test_green_needs_proof(events: list[dict[str, object]], rule: str):
    """No report, a skip, a crash, a missing test: not passed."""
    seen = await weighed(*events)

    assert seen.status == "failed"
    assert rule in {finding.rule for finding in seen.findings}


@pytest.mark.parametrize("how", ["timeout", "memory", "processes", "disk"])
async def test_a_killed_session_says_why_and_where(how: str):
    """The limit that was met is named with its size, and the test that was running."""
    seen = await weighed(collected(NODE), {"event": "started", "node": NODE}, ended=how, exit_code=None, signal=9)

    assert [finding.rule for finding in seen.findings][:1] == [how]
    assert NODE in seen.findings[0].message


async def test_changed_frozen_files_are_tampering():
    """It outweighs everything the session claims."""
    seen = await weighed(collected(NODE), ended(), DONE, tampered=("test_solution.py",))

    assert seen.findings[0].rule == "tampered"
    assert "test_solution.py" in seen.findings[0].message


async def test_a_garbled_report_is_red():
    """A forged line is a finding of the draft, not a failure of ours."""
    box = PlayedBox(iter([outcome(b"all good\n")]))

    seen = await Tests().examine(subject(), box)

    assert (seen.status, seen.findings[0].rule) == ("failed", "no-report")


async def test_a_signalled_session_names_the_signal():
    """A crash of the interpreter is told as what it is."""
    seen = await weighed(
        collected(NODE), {"event": "started", "node": NODE}, ended="signalled", exit_code=None, signal=11
    )

    assert "signal 11" in seen.findings[0].message


async def test_what_the_frozen_file_skips_is_not_counted():
    """A test marked in the frozen source, or skipped on the input as well, may be skipped; another may not."""
    marked = await weighed(
        collected(NODE, OTHER),
        ended(),
        ended(OTHER, "skipped"),
        DONE,
        of=subject(expected=(NODE, OTHER), marked=(OTHER,)),
    )
    earlier = await weighed(
        collected(NODE, OTHER),
        ended(),
        ended(OTHER, "skipped"),
        DONE,
        of=subject(before=(TestResult(node_id=OTHER, ended="skipped"),)),
    )
    all_skipped = await weighed(collected(NODE), ended(how="skipped"), DONE, of=subject(marked=(NODE,)))

    assert marked.status == earlier.status == "passed"
    assert (all_skipped.status, all_skipped.findings[0].rule) == ("failed", "no-tests")


@pytest.mark.parametrize(
    ("frames", "stand_in", "status"),
    [
        ([["test_solution.py", 9, "test_other"]], True, "passed"),
        ([["test_solution.py", 9, "test_other"], ["solution.py", 2, "add"]], True, "failed"),
        ([], True, "failed"),
        ([["test_solution.py", 9, "test_other"]], False, "failed"),
    ],
    ids=["by itself", "by the draft", "by nobody knows whom", "but not on the input"],
)
async def test_a_test_may_skip_itself(frames: list[list[object]], stand_in: bool, status: str):
    """Where its own source says so, no line of the draft had a part in it, and no earlier version was not skipped."""
    plain = subject(expected=(NODE, OTHER))
    of = plain.model_copy(
        update={
            "case": plain.case.model_copy(update={"stand_in": stand_in}),
            "names": plain.names.model_copy(update={"may_skip": (OTHER,)}),
        }
    )

    seen = await weighed(collected(NODE, OTHER), ended(), ended(OTHER, "skipped", frames=frames), DONE, of=of)

    assert seen.status == status


async def test_a_red_suite_is_not_one_without_tests():
    """Where every test fails, the findings are the failures."""
    seen = await weighed(collected(NODE), ended(how="failed", rule="AssertionError", message="assert 1 == 2"), DONE)

    assert [finding.rule for finding in seen.findings] == ["AssertionError"]


async def test_a_parametrised_test_may_rename_its_cases_but_not_lose_one():
    """Ids may come from the code under test; the number of cases may not shrink."""
    before = tuple(TestResult(node_id=f"{NODE}[{name}]", ended="failed") for name in ("a", "b"))

    renamed = await weighed(
        collected(f"{NODE}[x]", f"{NODE}[y]"), ended(f"{NODE}[x]"), ended(f"{NODE}[y]"), DONE, of=subject(before=before)
    )
    fewer = await weighed(collected(f"{NODE}[x]"), ended(f"{NODE}[x]"), DONE, of=subject(before=before))

    assert renamed.status == "passed"
    assert [finding.message for finding in fewer.findings] == [f"{NODE}[case 2 of 2]: was not run"]


async def test_a_failure_points_at_the_draft():
    """Path and line are those of the innermost frame in the draft, not in the test."""
    frames = [["test_solution.py", 5, "test_add"], ["solution.py", 2, "add"], ["elsewhere.py", 9, "x"]]

    seen = await weighed(collected(NODE), ended(how="failed", rule="TypeError", frames=frames), DONE)

    assert (seen.findings[0].path, seen.findings[0].line) == ("solution.py", 2)


async def test_lines_and_other_processes_are_told():
    """What ran is kept by path; that other processes ran is kept as ``*``."""
    seen = await weighed(
        collected(NODE),
        ended(),
        {"event": "executed", "path": "solution.py", "lines": [1, 2]},
        {"event": "spawned"},
        DONE,
    )

    assert seen.executed == {"solution.py": (1, 2), "*": ()}


async def test_frozen_files_without_tests_are_not_run():
    """A helper beside the tests is not handed to pytest; where there is nothing else, that is said."""
    given = case(task(tests={"helpers.py": "x = 1\n", "conftest.py": ""}))
    box = PlayedBox(iter([]))

    seen = await Tests().examine(Subject(files={"solution.py": RIGHT}, case=given), box)

    assert (seen.status, seen.findings[0].rule, box.commands) == ("failed", "no-tests", [])


async def test_what_a_session_is_asked():
    """Test files by path, the src folder where there is one, conftest files only of the frozen ones, no stray plugin."""
    tests = {
        "tests/conftest.py": "",
        "tests/test_a.py": TEST,
        "tests/data.txt": "",
        "tests/cases.py": "def test_b(): pass\n",
    }
    given = case(task(files={"src/solution.py": RIGHT}, tests=tests))
    asked_of = Subject(files={"src/solution.py": RIGHT}, case=given, names=Names(expected=("tests/cases.py::test_b",)))
    box = PlayedBox(iter([outcome(lines(DONE))]))

    await Tests().session(asked_of, box, Way(hang_seconds=3, reverse=True, fresh_interpreter=True, lines=True))

    asked = json.loads(box.commands[0].stdin)
    assert asked["tests"] == ["tests/cases.py", "tests/test_a.py"]
    assert (asked["path"], asked["conftest"], asked["plugins"], asked["reverse"]) == ([".", "src"], True, [], True)
    assert (asked["watched"], box.commands[0].warm) == (["src/solution.py"], False)


def test_only_a_conftest_is_no_test_file():
    """A test of the conftest is one, by whatever name."""
    given = case(task(tests={"conftest.py": "", "a/conftest.py": "", "test_conftest.py": TEST, "a.txt": ""}))

    assert given.test_paths == ("test_conftest.py",)


def test_hypothesis_is_plugged_in_only_where_it_is_used():
    """Its plugin is loaded by name; nothing that a draft brings is."""
    using = Subject(files={"solution.py": RIGHT}, case=case(task(tests={"test_a.py": "from hypothesis import given"})))

    assert plugins(using) == ["_hypothesis_pytestplugin"]
    assert plugins(subject()) == []


def test_the_input_is_given_a_moment_and_a_draft_its_time():
    """An endless input must not cost the budget of a draft."""
    first = Subject(files={}, case=case().model_copy(update={"baseline": None}))

    assert usual_way(first).hang_seconds <= 1.0
    assert usual_way(subject()).hang_seconds == 10.0

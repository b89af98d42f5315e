"""The judge, with boxes that play what they were told: which checks are made, which sessions are run, what is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from agents.base import Draft, Suite
from engine.case import Case
from engine.checks.base import inside_programs, tool
from engine.domain import Budget, TestResult, Verdict
from engine.judging import BoxJudge, unusable
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits, Outcome, Place, Stream
from sandboxes.errors import BoxFull, SandboxUnavailable
from tests.engine.made import (
    NODE,
    RIGHT,
    TEST,
    WRONG,
    PlayedBox,
    PlayedSandbox,
    case,
    finding,
    lines,
    outcome,
    red,
    report,
    results,
    task,
)

SURVEYED = outcome(
    lines(
        {"event": "lines", "path": "solution.py", "executable": [1, 2]},
        {"event": "names", "path": "test_solution.py", "names": ["test_add"], "marked": []},
        {"event": "done", "exit_code": 0},
    )
)
UNPARSABLE = outcome(
    lines(
        {"event": "unparsable", "path": "solution.py", "line": 2, "rule": "SyntaxError", "message": "no", "text": ""},
        {"event": "names", "path": "test_solution.py", "names": ["test_add"], "marked": []},
        {"event": "done", "exit_code": 3},
    ),
    exit_code=3,
)
CLEAN = Outcome(ended="exited", exit_code=0, stdout=Stream(head=b"[]", total_bytes=2))


def session(ended: str = "passed", *, hung: bool = False, seconds: float = 0.001) -> Outcome:
    event = {"event": "ended", "node": NODE, "seconds": seconds, "ended": ended, "hung": hung, "rule": "E"}
    return outcome(
        lines(
            {"event": "collected", "nodes": [NODE]},
            {"event": "started", "node": NODE},
            event,
            {"event": "executed", "path": "solution.py", "lines": [1, 2]},
            {"event": "done", "exit_code": 0},
        )
    )


def hung_before(seconds: float = 0.001) -> Verdict:
    test = {"node_id": NODE, "ended": "hung", "seconds": seconds}
    return Verdict(files_sha256="0", reports=(report("tests", "failed", tests=(test,)),))


async def judged(
    *played: Outcome, of: Case | None = None, files: Mapping[str, str] | None = None
) -> tuple[Verdict, PlayedSandbox]:
    sandbox = PlayedSandbox(*played)
    verdict = await BoxJudge(sandbox).judge(files or {"solution.py": RIGHT}, of or case(), run_id="r")
    return verdict, sandbox


APART = [session(), session(), session()]
"""Sessions of plain tests that are kept apart from the code: the first, where it has been, and as if somewhere else."""


def beside() -> Case:
    """A case whose tests need the code in their own process, and expect nothing but that they come to their end."""
    tests = "import sys\nfrom solution import add\n\n\ndef test_add():\n    sys.modules['solution'].add(1, 2)\n"
    return case(task(tests={"test_solution.py": tests}))


async def test_a_right_draft_is_verified_after_a_second_session():
    """Survey, lint, tests; and in another box the tests apart from the code, there once more, and in another place."""
    verdict, sandbox = await judged(SURVEYED, CLEAN, session(), *APART)

    assert verdict.verified
    assert verdict.tier == "separate-process"
    first, second = sandbox.opened
    assert (verdict.box, verdict.image, verdict.measured) == ("box", "sha256:1", first.measured)
    assert [command.argv[1] for command in first.commands[2:]] == [tool("session.py")]
    assert [command.argv[1] for command in second.commands] == [tool("apart/session.py")] * 3
    asked = [json.loads(command.stdin) for command in second.commands]
    assert [(each["reverse"], each["elsewhere"]) for each in asked] == [(False, False), (False, False), (True, True)]
    assert len({each["nonce"] for each in asked}) == 3
    for box in sandbox.opened:
        assert set(box.files) == {"solution.py", "test_solution.py", *(f"tools:{name}" for name in inside_programs())}


async def test_the_text_of_plain_tests_is_never_in_the_box_that_they_are_kept_apart_in():
    """An empty file stands where each of them is; what they say comes by the program's standard input."""
    _, sandbox = await judged(SURVEYED, CLEAN, session(), *APART)

    _, box = sandbox.opened
    assert {text for path, text in box.written if path == "test_solution.py"} == {b""}
    assert not any(TEST.encode() in text for _, text in box.written)
    assert [json.loads(command.stdin)["sources"] for command in box.commands] == [{"test_solution.py": TEST}] * 3


async def test_the_frozen_test_lies_over_the_drafts():
    """A draft that carries the test as well does not bring its own copy."""
    _, sandbox = await judged(
        SURVEYED, CLEAN, session(), *APART, files={"solution.py": RIGHT, "test_solution.py": TEST}
    )

    first, second = sandbox.opened
    assert first.files["test_solution.py"] == TEST.encode()
    assert {text for path, text in second.written if path == "test_solution.py"} == {b""}


async def test_a_refused_draft_needs_no_box():
    """Its paths alone say so; everything later is skipped."""
    verdict, sandbox = await judged(files={"../solution.py": RIGHT})

    assert [each.status for each in verdict.reports] == ["failed", "skipped", "skipped", "skipped"]
    assert sandbox.opened == []


async def test_a_draft_that_does_not_parse_is_not_run():
    """It is read and linted, and no more; but the input is looked at in full, so that there is something to compare with."""
    verdict, sandbox = await judged(UNPARSABLE, CLEAN)
    all_the_same = outcome(UNPARSABLE.report.head.replace(b'"exit_code": 3', b'"exit_code": 0'))
    baseline, whole = await judged(
        all_the_same, CLEAN, session("failed"), of=case().model_copy(update={"baseline": None})
    )

    assert [each.status for each in verdict.reports] == ["passed", "failed", "skipped", "skipped"]
    assert [json.loads(command.stdin)["strict"] for command in sandbox.opened[0].commands[:1]] == [True]
    assert len(sandbox.opened[0].commands) == 2
    assert len(whole.opened[0].commands) == 3
    assert baseline.proofs == ()


async def test_a_red_draft_pays_for_no_proof():
    """One session, and no proof is taken."""
    verdict, sandbox = await judged(SURVEYED, CLEAN, session("failed"))

    assert (verdict.green, verdict.proofs, len(sandbox.opened[0].commands)) == (False, (), 3)


async def test_a_second_session_that_differs_is_looked_at_once_more():
    """The third tells whether it is the order, which is the tests' own, or chance."""
    twin = session("failed")
    flaky, _ = await judged(SURVEYED, CLEAN, session(), twin, session("failed"), session("failed"), of=beside())
    by_order, _ = await judged(SURVEYED, CLEAN, session(), twin, session("failed"), session(), of=beside())

    assert not flaky.verified
    assert by_order.verified


async def test_plain_tests_that_end_otherwise_where_they_have_been_are_refused():
    """They have no order of their own to depend on: whatever differs there, the draft has kept."""
    verdict, sandbox = await judged(SURVEYED, CLEAN, session(), session(), session("failed"))

    assert verdict.green
    assert not verdict.verified
    assert next(proof.held for proof in verdict.proofs if proof.name == "repeat agrees") is False
    assert [len(box.commands) for box in sandbox.opened] == [3, 2]


async def test_an_input_that_was_only_stopped_early_is_given_its_time():
    """Slow is not endless: red before green holds only where the input does not end with as much time as a draft."""
    of = case(task(budget=Budget(test_seconds=20)), baseline=hung_before())

    endless, sandbox = await judged(
        SURVEYED, CLEAN, session(), *APART, SURVEYED, session("failed", hung=True, seconds=10), of=of
    )
    slow, _ = await judged(SURVEYED, CLEAN, session(), *APART, SURVEYED, session("passed", seconds=2), of=of)

    assert endless.verified
    assert len(sandbox.opened) == 3
    assert sandbox.opened[2].files["solution.py"] == WRONG.encode()
    assert not slow.verified
    assert "looked at twice" in next(proof.detail for proof in slow.proofs if proof.name == "red before")


class FullBox(PlayedBox):
    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        raise BoxFull("docker", "64 MiB are not enough")


async def test_files_that_do_not_fit_are_neither_right_nor_wrong(monkeypatch: pytest.MonkeyPatch):
    """The judge could not tell."""
    monkeypatch.setattr("tests.engine.made.PlayedBox", FullBox)

    verdict, _ = await judged()

    assert verdict.broken
    assert "64 MiB are not enough" in verdict.reports[-1].summary


@pytest.mark.parametrize(
    "survey",
    [
        outcome(b"?\n"),
        outcome(b""),
        outcome(lines({"event": "done", "exit_code": 0}), exit_code=1),
        outcome(ended="timeout"),
    ],
    ids=["garbled", "silent", "failed", "killed"],
)
async def test_a_survey_that_fails_is_the_boxs_fault(survey: Outcome):
    """No submitted code had run: the draft is not blamed."""
    with pytest.raises(SandboxUnavailable, match="survey"):
        await judged(survey, CLEAN, session())


def test_a_reply_that_is_no_draft_has_a_verdict():
    """Red, with the reason, bounded."""
    verdict = unusable(Draft(files={"solution.py": WRONG}, author="a", unusable="prose " * 1000))

    assert not verdict.green
    assert verdict.findings[0].rule == "unusable"
    assert len(verdict.findings[0].message) <= 900


def test_a_case_is_known_by_all_that_a_verdict_depends_on():
    """Another budget of tests, another test, another input or no baseline yet is another case; the goal is not."""
    base = case()
    others = [
        case(task(tests={"test_solution.py": TEST + "\n"})),
        case(task(files={"solution.py": RIGHT})),
        case(task(limits=Limits(memory_mib=64))),
        case(task(budget=Budget(test_seconds=1))),
        base.model_copy(update={"baseline": None}),
    ]

    assert len({base.key, *(other.key for other in others)}) == 6
    assert case(task(goal="something else"), baseline=red({})).key == base.key


async def test_a_workshop_is_a_box_of_its_own():
    """Folders are named in the command line; lines come as they are written, whole ones only."""
    told: list[str] = []
    sandbox = PlayedSandbox(outcome(b"one\ntwo\nhalf", stderr=Stream(head=b"!", total_bytes=1)))

    found = await BoxWorkshop(sandbox, limits=Limits(), run_id="r").run(
        files={"a.py": "1", "test_a.py": "draft's own"},
        locked={"test_a.py": "frozen"},
        tools={"search.py": "x"},
        argv=("python", "{tools}/search.py", "{work}"),
        stdin=b"in",
        seconds=5,
        on_line=told.append,
    )

    (box,) = sandbox.opened
    assert box.files == {"a.py": b"1", "test_a.py": b"frozen", "tools:search.py": b"x"}
    assert box.commands[0].argv == ("python", "/box/tools/search.py", "/box/work")
    assert box.commands[0].warm
    assert (found.lines, found.ended, found.exit_code, found.stderr) == (("one", "two"), "exited", 0, "!")
    assert told[:2] == ["one", "two"]


def large() -> Case:
    """A case of a project whose tests take so long that two boxes share them; one of them was red."""
    others = {f"test_{name}.py": "def test_other():\n    pass\n" for name in ("a", "b", "c")}
    parts = (("test_a.py", "test_c.py"), ("test_b.py", "test_solution.py"))
    of = task(tests={"test_solution.py": TEST, **others}, suite=Suite(parts=parts))
    took = [TestResult(node_id=f"{path}::test_other", ended="passed", seconds=6.0) for path in others]
    tests = report("tests", "failed", finding(f"{NODE}: no"), tests=(*results(test_add="failed"), *took))
    return case(of, baseline=Verdict(files_sha256="0", reports=(tests,)))


async def test_of_a_large_suite_a_draft_that_is_still_red_runs_no_more_than_what_was_red():
    """In the one box that has its file; what its author is told is what failed there."""
    sandbox = PlayedSandbox(SURVEYED, CLEAN, session("failed"))

    verdict = await BoxJudge(sandbox).judge({"solution.py": WRONG}, large(), run_id="r")

    (tests,) = [each for each in verdict.reports if each.check == "tests"]
    assert not verdict.green
    assert [test.node_id for test in tests.tests] == [NODE]
    assert tests.summary == "1 failed in the files that were red; the others were not run"
    assert sum(len(box.commands) for box in sandbox.opened) == 3


async def test_of_a_large_suite_a_draft_that_mends_what_was_red_is_judged_by_all_of_it():
    """To pass what was red shows nothing yet: another test, of a file that was green, is red with this draft."""
    ended = {"event": "ended", "node": "test_a.py::test_other", "seconds": 6.0, "ended": "failed", "rule": "E"}
    done = {"event": "done", "exit_code": 1}
    rest = outcome(lines({"event": "collected", "nodes": ["test_a.py::test_other"]}, ended, done))
    sandbox = PlayedSandbox(SURVEYED, CLEAN, session(), rest, session())

    verdict = await BoxJudge(sandbox).judge({"solution.py": RIGHT}, large(), run_id="r")

    (tests,) = [each for each in verdict.reports if each.check == "tests"]
    assert tests.status == "failed"
    assert {test.node_id: test.ended for test in tests.tests}["test_a.py::test_other"] == "failed"

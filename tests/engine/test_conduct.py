"""Every way a run can end, with doubles for the judge and the boxes, and the real loop between them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.base import Brief, Draft, Suite, Usage
from agents.errors import AuthorError, NothingToOffer, ProviderUnavailable, Refused
from agents.scripted import Scripted, Step
from engine.case import Case
from engine.conduct import Conductor
from engine.domain import Budget, Declared, Run, Verdict
from engine.events import Event, nobody
from engine.healing import Record
from engine.journal import Journal
from engine.owner import this_process
from engine.policies import SAME_AGAIN
from sandboxes.base import Outcome, Sandbox, Stream
from sandboxes.errors import ImageMissing, SandboxUnavailable
from tests.engine.made import (
    RIGHT,
    TEST,
    WRONG,
    MemoryRecord,
    Opinion,
    OpinionatedJudge,
    PlayedSandbox,
    fair,
    finding,
    green,
    red,
    report,
    run,
    task,
)

EDITED = WRONG.replace("a - b", "a * b")


class Writer:
    """An author that answers with *files* in turn, by how much was tried, and counts; an exception is raised."""

    name = "writer"

    def __init__(self, *answers: str | AuthorError, usage: Usage | None = None, model: str | None = "m") -> None:
        self._answers = answers
        self._usage = usage or Usage()
        self._model = model
        self.briefs: list[Brief] = []

    async def write(self, brief: Brief) -> Draft:
        self.briefs.append(brief)
        answer = self._answers[min(len(brief.tried), len(self._answers) - 1)]
        if isinstance(answer, AuthorError):
            raise answer
        return Draft(files={"solution.py": answer}, author=self.name, model=self._model, usage=self._usage)


def conductor(
    opinion: Opinion = fair,
    *,
    sandbox: Sandbox | None = None,
    record: Record | None = None,
    told: list[Event] | None = None,
) -> Conductor:
    return Conductor(
        sandbox=sandbox or PlayedSandbox(),
        judge=OpinionatedJudge(opinion),
        record=record or MemoryRecord(),
        watch=nobody if told is None else told.append,
    )


async def fixed(author: object, opinion: Opinion = fair, of: Run | None = None, **more: object) -> Run:
    return await conductor(opinion, **more).fix(of or run(), author)  # type: ignore[arg-type]  # doubles keep the protocols


def failing_differently(files: Mapping[str, str], _case: Case) -> Verdict:
    return red(files, f"assert {len(files['solution.py'])} == 3")


async def test_a_fixture_of_a_project_may_come_from_a_plugin():
    """Which its environment has, or which a draft may ask for in a manifest; elsewhere there is none."""
    asking = task(tests={"test_solution.py": TEST.replace("test_add()", "test_add(mocker)")})
    project = asking.model_copy(update={"suite": Suite(plugins=("pytest_mock",))})
    manifest = asking.model_copy(update={"dependencies": Declared()})

    ended = [await fixed(Writer(RIGHT), of=run(of)) for of in (asking, project, manifest)]

    assert [(each.outcome, each.reason) for each in ended] == [
        ("no_fix", "conflict"),
        ("verified", None),
        ("verified", None),
    ]


async def test_a_right_draft_after_a_wrong_one_is_verified():
    """The author is told what really failed, and the run says how it went."""
    author, told = Writer(EDITED, RIGHT), list[Event]()

    ended = await fixed(author, told=told)

    assert (ended.outcome, ended.reason, ended.status) == ("verified", None, "ended")
    assert ended.files == {"solution.py": RIGHT}
    assert [attempt.verdict.verified for attempt in ended.attempts] == [False, True]
    assert "assert -1 == 3" in author.briefs[1].failure
    assert [event.event for event in told] == ["input_judged", *["author_asked", "attempt_ended"] * 2]
    assert ended.receipt is not None
    assert ended.receipt.files_after != ended.receipt.files_before


async def test_green_input_is_unverified():
    """Nothing was red: there is nothing to show."""
    ended = await fixed(Writer(RIGHT), of=run(task(files={"solution.py": RIGHT})))

    assert (ended.outcome, ended.attempts, ended.files) == ("unverified", (), {"solution.py": RIGHT})
    assert "nothing shows that anything is wrong" in ended.summary
    assert "the error that was seen" in ended.next_step


async def test_a_missing_proof_is_unverified():
    """Green without all proofs is handed out, but not called verified."""

    def opinion(files: Mapping[str, str], case: Case) -> Verdict:
        return red(files) if files == case.before else green(files, "changed lines ran")

    ended = await fixed(Writer(*(f"{RIGHT}# {n}\n" for n in range(9))), opinion)

    assert (ended.outcome, len(ended.attempts)) == ("unverified", SAME_AGAIN)
    assert "changed lines ran" in ended.summary
    assert ended.receipt is not None


async def test_attempts_are_bounded():
    """As many as the budget says, then `no_fix` for the budget."""
    author = Writer(*(f"{WRONG}#{'x' * n}" for n in range(9)))

    ended = await fixed(author, failing_differently, run(task(budget=Budget(attempts=4))))

    assert (ended.outcome, ended.reason, len(ended.attempts)) == ("no_fix", "budget", 4)
    assert ended.files == {"solution.py": WRONG}


@pytest.mark.parametrize("budget", [Budget(tokens=250), Budget(usd=0.05)], ids=["tokens", "usd"])
async def test_tokens_and_money_are_bounded(budget: Budget):
    """The attempt that uses them up is the last; all of it is billed."""
    author = Writer(
        *(f"{WRONG}#{'x' * n}" for n in range(9)), usage=Usage(calls=1, input_tokens=100, output_tokens=25, usd=0.03)
    )

    ended = await fixed(author, failing_differently, run(task(budget=budget)))

    assert (ended.outcome, ended.reason, len(ended.attempts)) == ("no_fix", "budget", 2)
    assert (ended.usage.calls, ended.usage.tokens) == (2, 250)
    assert author.briefs[1].allowance.tokens in {None, 125}


async def test_seconds_are_bounded():
    """An author that does not come back is cut off; the attempts before it stand."""

    class Slow(Writer):
        async def write(self, brief: Brief) -> Draft:
            if brief.tried:
                await asyncio.sleep(60)
            return await super().write(brief)

    ended = await fixed(Slow(EDITED), of=run(task(budget=Budget(seconds=0.3))))

    assert (ended.outcome, ended.reason, len(ended.attempts)) == ("no_fix", "budget", 1)
    assert "within 0.3 s" in ended.summary
    assert ended.seconds < 10


async def test_the_same_failure_again_and_again_is_no_progress():
    """Three alike, and no model is paid for a fourth."""
    ended = await fixed(Writer(*(f"{WRONG}#{n}" for n in range(9))))

    assert (ended.outcome, ended.reason, len(ended.attempts)) == ("no_fix", "no_progress", 3)


async def test_an_author_without_ideas_is_no_progress():
    """What it tried is counted, and what still fails is said."""
    ended = await fixed(Writer(EDITED, NothingToOffer("offline", "no candidate is left", candidates=77)))

    assert (ended.outcome, ended.reason, len(ended.attempts)) == ("no_fix", "no_progress", 1)
    assert ended.candidates == 77
    assert ended.summary.startswith("no candidate is left. The last draft fails with: test_solution.py::test_add")


async def test_a_refusal_ends_the_run_and_is_billed():
    """The model declined; its call is in the usage."""
    ended = await fixed(Writer(EDITED, Refused("openai", "it declined", usage=Usage(calls=1, usd=0.5))))

    assert (ended.outcome, ended.reason, ended.usage.usd) == ("no_fix", "refused", 0.5)
    assert len(ended.attempts) == 1


async def test_an_unreachable_model_is_the_environment():
    """Its hint is the next step, no key is in it, and what was billed is counted."""
    key = "sk-" + "proj-" + "a1B2c3D4" * 6
    error = ProviderUnavailable("openai", f"no answer to {key}", hint="check the line", usage=Usage(calls=3))

    ended = await fixed(Writer(error))

    assert (ended.outcome, ended.reason, ended.next_step) == ("environment", None, "check the line")
    assert key not in ended.summary
    assert ended.usage.calls == 3


@pytest.mark.parametrize("error", [SandboxUnavailable("docker", "no daemon"), ImageMissing("docker", "no image")])
async def test_failing_machinery_is_the_environment(error: Exception):
    """Whether it fails for the input, for a draft, or for the replay: it is never shown to the author as the code's."""

    def at_once(files: Mapping[str, str], case: Case) -> Verdict:
        raise error

    def later(files: Mapping[str, str], case: Case) -> Verdict:
        if files != case.before:
            raise error
        return red(files)

    first = await fixed(Writer(RIGHT), at_once)
    second = await fixed(Writer(RIGHT), later)
    replayed = await fixed(Writer(RIGHT), of=run(task(tests={})), sandbox=PlayedSandbox(error=error))
    checked = await conductor(at_once).check(run(), {"solution.py": RIGHT}, None)

    for ended in (first, second, replayed, checked):
        assert (ended.outcome, ended.reason, ended.attempts) == ("environment", None, ())
        assert "docker: no" in ended.summary
        assert ended.next_step == "run: mendbox doctor"


def baseline_with(*findings: object, check: str = "tests", status: str = "failed") -> Opinion:
    def opinion(files: Mapping[str, str], _case: Case) -> Verdict:
        return red(files).model_copy(update={"reports": (report(check, status, *findings),)})  # type: ignore[arg-type]

    return opinion


@pytest.mark.parametrize(
    ("opinion", "says"),
    [
        (
            baseline_with(
                finding("'(' was never closed", "SyntaxError", "syntax", path="test_solution.py", line=3),
                check="syntax",
            ),
            "line 3",
        ),
        (baseline_with(finding("no test passed", "no-tests")), "no test passed"),
        (baseline_with(finding("the path is too long", "path", "shape", path="x"), check="shape"), "too long"),
    ],
    ids=["tests do not parse", "no tests", "bad path"],
)
async def test_what_no_draft_could_mend_is_a_conflict(opinion: Opinion, says: str):
    """The author is not asked."""
    author = Writer(RIGHT)

    ended = await fixed(author, opinion)
    checked = await conductor(opinion).check(run(), {"solution.py": RIGHT}, {"solution.py": WRONG})

    for each in (ended, checked):
        assert (each.outcome, each.reason) == ("no_fix", "conflict")
        assert says in each.summary
    assert author.briefs == []


async def test_a_check_that_cannot_tell_is_the_environment():
    """A broken check on the input says nothing about the code."""
    ended = await fixed(Writer(RIGHT), baseline_with(check="lint", status="broken"))

    assert ended.outcome == "environment"


async def test_flaky_and_tampering_drafts_are_told_apart():
    """A draft that ends differently the second time is flaky; one that changes its tests, tampering."""

    def flaky(files: Mapping[str, str], case: Case) -> Verdict:
        return red(files) if files == case.before else green(files, "repeat agrees")

    def tampering(files: Mapping[str, str], case: Case) -> Verdict:
        return red(files, "changed", "tampered") if files != case.before else red(files)

    one_attempt = run(task(budget=Budget(attempts=1)))

    assert (await fixed(Writer(RIGHT), flaky, one_attempt)).reason == "flaky"
    assert (await fixed(Writer(RIGHT), tampering, one_attempt)).reason == "tampered"


async def test_cancelling_comes_out():
    """The conductor does not swallow it: whoever cancels decides what it means."""

    class Waiting(Writer):
        async def write(self, brief: Brief) -> Draft:
            await asyncio.sleep(60)
            return await super().write(brief)

    going = asyncio.create_task(fixed(Waiting(RIGHT)))
    await asyncio.sleep(0.05)
    going.cancel()

    with pytest.raises(asyncio.CancelledError):
        await going


async def test_an_unusable_reply_needs_no_box():
    """It is an attempt, red, and the judge is not asked."""
    steps = (
        Step(unusable="only prose"),
        Step(files={"solution.py": RIGHT}, note="right"),
    )
    judge = OpinionatedJudge(fair)
    taker = Conductor(sandbox=PlayedSandbox(), judge=judge, record=MemoryRecord(), watch=nobody)

    ended = await taker.fix(run(), Scripted(steps))

    assert [attempt.draft.unusable for attempt in ended.attempts] == ["only prose", ""]
    assert (ended.outcome, judge.asked) == ("verified", 2)


# --- only an error was reported -------------------------------------------------------------------------------------


def ran(text: str = "") -> Outcome:
    return Outcome(ended="exited", exit_code=1, stdout=Stream(head=text.encode(), total_bytes=len(text)))


def replaying(files: Mapping[str, str], case: Case) -> Verdict:
    assert "test_reproduction.py" in case.tests
    if "a + b" in files["solution.py"]:
        return green(files)
    return red(files, "KeyError: 'x'", "KeyError")


async def test_a_reported_error_is_reproduced_and_mended():
    """The replay is the frozen test, and the author knows that it is only one."""
    author = Writer(RIGHT)

    ended = await fixed(
        author, replaying, run(task(tests={}, error="KeyError: 'x'")), sandbox=PlayedSandbox(ran(), ran())
    )

    assert ended.outcome == "verified"
    assert ended.receipt is not None
    assert ended.receipt.tests_from == "reproduction"
    assert author.briefs[0].reproduction


async def test_an_error_that_cannot_be_reproduced_is_unverified():
    """It says what was seen instead, and nobody is asked."""
    author = Writer(RIGHT)

    other = await fixed(
        author, replaying, run(task(tests={}, error="ValueError: 1")), sandbox=PlayedSandbox(ran(), ran())
    )
    nothing = await fixed(
        author,
        replaying,
        run(task(files={"solution.py": RIGHT}, tests={}, error="x")),
        sandbox=PlayedSandbox(ran(), ran()),
    )
    unclear = await fixed(author, replaying, run(task(files={"a.py": "", "b.py": ""}, tests={})))

    assert [each.outcome for each in (other, nothing, unclear)] == ["unverified"] * 3
    assert "KeyError, not with the reported ValueError" in other.summary
    assert "did not fail" in nothing.summary
    assert "not clear which" in unclear.summary
    assert author.briefs == []


async def test_green_tests_and_an_error_make_a_replay_beside_them():
    """The caller's tests stay frozen as well."""

    def opinion(files: Mapping[str, str], case: Case) -> Verdict:
        if "test_reproduction.py" not in case.tests:
            return green(files)
        assert case.tests["test_solution.py"] == TEST
        return replaying(files, case)

    ended = await fixed(Writer(RIGHT), opinion, run(task(error="KeyError: 'x'")), sandbox=PlayedSandbox(ran(), ran()))

    assert ended.outcome == "verified"


# --- only judged ----------------------------------------------------------------------------------------------------


def judged(verdict: Verdict) -> Opinion:
    return lambda files, case: red(files) if case.baseline is None else verdict


@pytest.mark.parametrize(
    ("verdict", "ends"),
    [
        (green({}), ("verified", None)),
        (green({}, "red before"), ("unverified", None)),
        (green({}, "repeat agrees"), ("no_fix", "flaky")),
        (red({}), ("no_fix", "red")),
        (red({}, "changed", "tampered"), ("no_fix", "tampered")),
        (red({}).model_copy(update={"reports": (report("lint", "broken", summary="?"),)}), ("environment", None)),
    ],
    ids=["verified", "unproven", "flaky", "red", "tampered", "broken"],
)
async def test_a_judged_draft_has_an_outcome(verdict: Verdict, ends: tuple[str, str | None]):
    """One attempt by the caller, and the words of a run that was healed."""
    ended = await conductor(judged(verdict)).check(run(), {"solution.py": RIGHT}, None)

    assert (ended.outcome, ended.reason) == ends
    assert len(ended.attempts) == 1
    assert (ended.receipt is not None) == verdict.green


async def test_stand_ins_are_empty_modules_beside_the_data():
    """Without an earlier version, what is not Python stays: tests may read it, and it is not what is judged."""
    asked: list[Case] = []

    def opinion(files: Mapping[str, str], case: Case) -> Verdict:
        asked.append(case)
        return red(files) if case.baseline is None else green(files)

    await conductor(opinion).check(run(), {"solution.py": RIGHT, "data.csv": "1,2"}, None)
    await conductor(opinion).check(run(), {"solution.py": RIGHT}, {"solution.py": WRONG})

    assert asked[0].before == {"solution.py": "", "data.csv": "1,2"}
    assert (asked[0].stand_in, asked[2].stand_in, asked[2].before) == (True, False, {"solution.py": WRONG})


# --- taken up again -------------------------------------------------------------------------------------------------


class Crash(Exception):
    """The power went off."""


@pytest.mark.parametrize("where", ["second draft", "second verdict"])
async def test_a_resumed_run_asks_and_judges_nothing_again(tmp_path: Path, where: str):
    """What the journal has is neither written nor judged a second time, whatever came between."""
    crashed = [False]

    class Crashing(Writer):
        async def write(self, brief: Brief) -> Draft:
            if where == "second draft" and brief.tried and not crashed[0]:
                crashed[0] = True
                raise Crash
            return await super().write(brief)

    def opinion(files: Mapping[str, str], case: Case) -> Verdict:
        if where == "second verdict" and "a + b" in files["solution.py"] and not crashed[0]:
            crashed[0] = True
            raise Crash
        return fair(files, case)

    author, judge, of = Crashing(EDITED, RIGHT), OpinionatedJudge(opinion), run()
    async with await Journal.open(tmp_path) as journal:
        await journal.begin(of, author="writer", owner=this_process())
        with pytest.raises(Crash):
            await Conductor(sandbox=PlayedSandbox(), judge=judge, record=journal, watch=nobody).fix(of, author)
    asked_before = (len(author.briefs), judge.asked)

    async with await Journal.open(tmp_path) as journal:
        ended = await Conductor(sandbox=PlayedSandbox(), judge=judge, record=journal, watch=nobody).fix(of, author)

    assert ended.outcome == "verified"
    assert len(ended.attempts) == 2
    if where == "second draft":
        assert (asked_before, len(author.briefs), judge.asked) == ((1, 2), 2, 3)
    else:
        assert (asked_before, len(author.briefs), judge.asked) == ((2, 3), 2, 4)


async def test_a_run_that_ended_in_the_environment_goes_on_from_there(tmp_path: Path):
    """The replay of an error is not taken again either."""
    of = run(task(tests={}, error="KeyError: 'x'"))
    sandbox = PlayedSandbox(ran(), ran())
    author = Writer(ProviderUnavailable("writer", "the line is down"))

    async with await Journal.open(tmp_path) as journal:
        await journal.begin(of, author="writer", owner=this_process())
        first = await fixed(author, replaying, of, sandbox=sandbox, record=journal)
        second = await fixed(Writer(RIGHT), replaying, of, sandbox=sandbox, record=journal)

    assert (first.outcome, second.outcome) == ("environment", "verified")
    assert len(sandbox.opened) == 1

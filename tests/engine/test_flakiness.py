"""Flaky tests are told from wrong ones: which sessions are repeated, what that costs, and how a run then ends."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from engine.case import Case
from engine.checks.base import Subject
from engine.checks.tests import Tests
from engine.conduct import Conductor
from engine.domain import Budget, Report, Run, TestEnd, Verdict
from engine.events import nobody
from engine.flakiness import Flakiness
from engine.judging import BoxJudge
from engine.proofs import red_before
from sandboxes.base import Command, Outcome, Sandbox
from tests.engine.made import (
    NODE,
    RIGHT,
    TEST,
    WRONG,
    MemoryRecord,
    OpinionatedJudge,
    PlayedBox,
    PlayedSandbox,
    case,
    finding,
    green,
    lines,
    outcome,
    red,
    report,
    results,
    run,
    task,
)
from tests.engine.test_conduct import Writer

OTHER = "test_solution.py::test_other"


def session(seconds: float = 0.1, **ends: TestEnd) -> Outcome:
    """What a box says of a session in which each test ended so."""
    told = [
        {"event": "ended", "node": f"test_solution.py::{name}", "seconds": 0.01, "ended": ended, "rule": "E"}
        for name, ended in ends.items()
    ]
    return outcome(lines(*told, {"event": "done", "exit_code": 0}), seconds=seconds)


def failing(**ends: TestEnd) -> Verdict:
    """A verdict that is red through failing tests alone."""
    failed = [finding(f"{name}: no") for name, ended in ends.items() if ended == "failed"]
    tests = report("tests", "failed", *failed, tests=results(**ends))
    return Verdict(files_sha256="0", reports=(report("shape"), report("syntax"), report("lint"), tests))


async def looked(of: Case, verdict: Verdict, *played: Outcome) -> tuple[Verdict, PlayedBox]:
    box = PlayedBox(iter(played))
    subject = Subject(files={"solution.py": WRONG}, case=of)
    return await Flakiness(Tests()).look(subject, box, verdict), box


def unjudged(**more: object) -> Case:
    return case(**more).model_copy(update={"baseline": None})


# --- which sessions are repeated --------------------------------------------------------------------------------------


async def test_a_test_that_is_always_red_is_wrong_and_not_flaky():
    """Two repeats: the same order in a fork, and the opposite one in a new interpreter with another hash seed."""
    verdict, box = await looked(
        unjudged(), failing(test_add="failed"), session(test_add="failed"), session(test_add="failed")
    )

    asked = [(json.loads(command.stdin)["reverse"], command.warm) for command in box.commands]
    assert (verdict.flaky, asked) == ((), [(False, True), (True, False)])
    assert "PYTHONHASHSEED" in box.commands[1].env


async def test_a_test_that_ends_otherwise_in_the_same_order_is_flaky():
    """Whether it was red or green at first; one that stays red is not named."""
    verdict, _ = await looked(
        unjudged(),
        failing(test_add="failed", test_other="passed", test_wrong="failed"),
        session(test_add="passed", test_other="failed", test_wrong="failed"),
        session(test_add="failed", test_other="passed", test_wrong="failed"),
    )

    assert verdict.flaky == (NODE, OTHER)


async def test_one_repeat_is_enough_where_all_that_was_red_is_green():
    """There is nothing left to be told from wrong."""
    verdict, box = await looked(unjudged(), failing(test_add="failed"), session(test_add="passed"))

    assert (verdict.flaky, len(box.commands)) == ((NODE,), 1)


async def test_the_order_is_told_from_the_hash_seed_by_a_third_repeat():
    """It has the order of the first session and the seed of the second repeat: only with the order is not flaky."""
    first = failing(test_add="failed")
    same, other = session(test_add="failed"), session(test_add="passed")

    by_order, box = await looked(unjudged(), first, same, other, session(test_add="failed"))
    by_seed, _ = await looked(unjudged(), first, same, other, session(test_add="passed"))

    assert (by_order.flaky, len(box.commands)) == ((), 3)
    assert by_seed.flaky == (NODE,)
    assert box.commands[1].env == box.commands[2].env


def broken_otherwise() -> list[object]:
    collected = finding("test_solution.py cannot be collected: NameError", "NameError")
    hung = report("tests", "failed", finding(rule="hung"), tests=results(test_add="hung"))
    stopped = report("tests", "failed", finding("not within 20 s", "timeout"), tests=results(test_add="missing"))
    tampered = report("tests", "failed", finding(), finding("changed", "tampered"), tests=results(test_add="failed"))
    return [
        pytest.param((report("shape", "failed", finding(check="shape")), report("tests", "skipped")), id="shape"),
        pytest.param((report("syntax", "failed", finding(check="syntax")), failed_tests()), id="syntax"),
        pytest.param((report("tests", "failed", collected, tests=results(test_add="missing")),), id="collection"),
        pytest.param((hung,), id="hang"),
        pytest.param((stopped,), id="time-out"),
        pytest.param((tampered,), id="tampered"),
    ]


def failed_tests() -> Report:
    return report("tests", "failed", finding(), tests=results(test_add="failed"))


@pytest.mark.parametrize("reports", broken_otherwise())
async def test_what_fails_otherwise_than_by_a_test_costs_no_repeat(reports: tuple[Report, ...]):
    """No session is run where there is more wrong than tests that fail."""
    for of in (unjudged(), case(only_judged=True)):
        verdict, box = await looked(of, Verdict(files_sha256="0", reports=reports))

        assert (verdict.flaky, box.commands) == ((), [])


async def test_drafts_on_the_way_and_stand_ins_cost_no_repeat():
    """An author goes on from a red draft, and empty modules are red for no interesting reason."""
    lint = failing(test_add="failed").model_copy(
        update={"reports": (report("lint", "failed", finding(check="lint")), failed_tests())}
    )

    _, on_the_way = await looked(case(), failing(test_add="failed"))
    _, stand_in = await looked(unjudged(stand_in=True), failing(test_add="failed"))
    _, unclean = await looked(case(only_judged=True), lint)
    _, unclean_input = await looked(unjudged(), lint, session(test_add="failed"), session(test_add="failed"))

    assert [len(box.commands) for box in (on_the_way, stand_in, unclean, unclean_input)] == [0, 0, 0, 2]


async def test_repeats_have_a_budget_of_their_own():
    """Half of the time of one session in all: a long session is not repeated, and each repeat has what the others left."""
    of = unjudged(of=task(budget=Budget(test_seconds=10)))
    long = failing(test_add="failed")
    long = long.model_copy(
        update={"reports": (*long.reports[:-1], long.reports[-1].model_copy(update={"seconds": 5.1}))}
    )

    _, none = await looked(of, long)
    verdict, three = await looked(
        of,
        failing(test_add="failed"),
        session(4.0, test_add="failed"),
        session(0.5, test_add="passed"),
        session(0.5, test_add="passed"),
    )

    assert none.commands == []
    assert [command.seconds for command in three.commands] == [5.0, 1.0, 0.5]
    assert verdict.flaky == (NODE,)


async def test_a_repeat_that_is_cut_short_says_nothing():
    """A test that did not run is neither red nor green."""
    verdict, _ = await looked(
        unjudged(), failing(test_add="failed"), session(test_add="failed"), outcome(lines(), ended="timeout")
    )

    assert verdict.flaky == ()


async def test_a_red_draft_that_is_only_judged_is_repeated_once_in_the_same_order():
    """And its flaky tests are named."""
    verdict, box = await looked(case(only_judged=True), failing(test_add="failed"), session(test_add="passed"))

    assert (verdict.flaky, len(box.commands)) == ((NODE,), 1)
    assert json.loads(box.commands[0].stdin)["reverse"] is False


# --- how a run then ends ----------------------------------------------------------------------------------------------


def flaky(verdict: Verdict, *nodes: str) -> Verdict:
    return verdict.model_copy(update={"flaky": nodes})


def conductor(judge: OpinionatedJudge) -> Conductor:
    return Conductor(sandbox=PlayedSandbox(), judge=judge, record=MemoryRecord(), watch=nobody)


async def test_where_every_red_test_is_flaky_no_author_is_asked():
    """The run ends as flaky, names the tests, and says what to do next."""
    author = Writer(RIGHT)
    judge = OpinionatedJudge(lambda files, of: flaky(red(files), NODE))

    ended = await conductor(judge).fix(run(), author)

    assert (ended.outcome, ended.reason, author.briefs) == ("no_fix", "flaky", [])
    assert NODE in ended.summary
    assert "deterministic" in ended.next_step
    assert ended.baseline is not None
    assert ended.baseline.flaky == (NODE,)


async def test_where_only_some_are_flaky_the_run_goes_on_and_names_them():
    """Whether it ends with a fix or without."""

    def opinion(files: Mapping[str, str], of: Case) -> Verdict:
        if "a + b" in files["solution.py"]:
            return green(files)
        return flaky(red(files), OTHER)

    mended = await conductor(OpinionatedJudge(opinion)).fix(run(), Writer(RIGHT))
    unmended = await conductor(OpinionatedJudge(opinion)).fix(run(), Writer(*(f"{WRONG}# {n}\n" for n in range(9))))

    assert (mended.outcome, unmended.reason) == ("verified", "no_progress")
    assert f"Flaky, and not counted as red before: {OTHER}." in mended.summary
    assert f"Flaky, and not counted as red before: {OTHER}." in unmended.summary


def test_red_before_rests_on_no_flaky_test():
    """A test that is red by chance on the input shows nothing when it is green later."""
    was = failing(test_add="failed", test_other="failed")
    now = report("tests", tests=results(test_add="passed", test_other="passed"))

    some, none = red_before(case(), now, flaky(was, OTHER)), red_before(case(), now, flaky(was, OTHER, NODE))

    assert (some.held, none.held) == (True, False)
    assert some.detail.startswith("1 of 2 tests were red")
    assert f"flaky there: {OTHER}" in some.detail


async def test_a_judged_draft_is_flaky_and_not_red_where_its_repeat_is_green():
    """One of whose red tests some stay red is red."""

    async def checked(*nodes: str) -> Run:
        verdict = failing(test_add="failed", test_other="failed")
        judge = OpinionatedJudge(lambda files, of: red(files) if of.baseline is None else flaky(verdict, *nodes))
        return await conductor(judge).check(run(), {"solution.py": WRONG}, None)

    all_of_them, one, none = await checked(NODE, OTHER), await checked(NODE), await checked()

    assert [ended.reason for ended in (all_of_them, one, none)] == ["flaky", "red", "red"]
    assert NODE in all_of_them.summary


# --- in real boxes ----------------------------------------------------------------------------------------------------

LETTERS = "set('abcdefgh')"
ORDERED = f'def letters():\n    return "".join({LETTERS})\n'
CHANCE = """\
import random

import pytest

from solution import add


@pytest.mark.parametrize("number", range(40))
def test_by_chance(number):
    assert random.SystemRandom().random() < 0.5


def test_add():
    assert add(1, 2) == 3
"""


@pytest.mark.docker
async def test_a_failure_by_chance_is_told_from_a_wrong_answer(sandbox: Sandbox):
    """Of forty tests that toss a coin some are seen to; the one whose answer is wrong is not among them."""
    of = case(task(tests={"test_solution.py": CHANCE})).model_copy(update={"baseline": None})

    verdict = await BoxJudge(sandbox).judge({"solution.py": WRONG}, of, run_id="r")

    assert verdict.flaky
    assert all(node.startswith("test_solution.py::test_by_chance[") for node in verdict.flaky)
    assert NODE in {test.node_id for test in verdict.tests if test.ended == "failed"}


@pytest.mark.docker
async def test_a_test_that_rests_on_the_hash_order_is_flaky_before_an_author_is_asked(sandbox: Sandbox):
    """It expects the order of a set, which is another with every hash seed."""
    async with sandbox.open(run_id="r", limits=task().limits) as box:
        program = ("python", "-c", f"print(''.join({LETTERS}))")
        seen = await box.run(Command(argv=program, seconds=20, env={"PYTHONHASHSEED": "1"}))
    expected = seen.stdout.text.strip()
    test = f'from solution import letters\n\n\ndef test_letters():\n    assert letters() == "{expected}"\n'
    of, author = run(task(files={"solution.py": ORDERED}, tests={"test_solution.py": test})), Writer(ORDERED)
    conductor = Conductor(sandbox=sandbox, judge=BoxJudge(sandbox), record=MemoryRecord(), watch=nobody)

    ended = await conductor.fix(of, author)

    assert (ended.outcome, ended.reason, author.briefs) == ("no_fix", "flaky", [])
    assert "test_solution.py::test_letters" in ended.summary


@pytest.mark.docker
async def test_a_wrong_draft_stays_red_when_it_is_judged(sandbox: Sandbox):
    """It is looked at twice, and fails twice."""
    of = run(task(tests={"test_solution.py": TEST}))
    conductor = Conductor(sandbox=sandbox, judge=BoxJudge(sandbox), record=MemoryRecord(), watch=nobody)

    ended = await conductor.check(of, {"solution.py": WRONG}, None)

    assert (ended.outcome, ended.reason) == ("no_fix", "red")

"""How far a green draft is kept from its tests: which tier, what each of its proofs shows, and when there is no other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from engine.checks.base import Subject, tool
from engine.checks.tests import Tests
from engine.domain import Proof, Report
from engine.isolation import Isolated, Isolation
from sandboxes.base import Box, Outcome
from tests.engine.host_box import HostBox, host_box, subject_of
from tests.engine.made import NODE, PlayedBox, lines, outcome, report, results

ADDS = "def add(a, b):\n    return a + b\n"
PLAIN = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
WITH_CALLBACK = (
    "from solution import add\n\n\ndef test_add():\n    assert sorted([add(1, 2)], key=lambda a: a) == [3]\n"
)
BESIDE = "import inspect\nfrom solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
GREEN = report("tests", tests=results(test_add="passed"))


class Boxes:
    """Two boxes: the one that a draft was judged in, and another."""

    def __init__(self, first: PlayedBox, second: PlayedBox) -> None:
        self.first, self.second = first, second

    def another(self) -> AbstractAsyncContextManager[Box]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Box]:
            yield self.second

        return opened()


async def played(
    tests: str, *, code: str = ADDS, apart: list[Outcome] | None = None, beside: list[Outcome] | None = None
) -> tuple[Isolated, Boxes]:
    """What is seen where the boxes play these sessions."""
    boxes = Boxes(PlayedBox(iter(beside or [])), PlayedBox(iter(apart or [])))
    subject = subject_of({"solution.py": code}, {"test_solution.py": tests})
    subject = subject.model_copy(update={"case": subject.case.model_copy(update={"before": {"solution.py": ""}})})
    isolated = await Isolation(Tests()).examine(subject, boxes.first, GREEN, another=boxes.another)
    return isolated, boxes


def session(ended: str = "passed", *more: dict[str, object]) -> Outcome:
    """One session of the test, and what else was said in it."""
    event = {"event": "ended", "node": NODE, "seconds": 0.001, "ended": ended, "rule": "E", "message": "no"}
    code = 0 if ended == "passed" else 1
    said = [{"event": "collected", "nodes": [NODE]}, event, *more, {"event": "done", "exit_code": code}]
    return outcome(lines(*said), exit_code=code)


def held(isolated: Isolated) -> dict[str, bool]:
    return {proof.name: proof.held for proof in isolated.proofs}


def named(isolated: Isolated, name: str) -> Proof:
    return next(proof for proof in isolated.proofs if proof.name == name)


TWIN_RED = session("failed")
DECIDED: dict[str, object] = {"event": "decided", "node": NODE}
UNSEPARABLE: dict[str, object] = {"event": "unseparable", "why": "the class A is made from one of the other process"}
APART = {"kept apart": True, "does not look for its judge": True, "repeat agrees": True}
TOGETHER = {"twins red": True, "does not look for its judge": True, "repeat agrees": True}


# --- which tier -------------------------------------------------------------------------------------------------------


async def test_plain_tests_are_kept_apart_three_times():
    """First, where that has been, and elsewhere in the opposite order; the first box is not asked."""
    isolated, boxes = await played(PLAIN, apart=[session(), session(), session()])

    assert (isolated.tier, isolated.report.status, held(isolated)) == ("separate-process", "passed", APART)
    assert "only plain data decided" in named(isolated, "kept apart").detail
    assert boxes.first.commands == []
    asked = [json.loads(command.stdin) for command in boxes.second.commands]
    assert [each["again"] > 0 for each in asked] == [False, True, False]
    assert [(each["reverse"], each["elsewhere"]) for each in asked] == [(False, False), (False, False), (True, True)]
    assert asked[2]["environment"]["HOME"] == asked[2]["environment"]["TMPDIR"]
    assert isolated.not_shown


async def test_tests_that_look_at_their_process_stay_with_the_code():
    """Decided by their text, with no session apart: a twin each, and the tests again in another interpreter."""
    isolated, boxes = await played(BESIDE, beside=[TWIN_RED, session()])

    assert (isolated.tier, isolated.report.status, held(isolated)) == ("same-process", "passed", TOGETHER)
    assert "imports inspect" in isolated.not_shown[0]
    assert boxes.second.commands == []
    assert [command.argv[1] for command in boxes.first.commands] == [tool("session.py")] * 2
    assert (b"assert add(1, 2) == 1018" in b"".join(text for _, text in boxes.first.written)) is True
    assert boxes.first.files["test_solution.py"] == BESIDE.encode()
    assert [command.warm for command in boxes.first.commands] == [True, False]


async def test_what_is_seen_to_need_the_process_goes_back_to_it():
    """Whatever their text says, the session tells that it cannot be done."""
    isolated, _ = await played(WITH_CALLBACK, apart=[session("failed", UNSEPARABLE)], beside=[TWIN_RED, session()])

    assert (isolated.tier, held(isolated)) == ("same-process", TOGETHER)
    assert "the class A is made" in isolated.not_shown[0]


async def test_a_failure_apart_of_tests_that_are_not_plain_may_be_ours():
    """They are looked at in the weaker tier then."""
    isolated, _ = await played(WITH_CALLBACK, apart=[session("failed")], beside=[TWIN_RED, session()])

    assert (isolated.tier, isolated.report.status, held(isolated)) == ("same-process", "passed", TOGETHER)
    assert "did not all pass from another process" in isolated.not_shown[0]


async def test_a_failure_apart_of_plain_tests_is_the_drafts():
    """There is no other tier to go to."""
    isolated, boxes = await played(PLAIN, apart=[session("failed")])

    assert (isolated.tier, isolated.report.status, isolated.proofs) == ("separate-process", "failed", ())
    assert "process of its own" in isolated.report.findings[0].message
    assert boxes.first.commands == []


async def test_a_test_that_is_not_run_apart_did_not_pass():
    """Whatever was green beside the code has to be green again."""
    isolated, _ = await played(
        PLAIN, apart=[outcome(lines({"event": "collected", "nodes": []}, {"event": "done", "exit_code": 0}))]
    )

    assert (isolated.tier, isolated.report.status) == ("separate-process", "failed")


async def test_a_draft_that_looks_around_has_no_other_tier():
    """Where its tests fail apart, and it reaches for frames or names its judge."""
    looks = f"import sys\n\n\ndef caller():\n    return sys._getframe(1)\n\n\n{ADDS}"
    isolated, boxes = await played(WITH_CALLBACK, code=looks, apart=[session("failed")])

    assert (isolated.tier, isolated.report.status) == ("separate-process", "failed")
    assert boxes.first.commands == []


async def test_an_object_that_lies_about_itself_is_tampering():
    """Found in a session that is green."""
    lie: dict[str, object] = {"event": "deceived", "what": "a Yes that holds 1 says that it equals 3"}
    isolated, boxes = await played(WITH_CALLBACK, apart=[session("passed", lie)])

    assert (isolated.report.status, isolated.deceitful) == ("failed", True)
    assert isolated.report.findings[0].message == lie["what"]
    assert boxes.first.commands == []


# --- what the code's own comparison decides ---------------------------------------------------------------------------


async def test_what_the_codes_own_comparison_decided_is_given_twins():
    """Apart as well, and only of the tests that it decided."""
    isolated, boxes = await played(PLAIN, apart=[session("passed", DECIDED), TWIN_RED, session(), session()])

    assert held(isolated) == APART
    assert "twins of 1 tests, whose expectations are wrong, were red" in named(isolated, "kept apart").detail
    assert json.loads(boxes.second.commands[1].stdin)["only"] == [NODE]
    assert "1018" in json.loads(boxes.second.commands[1].stdin)["sources"]["test_solution.py"]


async def test_a_twin_that_is_green_is_tampering_in_both_tiers():
    """What says yes to a wrong expectation says yes to everything; no repeat is paid for."""
    apart, _ = await played(PLAIN, apart=[session("passed", DECIDED), session()])
    beside, _ = await played(BESIDE, beside=[session()])

    for isolated in (apart, beside):
        assert (isolated.report.status, isolated.deceitful) == ("failed", True)
        assert "expectation was made wrong" in isolated.report.findings[0].message
        assert "repeat agrees" not in held(isolated)
    assert held(apart)["kept apart"] is False
    assert held(beside)["twins red"] is False


async def test_what_has_no_twin_is_named_as_not_shown():
    """A test that rests on the code's own comparison, and whose expectation cannot be made wrong."""
    tests = "from solution import add\n\n\ndef test_add():\n    if add(1, 2):\n        assert add(1, 2) == 3\n"
    isolated, _ = await played(tests, apart=[session("passed", DECIDED), session(), session()])

    assert isolated.report.status == "passed"
    assert any("No twin could be made" in sentence and "test_add" in sentence for sentence in isolated.not_shown)


LEAVES = "import inspect\nfrom solution import add\n\n\ndef test_add():\n    if add(1, 2) == 3:\n        return\n    assert False\n"
"""A test that stays with the code, and need not come to anything that can be made wrong."""


async def test_beside_the_code_a_test_that_was_red_has_to_have_a_twin():
    """Nothing else tells right answers from a yes to everything: the proof is not claimed, and no repeat is paid for."""
    isolated, boxes = await played(LEAVES)

    assert (isolated.tier, isolated.report.status) == ("same-process", "passed")
    assert held(isolated) == {"twins red": False, "does not look for its judge": True}
    assert "no twin could be made of a test that was red" in named(isolated, "twins red").detail
    assert f"No twin could be made for {NODE}." in isolated.not_shown
    assert boxes.first.commands == []


async def test_a_twin_that_was_not_run_was_not_red():
    """Skipped, or gone: it counts as if there were none."""
    skipped, _ = await played(BESIDE, beside=[session("skipped")])
    gone, _ = await played(BESIDE, beside=[outcome(lines({"event": "done", "exit_code": 0}))])

    for isolated in (skipped, gone):
        assert held(isolated)["twins red"] is False
        assert isolated.report.status == "passed"
        assert f"No twin could be made for {NODE}." in isolated.not_shown


async def test_what_only_breaks_at_its_end_is_told_from_a_wrong_expectation():
    """The receipt says of which tests that is all there is."""
    tests = "import inspect\nfrom solution import add\n\n\ndef test_add():\n    add(1, 2)\n"
    isolated, boxes = await played(tests, beside=[TWIN_RED, session()])

    assert held(isolated) == TOGETHER
    assert named(isolated, "twins red").detail == "twins of 1 tests, which break at their end, were red"
    assert f"No expectation could be made wrong in {NODE}: their twins break at their end." in isolated.not_shown
    assert b"add(1, 2)\n    raise AssertionError" in b"".join(text for _, text in boxes.first.written)


async def test_a_draft_that_names_its_judge_is_not_repeated():
    """Its proof does not hold, whatever it does."""
    isolated, boxes = await played(
        PLAIN, code=f"import os\nA = os.environ.get('PYTEST_VERSION')\n{ADDS}", apart=[session()]
    )

    assert held(isolated) == {"kept apart": True, "does not look for its judge": False}
    assert len(boxes.second.commands) == 1


# --- the repeats ------------------------------------------------------------------------------------------------------


async def test_what_was_left_behind_is_seen_in_the_same_place():
    """Plain tests that end otherwise where they have been are refused."""
    isolated, _ = await played(PLAIN, apart=[session(), session("failed")])

    assert not named(isolated, "repeat agrees").held
    assert "beside what the first had left behind" in named(isolated, "repeat agrees").detail


async def test_plain_tests_that_depend_on_their_order_or_place_are_refused():
    """They have nothing of their own to depend on it by."""
    isolated, boxes = await played(PLAIN, apart=[session(), session(), session("failed")])

    assert not named(isolated, "repeat agrees").held
    assert len(boxes.second.commands) == 3


async def test_other_tests_may_leave_something_for_themselves():
    """They are looked at again in an emptied box, and may depend on their order."""
    same: list[Outcome] = [session(), session("failed"), session(), session("failed"), session()]
    isolated, boxes = await played(WITH_CALLBACK, apart=same)
    unsteady = [session(), session("failed"), session("failed")]
    flaky, _ = await played(WITH_CALLBACK, apart=unsteady, beside=[TWIN_RED, session("failed"), session("failed")])

    assert held(isolated) == APART
    assert [json.loads(command.stdin)["reverse"] for command in boxes.second.commands] == [False] * 3 + [True, False]
    assert not named(flaky, "repeat agrees").held


async def test_what_only_differs_from_another_process_is_looked_at_beside_the_code():
    """Where no test is plain: a callback out of a thread can meet what the tests ask, for which nobody is to blame."""
    unsteady = [session(), session("failed"), session("failed")]
    isolated, _ = await played(WITH_CALLBACK, apart=unsteady, beside=[TWIN_RED, session()])

    assert isolated.tier == "same-process"
    assert named(isolated, "repeat agrees").held
    assert any("did not end the same way twice from another process" in line for line in isolated.not_shown)


async def test_what_is_right_for_so_many_times_is_refused():
    """In one life of the code's process; what does not pass a second time, only where the tests are plain."""
    late: dict[str, object] = {"event": "changed", "node": NODE, "late": True}
    soon: dict[str, object] = {"event": "changed", "node": NODE, "late": False}
    used_up, _ = await played(PLAIN, apart=[session(), session("passed", late)])
    remembers, _ = await played(PLAIN, apart=[session(), session("passed", soon)])

    assert "only for so many times" in named(used_up, "repeat agrees").detail
    assert "a second time in one process" in named(remembers, "repeat agrees").detail
    assert not named(used_up, "repeat agrees").held
    assert not named(remembers, "repeat agrees").held


async def test_beside_the_code_an_order_may_matter_but_chance_may_not():
    """The same order once more tells."""
    by_order, _ = await played(BESIDE, beside=[TWIN_RED, session("failed"), session()])
    flaky, _ = await played(BESIDE, beside=[TWIN_RED, session("failed"), session("failed")])

    assert held(by_order) == TOGETHER
    assert not named(flaky, "repeat agrees").held


# --- the same, really run ---------------------------------------------------------------------------------------------


async def really(code: str, tests: str) -> Isolated:
    """What is seen of *code* with sessions that are run here; *tests* are green beside it."""
    subject: Subject = subject_of({"solution.py": code}, {"test_solution.py": tests})
    subject = subject.model_copy(update={"case": subject.case.model_copy(update={"before": {"solution.py": ""}})})

    @asynccontextmanager
    async def another() -> AsyncIterator[Box]:
        with host_box() as box:
            yield box

    first: Report = GREEN
    with host_box() as box:
        assert isinstance(box, HostBox)
        return await Isolation(Tests()).examine(subject, box, first, another=another)


async def test_honest_code_is_kept_apart():
    """With all proofs held."""
    isolated = await really(ADDS, PLAIN)

    assert (isolated.tier, isolated.report.status) == ("separate-process", "passed")
    assert held(isolated) == APART


async def test_code_that_breaks_the_stronger_tier_does_not_get_to_the_weaker_one():
    """It notices where it is and cannot be imported there: its tests are plain, so nobody else is to blame."""
    code = f"import sys\n\nif sys.argv == ['']:\n    raise ImportError('not here')\n\n\n{ADDS}"

    isolated = await really(code, PLAIN)

    assert (isolated.tier, isolated.report.status) == ("separate-process", "failed")


async def test_code_that_remembers_its_first_run_on_the_disk_is_found():
    """Right the first time only: the second session is where the first has been."""
    code = "import os\n\n\ndef add(a, b):\n    if os.path.exists('seen'):\n        return 0\n    open('seen', 'w').close()\n    return a + b\n"

    isolated = await really(code, PLAIN)

    assert not named(isolated, "repeat agrees").held


async def test_code_that_is_right_for_a_few_calls_is_found():
    """By the rounds of its tests in one process."""
    code = "LEFT = [30]\n\n\ndef add(a, b):\n    LEFT[0] -= 1\n    return a + b if LEFT[0] > 0 else 0\n"

    isolated = await really(code, PLAIN)

    assert not named(isolated, "repeat agrees").held
    assert "only for so many times" in named(isolated, "repeat agrees").detail


async def test_an_object_that_equals_everything_is_found():
    """Its comparison decides, and its twin is green."""
    code = "class Yes:\n    def __eq__(self, other):\n        return True\n\n    __hash__ = None\n\n\ndef add(a, b):\n    return Yes()\n"

    isolated = await really(code, PLAIN)

    assert (isolated.tier, isolated.report.status, isolated.deceitful) == ("separate-process", "failed", True)

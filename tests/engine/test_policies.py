"""When a run stops, how it ends, and what the person is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import get_args

import pytest

from agents.base import Allowance, Usage
from engine.advice import next_step
from engine.briefing import FAILURE_LIMIT, brief_for, cut, failure_of
from engine.conclusion import conclude
from engine.domain import Attempt, Budget, Ending, Reason, Report
from engine.policies import SAME_AGAIN, is_overspent, overspent, repeats, stalled, usage_of
from tests.engine.made import WRONG, attempt, case, finding, green, red, report, run, task

STATE = SimpleNamespace()
KEY = "sk-" + "proj-" + "a1B2c3D4" * 6


def failing_as(*messages: str, model: str | None = "a-model") -> list[Attempt]:
    return [
        attempt(number, verdict=red({"solution.py": f"{WRONG}# {number}"}, message), model=model)
        for number, message in enumerate(messages, start=1)
    ]


def test_the_same_failure_three_times_is_no_progress():
    """Whatever was changed: what fails in the same way, again and again, will go on to."""
    attempts = failing_as("other", "same", "same")

    assert repeats(attempts) == 2
    assert not stalled(attempts)(STATE)

    attempts.append(attempt(4, verdict=red({"solution.py": "# 4"}, "same")))
    assert repeats(attempts) == SAME_AGAIN
    assert stalled(attempts)(STATE)


def test_a_searching_author_may_fail_alike():
    """Its drafts differ by construction, and cost nothing; the same files again are no progress for it either."""
    same_files = [attempt(n, {"solution.py": WRONG}, model=None) for n in range(3)]

    assert repeats(failing_as("same", "same", "same", model=None)) == 1
    assert repeats(same_files) == 3
    assert repeats([]) == 0


def test_line_numbers_and_addresses_make_no_difference():
    """The same failure a line further down is the same failure."""
    attempts = failing_as("at 0x7f01, line 3", "at 0x7f02, line 4", "at 0x7f03, line 5")

    assert repeats(attempts) == 3


def test_unusable_replies_repeat_by_what_is_wrong_with_them():
    """Prose, then a cut-off reply, is two things; prose twice is one."""
    replies = [attempt(n, {"solution.py": WRONG + why}, unusable=why) for n, why in enumerate(("prose", "cut", "cut"))]

    assert repeats(replies) == 2


@pytest.mark.parametrize(
    ("budget", "spent"),
    [
        (Budget(tokens=100, usd=None), True),
        (Budget(tokens=101, usd=None), False),
        (Budget(tokens=None, usd=0.5), True),
        (Budget(tokens=None, usd=0.6), False),
        (Budget(tokens=None, usd=None), False),
    ],
)
def test_tokens_and_money_are_bounded(budget: Budget, spent: bool):
    """Either bound ends the run; neither has to be set."""
    attempts = [attempt(n, usage=Usage(calls=1, input_tokens=40, output_tokens=10, usd=0.25)) for n in (1, 2)]

    assert usage_of(attempts).tokens == 100
    assert is_overspent(attempts, budget) is spent
    assert overspent(attempts, budget)(STATE) is spent


REASONS: list[tuple[Ending, Reason | None]] = [
    (outcome, None) for outcome in get_args(Ending) if outcome != "no_fix"
] + [("no_fix", reason) for reason in get_args(Reason)]


@pytest.mark.parametrize(("outcome", "reason"), REASONS)
def test_every_end_has_a_next_step(outcome: Ending, reason: Reason | None):
    """One sentence that tells the person what to do."""
    sentence = next_step(outcome, reason)

    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_a_long_text_keeps_head_and_tail():
    """The mark says how much is left out."""
    text = "a" * 500 + "b" * 500

    assert cut(text, 1000) == text
    assert cut(text, 100) == f"{'a' * 50}\n[... 900 characters left out ...]\n{'b' * 50}"


def test_an_author_is_told_the_last_failure_and_all_that_was_tried():
    """The input's failure first; after an attempt its own; after an unusable reply still the last real one."""
    given = case(task(error="it is wrong"))
    first = brief_for(given, [], Allowance())
    second = brief_for(given, failing_as("assert 7 == 3"), Allowance())
    third = brief_for(given, [*failing_as("assert 7 == 3"), attempt(2, unusable="only prose")], Allowance())

    assert "assert -1 == 3" in first.failure
    assert (first.error, first.failing, first.tried) == ("it is wrong", ("test_solution.py::test_add",), ())
    assert "assert 7 == 3" in second.failure
    assert "+" in second.tried[0].diff
    assert second.files == {"solution.py": WRONG}
    assert third.failure == second.failure
    assert third.tried[1].failure == "only prose"


def test_an_author_is_told_to_change_before_it_is_too_late():
    """Two failures alike: the third attempt is asked for with another strategy."""
    assert not brief_for(case(), failing_as("same"), Allowance()).new_strategy
    assert brief_for(case(), failing_as("same", "same"), Allowance()).new_strategy


def test_a_failure_is_bounded_and_redacted():
    """A key that the program printed, and a flood of it, do not reach the author."""
    evidence = f"OPENAI_API_KEY={KEY}\n" + "x" * 50_000
    verdict = red({}).model_copy(
        update={"reports": (report("tests", "failed", *(finding(f"m{n}", evidence=evidence) for n in range(40))),)}
    )

    told = failure_of(verdict)

    assert KEY not in told
    assert len(told) < FAILURE_LIMIT + 100
    assert "and 28 more findings" in told


def test_a_failure_says_what_proof_is_missing_and_what_broke():
    """Green is not enough, and the author has to know why."""
    unproven = failure_of(green({}, "changed lines ran"))
    broken = failure_of(red({}).model_copy(update={"reports": (report("lint", "broken", summary="no answer"),)}))

    assert unproven == "not shown: changed lines ran: about changed lines ran"
    assert broken == "lint: no answer"


def test_the_best_attempt_concludes():
    """A verified draft wins over a later green one, a green one over red ones."""
    files = {"solution.py": "x = 1\n"}
    verified, unproven = attempt(1, files, green(files)), attempt(2, files, green(files, "changed lines ran"))

    won = conclude(run(), case(), [verified, unproven])
    weaker = conclude(run(), case(), [attempt(1), unproven, attempt(3)])

    assert (won.outcome, won.reason, won.files) == ("verified", None, files)
    assert "1 of 1 tests were red." in won.summary
    assert won.receipt is not None
    assert won.receipt.tests_from == "caller"
    assert (weaker.outcome, weaker.files) == ("unverified", files)
    assert "about changed lines ran" in weaker.summary


def test_flaky_code_is_not_handed_out():
    """A draft whose second session ended differently is no fix, and the files stay as they were."""
    files = {"solution.py": "x = 1\n"}

    ended = conclude(run(), case(), [attempt(1, files, green(files, "repeat agrees"))])

    assert (ended.outcome, ended.reason, ended.files) == ("no_fix", "flaky", {"solution.py": WRONG})


def tampering(number: int) -> Attempt:
    files = {"solution.py": f"# {number}"}
    tests: Report = report("tests", "failed", finding("frozen files were changed", "tampered"))
    return attempt(number, files, red(files).model_copy(update={"reports": (tests,)}))


@pytest.mark.parametrize(
    ("attempts", "budget", "stopped_by", "reason"),
    [
        pytest.param([tampering(1)], Budget(), "", "tampered", id="tampered"),
        pytest.param([attempt(1, usage=Usage(usd=2))], Budget(usd=1), "no idea", "budget", id="money before ideas"),
        pytest.param([attempt(1)], Budget(), "no further idea", "no_progress", id="nothing to offer"),
        pytest.param([], Budget(), "no idea", "no_progress", id="nothing at all"),
        pytest.param(failing_as("s", "s", "s"), Budget(), "", "no_progress", id="stalled"),
        pytest.param(failing_as("a", "b", "c"), Budget(attempts=3), "", "budget", id="attempts"),
    ],
)
def test_no_fix_says_why(attempts: list[Attempt], budget: Budget, stopped_by: str, reason: Reason):
    """Each way to end without a fix has its reason, a summary and a next step."""
    ended = conclude(run(task(budget=budget)), case(), attempts, stopped_by=stopped_by)

    assert (ended.outcome, ended.reason) == ("no_fix", reason)
    assert ended.summary
    assert ended.next_step == next_step("no_fix", reason)
    assert ended.receipt is None


def test_no_fix_names_the_failing_test_before_what_the_linter_says():
    """The linter's findings in the input are not what the run was about."""
    judged = red({"solution.py": WRONG})
    lint = report("lint", "failed", finding("unused variable", "F841", "lint"))
    started = run().model_copy(update={"baseline": judged.model_copy(update={"reports": (lint, *judged.reports)})})

    ended = conclude(started, case(), [], stopped_by="no idea")

    assert ended.summary.startswith("no idea. The code as handed in fails with: test_solution.py::")

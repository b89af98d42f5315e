"""What helps to choose what an author is shown comes from the task and from the verdict on the input."""

from __future__ import annotations

from agents.base import Allowance, Background, Suite
from engine.briefing import background_of, brief_for
from engine.domain import Verdict
from tests.engine.made import NODE, WRONG, attempt, case, finding, red, report, results, task

EVIDENCE = "test_solution.py:4: in test_add\n    assert add(1, 2) == 3\n/work/solution.py:2: in add\n    return a - b"


def judged() -> Verdict:
    """The verdict on an input whose test fails in ``solution.py``."""
    failed = report(
        "tests",
        "failed",
        finding(f"{NODE}: assert -1 == 3", evidence=EVIDENCE, path="solution.py", line=2),
        tests=results(test_add="failed"),
        executed={"solution.py": (1, 2), "*": ()},
    )
    return red({"solution.py": WRONG}).model_copy(update={"reports": (failed,)})


def test_the_verdict_on_the_input_says_where_to_look() -> None:
    """Frames with the innermost last, lines that ran, and what was said; all of files that there are."""
    background = background_of(case(task(suite=Suite()), baseline=judged()))

    assert background is not None
    assert background.frames == (("test_solution.py", 4), ("solution.py", 2), ("solution.py", 2))
    assert background.executed == {"solution.py": (1, 2)}
    assert "assert -1 == 3" in background.said


def test_what_the_red_tests_ran_counts_before_what_all_did() -> None:
    """Each tells its own lines where it was asked to; a file that is none of the task's is left out."""
    baseline = judged()
    reached = {NODE: {"solution.py": (2,)}, f"{NODE}_too": {"solution.py": (1,), "gone.py": (9,)}}
    asked = baseline.reports[0].model_copy(update={"reached": reached, "executed": {"test_solution.py": (1,)}})

    background = background_of(case(task(suite=Suite()), baseline=baseline.model_copy(update={"reports": (asked,)})))

    assert background is not None
    assert background.executed == {"solution.py": (1, 2)}


def test_what_the_task_knows_counts_first() -> None:
    """Whoever ran the failing tests alone knows better than a run of all of them; history comes from nowhere else."""
    known = Background(executed={"solution.py": (2,)}, history=(("Add", ("solution.py",)),))

    background = background_of(case(task(background=known), baseline=judged()))

    assert background is not None
    assert (background.executed, background.history) == (known.executed, known.history)
    assert background.frames


def test_it_is_the_same_for_every_attempt() -> None:
    """So that what is shown stays the same, and a provider's cache is met."""
    given = case(task(suite=Suite()), baseline=judged())

    first = brief_for(given, [], Allowance())
    later = brief_for(given, [attempt(1, verdict=red({"solution.py": "x"}, "another"))], Allowance())

    assert first.background == later.background


def test_a_snippet_needs_none() -> None:
    """All of it is shown."""
    assert background_of(case(baseline=judged())) is None
    unjudged = case(task(suite=Suite())).model_copy(update={"baseline": None})
    assert background_of(unjudged) == Background()

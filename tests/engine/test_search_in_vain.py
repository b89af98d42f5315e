"""Where a search mended nothing, the run says what was tried, where the fault may be, and what may help."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from agents.base import Brief, Draft, Lead, Suspect, Usage
from agents.errors import AuthorError, NothingToOffer, ProviderUnavailable, Refused
from engine.case import Case
from engine.domain import Budget, Run, Verdict
from tests.engine.made import WRONG, finding, red, report, run, task
from tests.engine.test_conduct import fixed

SUSPECTS = (Suspect(path="solution.py", line=2, score=1.0, text="return a - b"),)
KINDS = {"operators": 30, "names": 10}
LEAD = Lead(author="offline", suspects=SUSPECTS, candidates=40, kinds=KINDS)


class Searches:
    """An author whose search ends in *error* after so many drafts, or never; *lead* is what it has learnt by then."""

    name = "offline"

    def __init__(self, error: AuthorError | None, *, lead: Lead | None = None, drafts: int = 0) -> None:
        self._error = error
        self._lead = lead
        self._drafts = drafts

    async def write(self, brief: Brief) -> Draft:
        if len(brief.tried) < self._drafts:
            return Draft(files={"solution.py": f"{WRONG}# {brief.tried}\n"}, author=self.name, suspects=SUSPECTS)
        if self._error is None:
            await asyncio.Event().wait()
            raise AssertionError
        raise self._error

    def so_far(self) -> Lead | None:
        return self._lead


def in_vain(**changes: object) -> NothingToOffer:
    lead = LEAD.model_copy(update=changes)
    return NothingToOffer("offline", "40 small edits were tried", candidates=40, lead=lead)


@pytest.mark.parametrize(
    ("ending", "reason", "help_"),
    [
        pytest.param("ideas", "no_progress", "More time would not help", id="no ideas left"),
        pytest.param("time", "budget", "Allow more with --seconds", id="no time left"),
        pytest.param("memory", "no_progress", "MENDBOX_MEMORY_MIB", id="no memory left"),
        pytest.param("cut off", "no_progress", "broke off", id="broken off"),
    ],
)
async def test_what_may_help_depends_on_what_the_search_ran_out_of(ending: str, reason: str, help_: str):
    """More time is recommended only where time was short; a model always may help."""
    ended = await fixed(Searches(in_vain(ending=ending)))

    assert (ended.outcome, ended.reason) == ("no_fix", reason)
    assert help_ in ended.next_step
    assert "OPENAI_API_KEY" in ended.next_step
    assert "40 small edits were tried" in ended.summary
    assert (ended.candidates, ended.kinds, ended.suspects) == (40, KINDS, SUSPECTS)


async def test_where_the_edits_it_found_were_turned_down_the_attempts_say_why():
    """More tests may tell right from wrong; more time would find more of the same."""
    ended = await fixed(Searches(in_vain(), drafts=1))

    assert (ended.reason, len(ended.attempts)) == ("no_progress", 1)
    assert "mendbox show" in ended.next_step
    assert "more tests" in ended.next_step


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(Refused("openai", "no", usage=Usage(calls=1)), "no_fix", id="a model that declines"),
        pytest.param(ProviderUnavailable("openai", "away"), "environment", id="a model that stays away"),
    ],
)
async def test_what_was_learnt_is_not_lost_with_the_model(error: AuthorError, outcome: str):
    """The search before it was not for nothing."""
    error.lead, error.candidates = LEAD, 40

    ended = await fixed(Searches(error))

    assert ended.outcome == outcome
    assert (ended.candidates, ended.kinds, ended.suspects) == (40, KINDS, SUSPECTS)
    assert ended.usage == error.usage


async def test_a_search_that_is_stopped_at_the_end_of_the_time_tells_how_far_it_was():
    """What it said until then stands in the run."""
    stopped = LEAD.model_copy(update={"ending": "time"})

    ended = await fixed(Searches(None, lead=stopped), of=short())

    assert (ended.outcome, ended.reason) == ("no_fix", "budget")
    assert "No draft passed within 0.05 s. 40 small edits were tried until the time ran out" in ended.summary
    assert "Allow more with --seconds" in ended.next_step
    assert (ended.candidates, ended.kinds, ended.suspects) == (40, KINDS, SUSPECTS)


async def test_edits_that_were_found_too_late_to_be_judged_are_mentioned():
    """A little more time would have judged them."""
    stopped = LEAD.model_copy(update={"ending": "time", "plausible": ("diff",)})

    ended = await fixed(Searches(None, lead=stopped), of=short())

    assert "those that made the tests pass could not be judged any more" in ended.summary


async def test_where_no_search_came_so_far_the_judge_says_where():
    """A file that does not parse has its line in the verdict on the input."""

    def opinion(files: Mapping[str, str], _case: Case) -> Verdict:
        judged = red(files)
        place = finding("invalid syntax", "SyntaxError", "syntax").model_copy(update={"path": "solution.py", "line": 2})
        return judged.model_copy(update={"reports": (report("syntax", "failed", place),)})

    ended = await fixed(Searches(in_vain(suspects=())), opinion)

    assert [(s.path, s.line, s.text) for s in ended.suspects] == [("solution.py", 2, WRONG.splitlines()[1].strip())]


async def test_where_nothing_was_searched_nothing_is_said_of_it():
    """Another author's time may be over too."""
    ended = await fixed(Searches(None), of=short())

    assert ended.summary == "No draft passed within 0.05 s."
    assert (ended.candidates, dict(ended.kinds), ended.suspects) == (0, {}, ())


def short() -> Run:
    return run(task(budget=Budget(seconds=0.05)))

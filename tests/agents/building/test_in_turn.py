"""Where one model is out, the next is asked: for this part where it declined, for all parts where it cannot be reached."""

from __future__ import annotations

import pytest

from agents.base import Allowance, Usage
from agents.building import Assignment, Delivery
from agents.errors import AuthorError, KeyRejected, NothingToOffer, ProviderUnavailable, Refused, TooDear
from agents.in_turn import LONGEST, ArchitectsInTurn, BuildersInTurn, Roster
from agents.plans.commission import Commission, Proposal
from tests.agents.building.assignments import assignment
from tests.projects.plans import commission

COST = Usage(calls=1, input_tokens=70, output_tokens=30, usd=0.01)


class Vendor:
    """Plans and builds, or raises what it was given; the last of its answers goes on for ever."""

    def __init__(self, name: str, *answers: AuthorError | None) -> None:
        self.name = name
        self.allowed: list[Allowance] = []
        self._answers = [*answers]

    async def deliver(self, asked: Assignment) -> Delivery:
        self._say(asked.allowance)
        return Delivery(author=self.name, usage=COST)

    async def plan(self, asked: Commission) -> Proposal:
        self._say(asked.allowance)
        return Proposal(plan=None, architect=self.name, usage=COST)

    def _say(self, allowance: Allowance) -> None:
        self.allowed.append(allowance)
        answer = self._answers.pop(0) if len(self._answers) > 1 else next(iter(self._answers), None)
        if answer is not None:
            raise answer


def gone(name: str) -> ProviderUnavailable:
    return ProviderUnavailable(name, "the account has no quota left", hint="check the plan")


@pytest.mark.parametrize("error", [gone("one"), KeyRejected("one", "the key was turned away")])
async def test_who_cannot_be_reached_is_not_asked_again_by_anybody(error: AuthorError) -> None:
    """Neither for another part nor for a plan; who delivered is said, and why not the other."""
    one, two, roster = Vendor("one", error), Vendor("two"), Roster()

    first = await BuildersInTurn([one, two], roster).deliver(assignment())
    then = await BuildersInTurn([one, two], roster).deliver(assignment(number=2))
    planned = await ArchitectsInTurn([one, two], roster).plan(commission())

    assert (first.author, first.usage, first.passed_on) == ("two", COST, (f"one: {error.what}",))
    assert (then.author, then.passed_on, planned.architect) == ("two", (), "two")
    assert (len(one.allowed), len(two.allowed)) == (1, 3)


async def test_who_declines_one_part_is_asked_for_the_next() -> None:
    """What it has billed all the same counts, and is not there for the other any more."""
    one = Vendor("one", Refused("one", "it declined", usage=COST), NothingToOffer("one", "no idea"), None)
    two = Vendor("two")
    both = BuildersInTurn([one, two], Roster())
    told = assignment(allowance=Allowance(seconds=3_000, tokens=1_000, usd=1.0))

    delivered = [await both.deliver(told) for _ in range(3)]

    assert [(each.author, each.usage.calls) for each in delivered] == [("two", 2), ("two", 1), ("one", 1)]
    assert (two.allowed[0].tokens, two.allowed[0].usd) == (900, 0.99)


async def test_one_who_may_be_down_is_not_waited_for_as_long_as_the_last() -> None:
    """Time has to be left for the others; whoever is alone has all of it."""
    one, two = Vendor("one", gone("one")), Vendor("two")
    both = BuildersInTurn([one, two], Roster())

    await both.deliver(assignment(allowance=Allowance(seconds=3_000)))
    await both.deliver(assignment(allowance=Allowance(seconds=30)))

    assert one.allowed[0].seconds == LONGEST
    assert [round(each.seconds) for each in two.allowed] == [3_000, 30]


async def test_where_nobody_has_anything_all_are_named() -> None:
    """The last one's reason is the reason; they are asked again, for one may be back."""
    one, two = Vendor("one", gone("one"), None), Vendor("two", Refused("two", "it declined", usage=COST))
    both = BuildersInTurn([one, two], Roster())

    with pytest.raises(Refused, match="declined") as told:
        await both.deliver(assignment())
    out = BuildersInTurn([one], (roster := Roster()))
    roster.out["one"] = "it was down"

    assert told.value.what == "one: the account has no quota left; it declined"
    assert told.value.usage == COST
    assert (await out.deliver(assignment())).author == "one"


async def test_what_is_too_dear_is_passed_on_to_nobody() -> None:
    """Whoever asked may give more."""
    one, two = Vendor("one", TooDear("one", "the budget pays for no answer")), Vendor("two")

    with pytest.raises(TooDear):
        await BuildersInTurn([one, two], Roster()).deliver(assignment())

    assert two.allowed == []


async def test_there_has_to_be_somebody() -> None:
    """An empty row is a mistake of ours."""
    with pytest.raises(ValueError, match="somebody"):
        await Roster().first([], lambda _one, _allowance: Vendor("one").deliver(assignment()), Allowance())

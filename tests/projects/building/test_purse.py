"""The budget is everybody's together: nobody is asked for what is not set aside, and it is never exceeded."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.base import Allowance, Usage
from agents.errors import Refused, TooDear
from engine.clock import RunClock
from engine.domain import Budget
from engine.projects.building.purse import OutOfBudget, Purse
from tests.projects.building.doubles import PRICE, Company, Site, code, until
from tests.projects.building.plans import GOOD, two_components

QUESTIONS = 5
"""Of the smallest build without a mistake: plan, tests, scenarios, deployment, code."""


def purse(*, agents: int = 4, **budget: float) -> Purse:
    return Purse(Budget.model_validate({"attempts": 1_000, **budget}), agents=agents, clock=RunClock())


class Asked:
    """Somebody who takes their time, and spends all that they may."""

    def __init__(self) -> None:
        self.allowances: list[Allowance] = []
        self.go_on = asyncio.Event()

    async def __call__(self, allowance: Allowance) -> Usage:
        self.allowances.append(allowance)
        await self.go_on.wait()
        return Usage(calls=1, input_tokens=allowance.tokens or 0, usd=allowance.usd or 0.0)


def itself(usage: Usage) -> Usage:
    return usage


@pytest.mark.parametrize("attempts", range(1, QUESTIONS + 2))
async def test_no_more_is_asked_than_there_are_attempts(attempts: int) -> None:
    """At every limit up to what the build takes: exactly as many questions, and an end that says so."""
    site = Site(attempts=attempts)

    project = await site.build()

    asked = len(site.company.asked) + len(site.company.commissions)
    assert asked == min(attempts, QUESTIONS)
    assert (project.outcome, project.reason) == (("verified", None) if attempts >= QUESTIONS else ("no_fix", "budget"))
    assert project.usage.calls == asked
    if attempts < QUESTIONS:
        questions = "1 question" if attempts == 1 else f"{attempts} questions"
        assert project.summary == f"The budget of {questions} to agents is used up."
        assert "mendbox resume BUILD --attempts N" in project.next_step
        assert "go on with the same build" in project.next_step


@pytest.mark.parametrize("attempts", [6, 7])
async def test_the_attempts_of_mending_come_from_the_same_budget(attempts: int) -> None:
    """A component is given up where they end, by its name."""
    site = Site(Company(backend__greeter=[code("WRONG a"), code("WRONG b"), GOOD]), attempts=attempts)

    project = await site.build()

    assert len(site.company.asked) + 1 == attempts
    assert (project.outcome, project.component) == (("verified", "") if attempts == 7 else ("no_fix", "greeter"))
    assert project.reason == (None if attempts == 7 else "budget")


@pytest.mark.parametrize("limit", ["tokens", "usd"])
@pytest.mark.parametrize("questions", range(1, QUESTIONS + 1))
@pytest.mark.parametrize("short", [0, 1])
async def test_tokens_and_money_are_never_exceeded(limit: str, questions: int, short: int) -> None:
    """With agents who spend all that they may, at the price of so many answers, and a little less than that."""
    whole = {"tokens": PRICE.tokens, "usd": PRICE.usd}[limit] * questions
    most = whole - short * (1 if limit == "tokens" else 0.001)

    def spending(allowance: Allowance) -> Usage:
        tokens, usd = allowance.tokens, allowance.usd
        return Usage(
            calls=1,
            input_tokens=PRICE.tokens if tokens is None else min(tokens, PRICE.tokens),
            usd=PRICE.usd if usd is None else min(usd, PRICE.usd),
        )

    company = Company()
    company.spending = spending
    site = Site(company, **{limit: most})

    project = await site.build()

    spent = project.usage.tokens if limit == "tokens" else project.usage.usd
    assert spent <= most + 1e-9
    assert len(site.company.asked) >= min(questions - 1, QUESTIONS - 1)


async def test_those_who_are_asked_side_by_side_share_what_is_left() -> None:
    """None of them could overspend together with the others, whatever each of them takes."""
    shared, asked = purse(tokens=1_001, usd=1.0), Asked()

    with shared.shared_by(4):
        work = [asyncio.create_task(shared.pay(asked, itself)) for _ in range(4)]
        await until(lambda: len(asked.allowances) == 4)
        asked.go_on.set()
        await asyncio.gather(*work)

    assert sum(each.tokens or 0 for each in asked.allowances) <= 1_001
    assert min(each.tokens or 0 for each in asked.allowances) == 250
    assert shared.usage.tokens <= 1_001
    assert shared.usage.usd <= 1.0
    assert shared.attempts == 4


async def test_what_one_does_not_spend_is_there_for_the_next() -> None:
    """One who has set all aside is waited for, and gives back."""
    shared, asked = purse(tokens=100), Asked()
    first = asyncio.create_task(shared.pay(asked, lambda _: Usage(input_tokens=40)))
    await until(lambda: bool(asked.allowances))
    second = asyncio.create_task(shared.pay(asked, lambda _: Usage(input_tokens=60)))
    await asyncio.sleep(0)
    assert len(asked.allowances) == 1

    asked.go_on.set()
    await asyncio.gather(first, second)

    assert [each.tokens for each in asked.allowances] == [100, 60]
    with pytest.raises(OutOfBudget, match="The budget of 100 tokens is used up"):
        await shared.pay(asked, itself)


async def test_whose_part_is_too_small_gets_all_once_nobody_else_is_asked() -> None:
    """The question that was not asked does not count."""
    shared, asked = purse(tokens=1_000), Asked()
    allowances: list[int | None] = []

    async def dear(allowance: Allowance) -> Usage:
        allowances.append(allowance.tokens)
        if (allowance.tokens or 0) < 600:
            raise TooDear("m", "too little")
        return Usage(input_tokens=600)

    with shared.shared_by(2):
        other = asyncio.create_task(shared.pay(asked, lambda _: Usage(input_tokens=100)))
        await until(lambda: bool(asked.allowances))
        work = asyncio.create_task(shared.pay(dear, itself))
        await until(lambda: bool(allowances))
        asked.go_on.set()
        await asyncio.gather(other, work)

    assert allowances == [500, 900]
    assert (shared.attempts, shared.usage.tokens) == (2, 700)
    with pytest.raises(TooDear):
        await shared.pay(dear, itself)


async def test_whoever_is_cancelled_gives_back_what_was_set_aside() -> None:
    """Nothing of it is lost to those who come after."""
    shared, asked = purse(tokens=100), Asked()
    work = asyncio.create_task(shared.pay(asked, itself))
    await until(lambda: bool(asked.allowances))

    work.cancel()
    await asyncio.wait([work])
    asked.go_on.set()

    assert (await shared.pay(asked, itself)).tokens == 100


@pytest.mark.parametrize("agents", [1, 2, 3])
async def test_at_most_so_many_agents_are_asked_at_a_time(agents: int) -> None:
    """And where there may be several, several are."""
    tests = {path.replace("greeter/", "other/", 1): text for path, text in GOOD.items()}
    qa = {"services/other/tests/test_greeter.py": "R1"}
    company = Company([two_components()], backend__other=[tests], qa__other=[qa])
    company.held = asyncio.Event()
    site = Site(company, agents=agents)
    work = asyncio.create_task(site.build())
    await until(lambda: company.at_once == agents)

    company.held.set()
    project = await work

    assert project.outcome == "verified"
    assert company.most_at_once == agents


async def test_the_time_ends_a_build_wherever_it_is() -> None:
    """The seconds of the budget are over while somebody is asked: an end with its reason, and nobody left behind."""
    company = Company()
    company.held = asyncio.Event()
    site = Site(company, seconds=0.05)

    project = await site.build()

    assert (project.outcome, project.reason) == ("no_fix", "budget")
    assert project.summary == "The budget of 0.05 seconds is used up."
    assert company.at_once == 0


class Work(NamedTuple):
    """One question: what share of its allowance it spends, and how long it takes, in turns of the loop."""

    spends: float
    turns: int
    fails: bool


@settings(deadline=None, max_examples=60)
@given(
    work=st.lists(st.builds(Work, spends=st.floats(0, 1), turns=st.integers(0, 5), fails=st.booleans()), max_size=12),
    tokens=st.integers(1, 2_000),
    usd=st.floats(0.001, 5),
    attempts=st.integers(1, 12),
    agents=st.integers(1, 5),
)
def test_whatever_is_asked_side_by_side_stays_within_the_budget(
    work: list[Work], tokens: int, usd: float, attempts: int, agents: int
) -> None:
    """With agents who keep to their allowances, for any number of them, however they come and go."""

    async def all_of_it() -> Purse:
        shared = purse(agents=agents, tokens=tokens, usd=usd, attempts=attempts)
        asked = 0
        most = 0

        async def one(each: Work) -> None:
            nonlocal asked, most

            async def answer(allowance: Allowance) -> Usage:
                nonlocal asked, most
                asked += 1
                most = max(most, asked)
                for _ in range(each.turns):
                    await asyncio.sleep(0)
                asked -= 1
                usage = Usage(
                    calls=1,
                    input_tokens=int((allowance.tokens or 0) * each.spends),
                    usd=(allowance.usd or 0.0) * each.spends,
                )
                if each.fails:
                    raise Refused("m", "no", usage=usage)
                return usage

            with suppress(OutOfBudget, Refused):
                await shared.pay(answer, itself)

        with shared.shared_by(len(work)):
            await asyncio.wait_for(asyncio.gather(*map(one, work)), 20)
        assert most <= agents
        return shared

    shared = asyncio.run(all_of_it())

    assert shared.usage.tokens <= tokens
    assert shared.usage.usd <= usd * (1 + 1e-9)
    assert shared.attempts <= attempts
    assert shared.usage.calls <= attempts

"""What shows that each requirement is met."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from agents.plans.plan import Plan, Requirement
from engine.projects.building.outcome import Delivered, Evidence
from engine.projects.running.outcome import Ran, Seen
from engine.projects.running.scenarios import FIXED

_SEEN_FROM_OUTSIDE = frozenset({"page", "api"})


def evidence_of(
    plan: Plan, parts: Sequence[Delivered], named: Mapping[str, Collection[str]], ran: Ran | None
) -> tuple[Evidence, ...]:
    """For each requirement of *plan*: the scenarios that prove it in *ran*, and of the tests that are *named* for it those
    that passed in *parts*.

    A scenario is needed wherever there is something that can be seen from outside.
    """
    passed = {test for part in parts for test in part.tests}
    return tuple(
        _evidence(
            requirement,
            tests=_passed(named.get(requirement.id, ()), passed),
            seen=[each for each in (ran.scenarios if ran else ()) if each.requirement == requirement.id],
            ran=ran is not None,
            outside=has_outside(plan),
        )
        for requirement in plan.requirements
    )


def has_outside(plan: Plan) -> bool:
    """Whether anything of *plan* can be used from outside, so that there can be scenarios."""
    return any(component.kind in _SEEN_FROM_OUTSIDE for component in plan.components)


def _evidence(
    requirement: Requirement, *, tests: tuple[str, ...], seen: Sequence[Seen], ran: bool, outside: bool
) -> Evidence:
    proving = tuple(each.name for each in seen if each.proves)
    missing = ""
    if outside and not proving:
        missing = _why_not(seen, ran=ran)
    elif not proving and not tests:
        missing = "no test that passed names it"
    fixed = tuple(each.name for each in seen if each.why_not == FIXED)
    return Evidence(
        requirement=requirement.id,
        text=requirement.text,
        scenarios=proving,
        tests=tests,
        fixed=() if proving else fixed,
        missing=missing,
    )


def _why_not(seen: Sequence[Seen], *, ran: bool) -> str:
    if not ran:
        return "the whole was not run"
    if not seen:
        return "no scenario is about it"
    fixed = next((each for each in seen if each.why_not == FIXED), None)
    if fixed is not None:
        return f"the scenario {fixed.name!r} saw only {FIXED}: see whether that is all that is required"[:600]
    first = seen[0]
    why = first.why_not or first.what or "it did not pass"
    return f"the scenario {first.name!r} does not show it: {why}"[:600]


def _passed(named: Collection[str], passed: Collection[str]) -> tuple[str, ...]:
    """Of the node ids *named*, those that passed; of a parametrised test all that did."""
    return tuple(sorted(test for test in passed if test in named or test.partition("[")[0] in named))

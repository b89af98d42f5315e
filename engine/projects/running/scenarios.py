"""What became of the scenarios: seen on the project, and whether that shows anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from agents.plans.scenario import Scenario
from engine.domain import Finding
from engine.projects.running import said
from engine.projects.running.outcome import Seen, finding

VACUOUS = "it is met by an empty page and interfaces that know nothing"
TWIN = "it is met too where its last expectation is made wrong: what it looks at says yes to everything"
UNMOVED = "what it looks for after it has done something was there before it had done anything"
FIXED = "fixed text: all that it looks for in the end is what the page says whatever is done and whatever data there is"
NOT_TRIED = "it was not seen to be red against an empty stand-in"


def seen_of(scenarios: Sequence[Scenario], told: Sequence[said.Told], pictures: Collection[str]) -> tuple[Seen, ...]:
    """How each went on the project; those that were not taken did not pass."""
    taken = {line.number: line for line in told if isinstance(line, said.Taken) and line.against == "project"}
    empty = _against_nothing(told)
    fixed = {line.number for line in told if isinstance(line, said.Fixed)}
    seen = (
        _seen(number, scenario, taken.get(number), empty.get(number), pictures)
        for number, scenario in enumerate(scenarios)
    )
    return tuple(
        each.model_copy(update={"proves": False, "why_not": FIXED}) if each.proves and number in fixed else each
        for number, each in enumerate(seen)
    )


def vacuous(scenarios: Sequence[Scenario], told: Sequence[said.Told]) -> tuple[Seen, ...]:
    """How each went against the stand-in alone: `proves` where it was red there."""
    empty = _against_nothing(told)
    found = []
    for number, scenario in enumerate(scenarios):
        line = empty.get(number)
        why = NOT_TRIED if line is None else VACUOUS if line.passed else ""
        what = line.what if line is not None else ""
        step = line.step if line is not None else 0
        found.append(
            Seen(
                name=scenario.name,
                requirement=scenario.requirement,
                passed=line is not None and line.passed,
                step=step,
                what=what,
                proves=not why,
                why_not=why,
            )
        )
    return tuple(found)


def findings_of(scenarios: Sequence[Scenario], seen: Sequence[Seen], told: Sequence[said.Told]) -> list[Finding]:
    """Scenarios that were not met, and those that show nothing. One that shows fixed text is no fault: that may be all that is
    required.
    """
    taken = {line.number: line for line in told if isinstance(line, said.Taken) and line.against == "project"}
    found: list[Finding] = []
    for number, (scenario, each) in enumerate(zip(scenarios, seen, strict=True)):
        name = f"{each.requirement}, {each.name!r}"
        if not each.passed:
            do = scenario.steps[each.step - 1].do if 0 < each.step <= len(scenario.steps) else ""
            message = f"{name}: step {each.step} ({do}) was not met: {each.what}" if do else f"{name}: {each.what}"
            line = taken.get(number)
            evidence = f"at {line.url}\n{line.page}" if line is not None and (line.url or line.page) else ""
            found.append(finding("scenario", message, evidence=evidence))
        elif each.why_not and each.why_not != FIXED:
            rule = _RULES.get(each.why_not, "scenario/vacuous")
            found.append(finding(rule, f"{name} shows nothing: {each.why_not}", path="e2e/scenarios.json"))
    for number, line in sorted(taken.items()):
        if number < len(seen):
            what = f"while {seen[number].name!r} was tried, the page threw"
            found += [finding("page/error", f"{what}: {error}") for error in dict.fromkeys(line.errors)]
    return found


_RULES: Mapping[str, str] = {TWIN: "scenario/twin", UNMOVED: "scenario/unmoved", VACUOUS: "scenario/vacuous"}


def _against_nothing(told: Sequence[said.Told]) -> Mapping[int, said.Taken]:
    return {line.number: line for line in told if isinstance(line, said.Taken) and line.against == "stand-in"}


def _seen(
    number: int, scenario: Scenario, line: said.Taken | None, empty: said.Taken | None, pictures: Collection[str]
) -> Seen:
    if line is None:
        what = "it was not tried: the project did not come that far"
        return Seen(name=scenario.name, requirement=scenario.requirement, passed=False, what=what)
    why = ""
    if line.passed:
        if empty is None:
            why = NOT_TRIED
        elif empty.passed:
            why = VACUOUS
        elif line.twin != "red":
            why = TWIN
        elif line.moved is False:
            why = UNMOVED
    picture = f"pictures/failed-{number + 1}.png"
    return Seen(
        name=scenario.name,
        requirement=scenario.requirement,
        passed=line.passed,
        step=line.step,
        what=line.what,
        picture=picture if picture in pictures else "",
        proves=line.passed and not why,
        why_not=why,
        seconds=line.seconds,
    )

"""The builder that asks a model: an assignment becomes messages, the model's answer a delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agents.answering import Changes, NotApplicable, apply
from agents.base import Message, Provider
from agents.building import Assignment, Delivery
from agents.errors import UnusableReply
from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from agents.prompts import excerpt, fence, fill
from agents.roles.card import Card

_ROOM = 240_000
"""Characters of files that are shown, of which what it may write comes first."""
_FAILURE = 16_000


class ModelBuilder:
    """A `Builder` over a `Provider`. A reply that cannot be used is a delivery too: nothing is changed, and `unusable` says
    why, so that it counts and the next assignment tells the model.
    """

    def __init__(self, provider: Provider, card: Card) -> None:
        self.name = provider.name
        self._provider = provider
        self._card = card

    async def deliver(self, assignment: Assignment) -> Delivery:
        """As `Builder.deliver` promises."""
        as_it_is = Delivery(files=assignment.files, author=self.name, model=self._provider.model)
        asked = list(messages(assignment, self._card))
        try:
            completion = await self._provider.complete(asked, self._card.answer, allowance=assignment.allowance)
        except UnusableReply as error:
            why = error.what or "the reply could not be read"
            return as_it_is.model_copy(update={"unusable": why, "usage": error.usage})
        answered = as_it_is.model_copy(update={"usage": completion.usage, "model": completion.model})
        answer = completion.answer
        scenarios = tuple(getattr(answer, "scenarios", ()))
        try:
            files = _applied(answer, assignment, self._card, scenarios)  # type: ignore[arg-type]  # every card's answer is
        except NotApplicable as error:
            return answered.model_copy(update={"unusable": str(error)})
        note = str(getattr(answer, "note", ""))
        return answered.model_copy(update={"files": files, "scenarios": scenarios, "note": note})


def _applied(answer: Changes, assignment: Assignment, card: Card, scenarios: tuple[Scenario, ...]) -> Mapping[str, str]:
    named = {*(each.path for each in answer.edits), *(each.path for each in answer.files)}
    for path in sorted(named):
        if not _is_writable(path, assignment) or not card.may_write(path, assignment.component):
            raise NotApplicable(f"{path!r} is not this role's to write: {', '.join(assignment.writable)[:600]}")
    if not named:
        if scenarios == assignment.scenarios:
            raise NotApplicable("the answer changes nothing")
        return assignment.files
    return apply(answer, assignment.files, {})


def _is_writable(path: str, assignment: Assignment) -> bool:
    return any(path.startswith(each) if each.endswith("/") else path == each for each in assignment.writable) and not {
        "",
        ".",
        "..",
    } & set(path.split("/"))


def messages(assignment: Assignment, card: Card) -> Iterator[Message]:
    """What is told: who it is, what is to be written by which plan, what there is, and what was wrong with it."""
    judged = "\n".join(f"- {each}" for each in card.judged_by)
    yield Message(role="system", content=fill("builder_system", role=fill(card.prompt), judged=judged), cache=True)
    shown = list(_shown(assignment))
    parts = [
        fence("what the person asked for", assignment.description),
        fence("plan", _excerpt_of(assignment.plan, assignment)),
        f"You may write: {', '.join(assignment.writable)}."
        if assignment.writable
        else "You may write no file: only scenarios are asked for.",
    ]
    if assignment.packages:
        parts.append(f"Packages of Node.js that there are, and no others: {', '.join(assignment.packages)}.")
    if assignment.scenarios:
        told = json.dumps([each.model_dump(mode="json") for each in assignment.scenarios], indent=1)
        parts.append(fence("scenarios", excerpt(told, _ROOM // 4)))
    parts += shown
    yield Message(role="user", content=fill("builder_task", component=_of(assignment), parts="\n\n".join(parts)))
    if assignment.findings or assignment.failure:
        wrong = "\n".join(f"- {each}" for each in assignment.findings)
        seen = [fence("findings", wrong)] if wrong else []
        if assignment.failure:
            seen.append(fence("what was seen", excerpt(assignment.failure, _FAILURE)))
        if assignment.new_strategy:
            seen.append(fill("builder_strategy"))
        yield Message(role="user", content=fill("builder_failure", seen="\n\n".join(seen)))


def _of(assignment: Assignment) -> str:
    return f"the component {assignment.component}" if assignment.component else "the whole project"


def _shown(assignment: Assignment) -> Iterator[str]:
    """Files as blocks of data, within the room: its own first."""
    left = _ROOM
    for label, files in (("yours", assignment.files), ("to read", assignment.readable)):
        for path, text in sorted(files.items()):
            block = fence(f"{path} ({label})", excerpt(text, max(200, left)))
            left -= len(block)
            if left <= 0:
                yield f"{path} is there too, and is not shown: it does not fit."
            else:
                yield block


def _excerpt_of(plan: Plan, assignment: Assignment) -> str:
    """The plan without what does not concern the component: its figures and risks, and documents of interfaces that it
    neither answers nor calls. A tester and whoever ships see all components.
    """
    whole = plan.model_dump(mode="json", exclude={"figures", "failures", "costs", "decisions"})
    part = next((each for each in plan.components if each.name == assignment.component), None)
    near = {*part.calls} if part else {each.name for each in plan.interfaces}
    for interface in whole["interfaces"]:
        mine = part is not None and interface["owner"] == part.name
        if mine or interface["name"] in near:
            interface["document"] = json.loads(interface["document"])
        else:
            interface["document"] = "(not shown)"
    if part is not None:
        whole["files"] = [each for each in whole["files"] if each["owner"] == part.name]
    return json.dumps(whole, indent=1)

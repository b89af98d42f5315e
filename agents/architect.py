"""The architect that asks a model: a commission becomes messages, the model's answer is the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agents.base import Message, Provider
from agents.errors import UnusableReply
from agents.plans.commission import Commission, Proposal
from agents.plans.plan import Plan
from agents.prompts import excerpt, fence, fill

_SAID = 6_000
"""Characters of a plan that a model is shown again."""


class ModelArchitect:
    """An `Architect` over a `Provider`. A reply that is no plan is a proposal too, with the reason in `unusable`."""

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self._provider = provider

    async def plan(self, commission: Commission) -> Proposal:
        """As `Architect.plan` promises."""
        try:
            completion = await self._provider.complete(list(messages(commission)), Plan, allowance=commission.allowance)
        except UnusableReply as error:
            return Proposal(
                plan=None,
                unusable=error.what or "the reply could not be read",
                said=error.reply,
                architect=self.name,
                model=self._provider.model,
                usage=error.usage,
            )
        return Proposal(plan=completion.answer, architect=self.name, model=completion.model, usage=completion.usage)


def messages(commission: Commission) -> Iterator[Message]:
    """The question, and after it each plan that was refused, with what was wrong with it."""
    yield Message(role="system", content=fill("architect_system"), cache=True)
    yield Message(role="user", content=_to_build(commission) if commission.description else _to_plan(commission))
    for refusal in commission.refused:
        yield Message(role="assistant", content=excerpt(refusal.said, _SAID) or "(nothing)")
        faults = "\n".join(f"- {fault}" for fault in refusal.faults)
        yield Message(role="user", content=fill("architect_refused", faults=fence("faults", faults)))


def _to_plan(commission: Commission) -> str:
    asked = {"project_type": commission.project_type, **_load(commission)}
    return fill("architect_task", asked=fence("commission", json.dumps(asked, indent=1)))


def _to_build(commission: Commission) -> str:
    asked = {
        "description": commission.description,
        "requirements": {each.id: each.text for each in commission.wanted},
        "stack": commission.stack,
        **_load(commission),
        "packages of Node.js that there are": commission.packages,
    }
    told = {name: each for name, each in asked.items() if each}
    return fill("architect_build", asked=fence("commission", json.dumps(told, indent=1, ensure_ascii=False)))


def _load(commission: Commission) -> dict[str, object]:
    scale = commission.scale
    return {"scale": scale.name, scale.measure: scale.amount, "cloud_provider": commission.cloud}

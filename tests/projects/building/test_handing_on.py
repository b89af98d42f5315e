"""A build goes on with another vendor's model where the first has no quota left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.casting import make_team
from engine.domain import Budget
from engine.events import Event, Noted
from engine.projects.building.building import Building, Kept
from engine.projects.building.request import BuildRequest
from engine.settings import Settings
from tests.builds.served import AnthropicSession, OpenAISession
from tests.projects.building.doubles import Marks, Notes
from tests.projects.building.plans import GOOD, GOOD_TESTS, GREETED, TESTS, plan
from tests.wire.behaviours import Behaviour, Fails
from tests.wire.server import KEY, Request


class OutOfQuota(OpenAISession):
    """Plans, and has no quota left for anything else."""

    def next_behaviour(self, request: Request) -> Behaviour:
        behaviour = super().next_behaviour(request)
        return behaviour if sum(self.asked.values()) == 1 else Fails(429, "insufficient_quota")


def files(written: Mapping[str, str]) -> dict[str, Any]:
    return {"files": [{"path": path, "content": text} for path, text in written.items()]}


async def test_a_build_whose_first_vendor_has_no_quota_left_goes_on_with_the_second() -> None:
    """Its plan stays; each part is delivered by the other, who is named, and once out, the first is left alone."""
    session = {
        "architect": [plan().model_dump(mode="json")],
        "qa:greeter": [files({TESTS: GOOD_TESTS})],
        "qa": [{"scenarios": [GREETED.model_dump(mode="json")]}],
        "devops": [{}],
        "backend:greeter": [files(GOOD)],
    }
    events: list[Event] = []
    with OutOfQuota(session) as first, AnthropicSession(session) as second:
        settings = Settings(
            openai_base_url=first.url, openai_api_key=KEY, anthropic_base_url=second.url, anthropic_api_key=KEY
        )
        building = Building(
            BuildRequest(description="A greeter.", budget=Budget(attempts=20, seconds=120)),
            make_team("auto", settings),
            Marks().proving,
            Kept(Notes(), "b"),
            agents=1,
            watch=events.append,
        )
        project = await building.build()

    assert (project.outcome, project.architect) == ("verified", "openai")
    assert dict(first.asked) == {"architect": 1, "qa:greeter": 1}
    assert dict(second.asked) == {"qa:greeter": 1, "qa": 1, "devops": 1, "backend:greeter": 1}
    (told,) = [each.message for each in events if isinstance(each, Noted) and "instead of" in each.message]
    assert told.startswith("qa:greeter: anthropic was asked instead of openai: the account has no quota left")

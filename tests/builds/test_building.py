"""Whole projects, built by authors who slip: a shop, a board and a library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from agents.building import Team
from engine.casting import make_team
from engine.domain import Budget
from engine.harness import Mendbox
from engine.projects.building.outcome import Project
from engine.projects.building.request import BuildRequest
from engine.settings import Settings
from tests.builds.overhearing import Overhearing
from tests.builds.recording import PLAN, SCENARIOS, Said, Session, Slip, files_of, plan_of, recorded
from tests.builds.served import AnthropicSession, OpenAISession
from tests.builds.slips import BOARD, CONSOLE, LIBRARY, SHOP, TYPES
from tests.wire.server import KEY

pytestmark = [pytest.mark.docker, pytest.mark.slow]

BUDGET = Budget(attempts=60, seconds=3_000, test_seconds=60)


class Built(NamedTuple):
    project: Project
    heard: Overhearing


async def built(settings: Settings, author: str, session: Session, folder: Path) -> Built:
    """What the team *author* makes, which is the *session* or speaks for it."""
    if author == "scripted":
        path = folder / "session.json"
        path.write_text(json.dumps(session))
        author = f"scripted:{path}"
    heard = Overhearing()
    team: Team = heard.beside(make_team(author, settings))
    request = BuildRequest(description="As it is planned.", author=author, budget=BUDGET)
    async with Mendbox(settings) as mendbox:
        return Built(await mendbox.builds.build(request, team, watch=heard.watch), heard)


def assert_verified(built: Built, name: str, slips: Mapping[str, Sequence[Said]]) -> None:
    """The project is the right one, everything in it has run, and whatever was wrong with it has been seen."""
    project, heard = built
    said = heard.all_said
    unseen = [each for of in slips.values() for each in of if isinstance(each, Slip) and each.told not in said]

    assert (project.outcome, project.reason, project.not_run) == ("verified", None, ()), project.summary
    assert [part.outcome for part in project.parts] == ["verified"] * (len(plan_of(name).components) + 2)
    assert unseen == []
    assert {evidence.requirement for evidence in project.evidence} == {each.id for each in plan_of(name).requirements}
    assert all(each.scenarios and each.tests and not each.missing for each in project.evidence)
    assert {path: project.files.get(path) for path in files_of(name).keys() - {PLAN, SCENARIOS}} == {
        path: text for path, text in files_of(name).items() if path not in {PLAN, SCENARIOS}
    }


async def test_a_shop_of_fastapi_and_react_is_built_by_a_model_of_openai(tmp_path: Path) -> None:
    """Slips of the architect, of both who test, of the backend, the frontend and of whoever ships are mended one by one."""
    with OpenAISession(recorded("shop", SHOP)) as server:
        settings = Settings(data_dir=tmp_path, openai_base_url=server.url, openai_api_key=KEY)

        built_shop = await built(settings, "openai", {}, tmp_path)

    assert_verified(built_shop, "shop", SHOP)
    assert built_shop.heard.asked["frontend:web"] == 2
    assert [
        proof.detail[:14] for part in built_shop.project.parts for proof in part.proofs if proof.name == "database"
    ] == ["PostgreSQL 17."]
    assert [*built_shop.project.pictures] == ["pictures/web.png"]
    assert built_shop.project.usage.calls == sum(server.asked.values())


async def test_a_board_of_express_and_vue_is_built_from_a_recorded_session(tmp_path: Path) -> None:
    """A reply that nobody can read is no end, and what goes wrong in a template is seen."""
    built_board = await built(Settings(data_dir=tmp_path), "scripted", recorded("board", BOARD), tmp_path)

    assert_verified(built_board, "board", BOARD)
    assert built_board.heard.asked["qa:board-web"] == 2
    assert built_board.heard.asked["frontend:board-web"] == 3


async def test_a_library_of_django_is_built_by_a_model_of_anthropic(tmp_path: Path) -> None:
    """A server whose tables nobody makes is green by its tests, and is found out when it is asked over HTTP."""
    with AnthropicSession(recorded("library", LIBRARY)) as server:
        settings = Settings(data_dir=tmp_path, anthropic_base_url=server.url, anthropic_api_key=KEY)

        built_library = await built(settings, "anthropic", {}, tmp_path)

    assert_verified(built_library, "library", LIBRARY)
    kept = [proof.detail for part in built_library.project.parts for proof in part.proofs if proof.name == "database"]
    assert kept == [
        "SQLite; library-api was killed and started again: GET /api/books answered what had been written before"
    ]
    assert built_library.heard.asked == {key: len(replies) for key, replies in recorded("library", LIBRARY).items()}


@pytest.mark.parametrize(
    ("name", "slips", "unhealed", "reason", "component"),
    [
        pytest.param(
            "shop", {"backend:shop-api": SHOP["backend:shop-api"][:1]}, "backend:shop-api", "contract", "shop-api", id="contract"
        ),
        pytest.param(
            "shop", {"frontend:web": [TYPES]}, "frontend:web", "component", "web", id="component"
        ),
        pytest.param(
            "board", {"frontend:board-web": [CONSOLE]}, "frontend:board-web", "whole", "board-web", id="whole"
        ),
        pytest.param("library", {"devops": LIBRARY["devops"]}, "devops", "deployment", "deployment", id="deployment"),
    ],
)  # fmt: skip
async def test_a_slip_that_nobody_mends_ends_the_build_by_the_name_of_its_part(
    tmp_path: Path, name: str, slips: Mapping[str, Sequence[Said]], unhealed: str, reason: str, component: str
) -> None:
    """The outcome says where it ended, and what is wrong there."""
    session = recorded(name, slips, unhealed=unhealed)

    project, _ = await built(Settings(data_dir=tmp_path), "scripted", session, tmp_path)

    assert (project.outcome, project.reason, project.component) == ("no_fix", reason, component), project.summary
    assert project.next_step

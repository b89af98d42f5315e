"""What is told of a component that was killed and begun again, by what was seen of it."""

from __future__ import annotations

from typing import Literal

import pytest

from agents.plans.plan import Component
from engine.projects.running import keeping, said
from tests.projects.running import notes

PLAN = notes.plan()
API = PLAN.components[0]


def told(how: Literal["kept", "lost", "elsewhere", "down", "untold"]) -> list[said.Told]:
    why = "ended" if how == "down" else ""
    return [said.Kept(event="kept", component="notes-api", how=how, path="/api/notes", why=why, output="table notes")]


@pytest.mark.parametrize(
    ("how", "rules", "shown", "not_shown"),
    [
        ("kept", [], 1, 0),
        ("lost", ["store/lost"], 0, 0),
        ("elsewhere", ["store/elsewhere"], 0, 0),
        ("down", ["store/again"], 0, 0),
        ("untold", [], 0, 1),
    ],
)
def test_each_way_to_come_back_is_told_once(
    how: Literal["kept", "lost", "elsewhere", "down", "untold"], rules: list[str], shown: int, not_shown: int
) -> None:
    """As shown, as a fault, or as what was not seen; and only what is shown is what the store was."""
    findings = keeping.findings_of(PLAN, API, told(how))

    assert [each.rule for each in findings] == rules
    assert all(each.path == "services/notes-api" and "database" in each.message for each in findings)
    assert len(keeping.shown_of(API, told(how))) == shown
    assert len(keeping.not_shown_of(PLAN, API, told(how))) == not_shown
    assert list(keeping.used(PLAN, told(how))) == ["database"] * shown


def test_what_was_not_begun_again_shows_nothing() -> None:
    """Where it had ended before; and of what has no file there is nothing to say."""
    unkept = PLAN.model_copy(update={"stores": ()})

    assert keeping.findings_of(PLAN, API, []) == []
    assert keeping.shown_of(API, []) == ()
    assert "outlives notes-api was not seen" in keeping.not_shown_of(PLAN, API, [])[0]
    assert keeping.not_shown_of(unkept, API, []) == ()


def test_what_may_have_been_in_another_store_s_memory_is_no_fault() -> None:
    """A queue stands in memory here, and a counter need not be kept beside what is."""
    queue = PLAN.stores[0].model_copy(update={"name": "queue", "engine": "rabbitmq"})
    api = API.model_copy(update={"stores": ("database", "queue")})
    plan = PLAN.model_copy(update={"stores": (*PLAN.stores, queue), "components": (api,)})
    (kept,) = told("kept")
    beside = kept.model_copy(update={"why": "/api/hits"})

    assert keeping.findings_of(plan, api, told("lost")) == []
    assert keeping.findings_of(plan, api, told("elsewhere")) == [], "it may have been in the other store"
    assert "was not seen" in keeping.not_shown_of(plan, api, told("elsewhere"))[0]
    assert "was not seen" in keeping.not_shown_of(plan, api, told("lost"))[0]
    assert keeping.findings_of(PLAN, API, [beside]) == []
    assert "to GET /api/hits once it was killed" in keeping.not_shown_of(PLAN, API, [beside])[0]


def test_what_is_there_again_beside_an_empty_database_is_kept_elsewhere() -> None:
    """Only where the server says that it has nothing, and where nobody else could have kept it."""
    database = PLAN.stores[0].model_copy(update={"engine": "postgresql"})
    plan = PLAN.model_copy(update={"stores": (database,)})

    def found(used: bool | None, api: Component = API) -> list[str]:
        stayed = said.StoreStayed(event="store", name="database", server="PostgreSQL 17", used=used, code=None, log="")
        return [each.rule or "" for each in keeping.findings_of(plan, api, [*told("kept"), stayed])]

    assert found(False) == ["store/elsewhere"]
    assert found(True) == found(None) == []
    assert found(False, API.model_copy(update={"calls": ("other-http",)})) == []

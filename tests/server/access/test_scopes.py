"""What each scope opens, per tool, resource and prompt; and that what is missing is said."""

from __future__ import annotations

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from mcp import MCPError
from mcp.types import INVALID_REQUEST, ResourceTemplateReference

from engine.desk import Desk
from engine.signin import ADMIN, READ, RUN
from server import create_server, face_of
from serving.access.scopes import PAGES, RESOURCES, RUNS, TOOLS, scope_of_resource
from tests.server.access.asks import ARGUMENTS
from tests.server.access.conftest import Served
from tests.server.access.issuer import Issuer
from tests.server.double import ENDLESS, RehearsedMendbox, settings

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_whatever_the_server_has_is_given_a_scope() -> None:
    """A tool or resource that nobody has thought of would take the highest; here it is a mistake."""
    desk = Desk(settings(), engine=RehearsedMendbox)
    server = create_server(desk, face=face_of(desk.settings, desk, over_http=True))
    tools = {tool.name for tool in await server.list_tools()}
    resources = {str(resource.uri) for resource in await server.list_resources()}
    templates = {template.uri_template for template in await server.list_resource_templates()}

    assert tools <= set(TOOLS)
    assert {uri for uri in resources if not uri.startswith(PAGES)} <= set(RESOURCES)
    assert all(uri.startswith((RUNS, PAGES)) for uri in templates)


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("scope", [READ, RUN, ADMIN, ""])
async def test_a_tool_that_the_scope_does_not_cover_says_which_is_missing(
    served: Served, issuer: Issuer, scope: str, era: str
) -> None:
    """In words that a model can pass on; the tools it covers are not refused for it."""
    async with served.client(issuer.token(scope=scope), era=era) as client:
        for tool in await client.list_tools():
            needed = TOOLS[tool.name]
            answer = await client.call_tool(tool.name, ARGUMENTS[tool.name], raise_on_error=False)
            said = getattr(answer.content[0], "text", "") if answer.content else ""

            if needed == scope:
                assert "insufficient scope" not in said
            else:
                assert answer.is_error
                assert f"insufficient scope for {tool.name} (required: {needed})" in said
                assert f"the token has {scope or 'none'}." in said


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_resources_and_prompts_take_a_scope_too(served: Served, issuer: Issuer, era: str) -> None:
    """One's runs and figures take reading; what has been given none takes administration."""
    async with served.client(issuer.token(scope=RUN), era=era) as client:
        for uri, needed in (("orchestrator://runs/run-0001", READ), ("orchestrator://secrets", ADMIN)):
            with pytest.raises(MCPError, match="insufficient scope") as caught:
                await client.read_resource(uri)
            assert f"(required: {needed})" in str(caught.value)
            assert caught.value.error.code == INVALID_REQUEST
        with pytest.raises(MCPError, match="insufficient scope for debug_and_fix"):
            await client.get_prompt("debug_and_fix", {})


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_tool_that_is_not_there_is_not_there(served: Served, issuer: Issuer, era: str) -> None:
    """Whatever the scope."""
    async with served.client(issuer.token(scope=""), era=era) as client:
        with pytest.raises(ToolError, match=r"(?i)unknown tool"):
            await client.call_tool("rm_rf", {})


async def test_whoever_holds_the_pipe_may_do_everything() -> None:
    """No sign-in is asked there, whatever is set for HTTP: it is one principal, with every scope."""
    guarded = settings().model_copy(update={"bearer_tokens": None, "descope_project_id": "P2"})
    desk = Desk(guarded, engine=RehearsedMendbox, answer_seconds=20)
    async with desk.open(), Client(create_server(desk, face=face_of(guarded, desk, over_http=False))) as client:
        run = await client.call_tool("auto_fix_code", ARGUMENTS["auto_fix_code"])
        told = await client.call_tool("validate_authentication", {})

    assert run.structured_content["outcome"] == "verified"
    assert told.structured_content["reason"].startswith("This call was made without a token")


@pytest.mark.parametrize(
    ("uri", "scope"),
    [
        ("orchestrator://runs/abcd/diff", READ),
        ("orchestrator://health", READ),
        ("orchestrator://analytics", READ),
        ("orchestrator://analytics/", ADMIN),
        ("ORCHESTRATOR://analytics", ADMIN),
        ("orchestrator://anything", ADMIN),
        ("file:///etc/passwd", ADMIN),
    ],
)
async def test_what_has_no_scope_of_its_own_takes_the_highest(uri: str, scope: str) -> None:
    """However it is written."""
    assert scope_of_resource(uri) == scope


async def test_whoever_may_not_list_runs_is_offered_none_to_complete(served: Served, issuer: Issuer) -> None:
    """A completion shows what a list would."""
    ref = ResourceTemplateReference(type="ref/resource", uri="orchestrator://runs/{run_id}")
    work = {"code": ENDLESS, "error_message": ""}
    async with (
        served.client(issuer.token(sub="erin", scope=RUN)) as starts,
        served.client(issuer.token(sub="erin", scope=READ)) as looks,
    ):
        run_id = (await starts.call_tool("start_run", work)).structured_content["run_id"]
        unseen = await starts.complete(ref, {"name": "run_id", "value": "run"})
        seen = await looks.complete(ref, {"name": "run_id", "value": "run"})
        await starts.call_tool("cancel_run", {"run_id": run_id})

    assert unseen.values == []
    assert run_id in seen.values

"""What the tools' schemas look like to a client."""

from __future__ import annotations

from fastmcp import Client
from fastmcp.tools import Tool
from fastmcp.utilities.json_schema import dereference_refs

from serving.schemas import SelfContained


async def test_schemas_hold_all_that_they_refer_to(client: Client) -> None:
    """Some clients cannot follow a reference; asked again, they are the same."""
    first, again = [
        [(tool.name, tool.input_schema, tool.output_schema) for tool in await client.list_tools()] for _ in range(2)
    ]

    assert first == again
    assert "$ref" not in str(first)
    assert "$defs" not in str(first)


async def test_a_tool_that_changes_has_its_schemas_worked_out_again() -> None:
    """What was worked out before is good for the very schemas that it was made of."""
    held = SelfContained()

    def one(count: int) -> str:
        return str(count)

    def another(count: str) -> int:
        return len(count)

    for made in (one, another, one):
        tool = Tool.from_function(made, name="count")

        assert held._of(tool)["parameters"] == dereference_refs(tool.parameters)
        assert held._of(tool)["parameters"] is held._of(tool)["parameters"]

"""Small projects to test with: a plan of an API and a page, and the files that agree with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.plans.plan import Component, Interface, Plan, PlannedFile, Requirement, Running
from engine.domain import Finding
from engine.projects.agreeing import disagreements
from tests.projects.plans import smallest

NODE = ("express", "react", "react-dom", "vue", "vite", "vitest", "typescript", "@types/express", "supertest")
PRODUCT = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
NEW = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def _operation(name: str, *, places: Sequence[str] = (), body: bool = False, many: bool = False) -> dict[str, Any]:
    one = {"$ref": "#/components/schemas/Product"}
    answer = {"type": "array", "items": one} if many else one
    described: dict[str, Any] = {
        "operationId": name,
        "responses": {"200": {"description": "It", "content": {"application/json": {"schema": answer}}}},
    }
    if places:
        described["parameters"] = [
            {"name": place, "in": "path", "required": True, "schema": {"type": "integer"}} for place in places
        ]
    if body:
        described["requestBody"] = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
    return described


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/api/products": {
            "get": _operation("list", many=True),
            "post": _operation("create", body=True),
        },
        "/api/products/{product_id}": {"get": _operation("read", places=["product_id"])},
    },
    "components": {"schemas": {"Product": PRODUCT, "New": NEW}},
}


def component(name: str, kind: str, runtime: str, command: Sequence[str], calls: Sequence[str] = ()) -> Component:
    return Component.model_validate(
        {
            "name": name,
            "kind": kind,
            "role": "frontend" if kind == "page" else "backend",
            "purpose": "It.",
            "requirements": ["R1"],
            "calls": list(calls),
            "running": Running.model_validate(
                {
                    "runtime": runtime,
                    "command": list(command),
                    "port": 8000 if kind in {"api", "page"} else None,
                    "health": "/health" if kind in {"api", "page"} else "",
                    "millicores": 100,
                    "memory_mib": 100,
                }
            ),
        }
    )


def plan_of(
    components: Sequence[Component],
    paths: Sequence[str],
    *,
    owner: str = "",
    document: Mapping[str, Any] | None = None,
) -> Plan:
    """With the interface ``shop-http``, where it has an owner, and exactly those files."""
    files = tuple(
        PlannedFile(
            path=path,
            owner=path.split("/")[1],
            role="qa"
            if "/tests/" in path
            else next(each.role for each in components if each.name == path.split("/")[1]),
            purpose="Something.",
        )
        for path in paths
    )
    interfaces = (Interface(name="shop-http", owner=owner, document=json.dumps(document or DOCUMENT)),) if owner else ()
    return smallest().model_copy(
        update={
            "requirements": (Requirement(id="R1", text="It is listed."), Requirement(id="R2", text="It is added.")),
            "components": tuple(components),
            "interfaces": interfaces,
            "files": files,
        }
    )


PYPROJECT = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'


def python_plan(files: Mapping[str, str], command: Sequence[str] = ("sh", "-c", "true")) -> tuple[Plan, dict[str, str]]:
    """A worker of these files, by path from its folder, with a manifest where they have none."""
    whole = {f"services/jobs/{path}": text for path, text in {"pyproject.toml": PYPROJECT, **files}.items()}
    return plan_of([component("jobs", "worker", "python", command)], list(whole)), whole


def told_of_python(files: Mapping[str, str], command: Sequence[str] = ("sh", "-c", "true")) -> list[str]:
    """``RULE PATH:LINE`` for each finding."""
    plan, whole = python_plan(files, command)
    return said(disagreements(plan, whole, node_packages=NODE))


def said(findings: Sequence[Finding]) -> list[str]:
    return [f"{each.rule} {str(each.path).removeprefix('services/jobs/')}:{each.line}" for each in findings]

"""OpenAPI documents of what an API keeps: each entity can be listed, created and fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from agents.plans.plan import Entity, FieldType

_TYPES: Mapping[FieldType, dict[str, JsonValue]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "text": {"type": "string", "maxLength": 10_000},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "boolean": {"type": "boolean"},
    "timestamp": {"type": "string", "format": "date-time"},
    "json": {"type": "object"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
}
_PROBLEM: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}},
    "required": ["title", "status"],
}


def resources(title: str, kept: Sequence[tuple[Entity, str]]) -> str:
    """The document of an API over *kept*: entities with their plurals, which are their paths."""
    schemas: dict[str, JsonValue] = {"Problem": _PROBLEM}
    paths: dict[str, JsonValue] = {"/health": _health()}
    for entity, plural in kept:
        schemas[entity.name] = _schema(entity)
        schemas[f"New{entity.name}"] = _schema(entity, without_key=True)
        reference: JsonValue = {"$ref": f"#/components/schemas/{entity.name}"}
        page: JsonValue = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": reference}, "next": {"type": ["string", "null"]}},
            "required": ["items", "next"],
        }
        paths[f"/{plural}"] = {
            "get": {
                "operationId": f"list{entity.name}",
                "summary": f"A page of {plural}",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {"name": "after", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": _answers("200", "A page", page),
            },
            "post": {
                "operationId": f"create{entity.name}",
                "summary": f"Create one of {plural}; the same key again gives the same answer",
                "parameters": [
                    {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
                ],
                "requestBody": {"required": True, "content": _json({"$ref": f"#/components/schemas/New{entity.name}"})},
                "responses": _answers("201", "Created", reference),
            },
        }
        paths[f"/{plural}/{{id}}"] = {
            "get": {
                "operationId": f"get{entity.name}",
                "summary": f"One of {plural}",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": _TYPES["uuid"]}],
                "responses": _answers("200", "It", reference),
            }
        }
    return _document(title, paths, schemas)


def connections(title: str) -> str:
    """The document of an interface that upgrades to WebSocket."""
    schemas: dict[str, JsonValue] = {"Problem": _PROBLEM}
    listen: JsonValue = {
        "operationId": "connect",
        "summary": "Upgrade to a WebSocket that carries the messages of a room",
        "parameters": [{"name": "room", "in": "query", "required": True, "schema": _TYPES["uuid"]}],
        "responses": {"101": {"description": "Switching protocols"}, "default": _problem()},
    }
    return _document(title, {"/health": _health(), "/connections": {"get": listen}}, schemas)


def _document(title: str, paths: JsonValue, schemas: JsonValue) -> str:
    document: JsonValue = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    return json.dumps(document, indent=1)


def _schema(entity: Entity, *, without_key: bool = False) -> JsonValue:
    fields = entity.fields[1:] if without_key else entity.fields
    properties: dict[str, JsonValue] = {
        field.name: {**_TYPES[field.type], "description": field.meaning} for field in fields
    }
    return {"type": "object", "properties": properties, "required": [field.name for field in fields]}


def _health() -> JsonValue:
    return {
        "get": {
            "operationId": "health",
            "summary": "Whether it can work",
            "security": [],
            "responses": {"200": {"description": "It can"}, "503": {"description": "It cannot"}},
        }
    }


def _answers(status: str, description: str, schema: JsonValue) -> JsonValue:
    return {status: {"description": description, "content": _json(schema)}, "default": _problem()}


def _problem() -> JsonValue:
    return {
        "description": "What went wrong",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _json(schema: JsonValue) -> JsonValue:
    return {"application/json": {"schema": schema}}

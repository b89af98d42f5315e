"""What an OpenAPI document says of its operations, and of answers to them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.projects.running.document import Document, Operation
from tests.projects.running.notes import DOCUMENT, operation

LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}


def document(**paths: Any) -> Document:
    return Document(json.dumps({**DOCUMENT, "paths": paths}))


def of(schema: dict[str, Any], **more: Any) -> tuple[Document, Operation]:
    read = Document(json.dumps({**DOCUMENT, "paths": {"/x": {"get": {**operation("x", 200, schema), **more}}}}))
    return read, read.operations[0]


def test_only_what_can_be_asked_without_knowing_anything_is_asked() -> None:
    """No parameters in the path, no headers; what a query has to have is made up from its schema."""
    parameters = [
        {"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 3}},
        {"name": "word", "in": "query", "required": True, "schema": {"type": "string", "minLength": 2}},
        {"name": "only", "in": "query", "required": True, "schema": {"type": "boolean"}},
        {"name": "sort", "in": "query", "required": True, "schema": {"enum": ["up", "down"]}},
        {"name": "kind", "in": "query", "required": True, "schema": {"default": "all"}},
        {"name": "from", "in": "query", "required": True, "example": "2026-01-01"},
        {"name": "more", "in": "query", "schema": {"type": "string"}},
    ]
    read = Document(
        json.dumps(
            {
                **DOCUMENT,
                "paths": {
                    "/one/{id}": {"get": operation("one", 200, {})},
                    "/many": {"get": {**operation("many", 200, {}), "parameters": parameters}},
                    "/known": {
                        "parameters": [{"name": "X-Key", "in": "header", "required": True}],
                        "get": operation("k", 200, {}),
                    },
                    "/post": {"post": operation("post", 200, {})},
                    "/long": {
                        "get": {**operation("l", 200, {}), "parameters": [{**parameters[5], "example": "x" * 300}]}
                    },
                },
            }
        )
    )

    asked = [path for _, path in read.askable()]

    assert asked == ["/many?page=3&word=aa&only=true&sort=up&kind=all&from=2026-01-01"]


@pytest.mark.parametrize(
    ("status", "kind", "body", "fault"),
    [
        pytest.param(200, "application/json; charset=utf-8", '[{"id": 1, "text": "a"}]', "", id="as described"),
        pytest.param(404, "application/json", "{}", "it answered 404, and its document knows 200", id="unknown status"),
        pytest.param(500, "application/json", "[]", "it answered 500, which says that it failed", id="failed"),
        pytest.param(
            200, "text/html", "[]", "its document has application/json, and it came as text/html", id="other type"
        ),
        pytest.param(200, "", "[]", "its document has application/json, and it came as no content type", id="no type"),
        pytest.param(200, "application/json", "[", "what it answered is no JSON", id="no JSON"),
        pytest.param(200, "application/json", "[" * 100_000, "what it answered is no JSON", id="deep"),
        pytest.param(
            200, "application/json", '{"id": 1}', "at the top: {'id': 1} is not of type 'array'", id="other shape"
        ),
        pytest.param(200, "application/json", '[{"id": 1}]', "at /0: 'text' is a required property", id="missing"),
    ],
)
def test_an_answer_is_held_to_what_the_document_says(status: int, kind: str, body: str, fault: str) -> None:
    """Status, content type and body, with the place of the first thing that does not fit."""
    read, one = of(LIST)

    assert read.fault(one, status, kind, body) == fault


def test_answers_are_found_by_class_default_and_reference() -> None:
    """``2XX``, ``default``, a response by reference, and answers without a body."""
    shared = {"description": "x", "content": {"application/problem+json": {"schema": {"type": "object"}}}}
    responses = {"2XX": {"description": "any"}, "default": {"$ref": "#/components/responses/Wrong"}}
    whole = {
        **DOCUMENT,
        "components": {**DOCUMENT["components"], "responses": {"Wrong": shared}},
        "paths": {"/x": {"get": {"operationId": "x", "responses": responses}}},
    }
    read = Document(json.dumps(whole))
    one = read.operations[0]

    assert read.fault(one, 204, "", "") == ""
    assert read.fault(one, 404, "application/problem+json", "{}") == ""
    assert read.fault(one, 404, "application/problem+json", "[]") == "at the top: [] is not of type 'object'"


def test_a_schema_with_a_pattern_that_never_ends_costs_nothing() -> None:
    """Patterns are not tried: pattern and text come from somebody else."""
    read, one = of({"type": "string", "pattern": "^(a+)+$"})

    assert read.fault(one, 200, "application/json", json.dumps("a" * 60 + "!")) == ""


def test_a_schema_that_has_no_end_is_no_answer_of_ours() -> None:
    """A schema that refers to nothing but itself can be compared with nothing."""
    whole = {**DOCUMENT, "components": {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}}}
    read = Document(
        json.dumps({**whole, "paths": {"/x": {"get": operation("x", 200, {"$ref": "#/components/schemas/A"})}}})
    )

    assert "could not be compared" in read.fault(read.operations[0], 200, "application/json", "1")


@pytest.mark.parametrize(
    ("schema", "nothing"),
    [
        pytest.param(LIST, [], id="list"),
        pytest.param({"$ref": "#/components/schemas/Note"}, {"id": 0, "text": ""}, id="object"),
        pytest.param({"const": "ok"}, "ok", id="const"),
        pytest.param({"enum": ["a", "b"]}, "a", id="enum"),
        pytest.param({"type": ["null", "boolean"]}, False, id="several types"),
        pytest.param(
            {"allOf": [{"$ref": "#/components/schemas/Note"}, {"required": ["z"], "properties": {"z": {}}}]},
            {"id": 0, "text": "", "z": None},
            id="all of",
        ),
        pytest.param({"oneOf": [{"type": "number"}, {"type": "string"}]}, 0, id="one of"),
        pytest.param({}, None, id="anything"),
    ],
)
def test_somebody_who_has_nothing_answers_with_the_least_that_is_described(
    schema: dict[str, Any], nothing: object
) -> None:
    """So that a scenario that asks for no more than that is seen to show nothing."""
    read, one = of(schema)

    assert read.empty(one) == (200, nothing)


def test_what_cannot_be_empty_is_not_there() -> None:
    """Anything but a plain GET, and a GET of one thing, is answered 404; one without a body as it is described."""
    read = document(
        **{
            "/one/{id}": {"get": operation("one", 200, {}), "delete": operation("d", 204, {})},
            "/gone": {"get": {"operationId": "g", "responses": {"204": {"description": "Nothing."}}}},
            "/odd": {"get": {"operationId": "o", "responses": {"default": {"description": "Anything."}}}},
        }
    )
    found = {(each.method, each.path): read.empty(each) for each in read.operations}

    assert found["GET", "/one/{id}"] == (404, {})
    assert found["DELETE", "/one/{id}"] == (404, {})
    assert found["GET", "/gone"] == (204, None)
    assert found["GET", "/odd"] == (404, {})


def test_a_path_with_parameters_is_a_pattern_for_all_of_it() -> None:
    """One step for each parameter, and what stands for itself in a path stands for itself in the pattern."""
    read = document(**{"/a.b/{id}/c": {"get": operation("x", 200, {})}})

    assert read.operations[0].pattern == r"^\/a\.b\/[^/]+\/c$"

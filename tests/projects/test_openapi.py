"""Whether a text is an OpenAPI document that others can work by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.projects.openapi import faults_of_document
from tests.projects.plans import sound

GOOD = json.loads(sound().interfaces[0].document)


def _with(path: str, value: Any) -> str:
    """The good document with *value* at *path*, or without what is there where it is `...`."""
    whole = json.loads(json.dumps(GOOD))
    node = whole
    *steps, last = path.split(" ")
    for step in steps:
        node = node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return json.dumps(whole)


def test_documents_of_the_rules_are_good() -> None:
    """Resources with pages, and a WebSocket."""
    documents = [interface.document for interface in (*sound().interfaces, *sound("chat").interfaces)]

    assert len(documents) == 3
    assert [faults_of_document(document) for document in documents] == [[], [], []]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("openapi: 3.1.0", "no JSON"),
        ("[]", "no JSON object"),
        ("[" * 100_000, "no JSON"),
        (_with("openapi", "2.0"), "where it has to be"),
        (_with("info", ...), "at info: Field required"),
        (_with("paths", {}), "it has no `paths`"),
        (_with("patths", {}), "fields that OpenAPI does not know: patths"),
        (_with("paths /orders get responses", {}), "GET /orders has no responses"),
        (_with("paths /orders get operationId", "listStock"), "'listStock' is given twice"),
        (_with("paths /orders get operationId", ...), "GET /orders has no operationId"),
        (_with("paths /orders/{id} get parameters", []), "describes the path parameters [], and has ['id']"),
        (_with("paths /orders/{id} get parameters", [{"$ref": "#/components/schemas/Order"}]), "describes the path"),
        (_with("paths orders", GOOD["paths"]["/health"]), "does not begin with a slash"),
        (_with("paths /orders/{key}", GOOD["paths"]["/orders/{id}"]), "are the same to a router"),
        (_with("paths /empty", {}), "has no operation"),
        (_with("components schemas Order", ...), "leads nowhere"),
        (_with("components schemas Order", {"$ref": "https://example.com/x.json"}), "does not stay in the document"),
        (_with("components schemas Order", {"$ref": "#/paths/0"}), "leads nowhere"),
        (_with("components schemas Order", {"type": "object", "properties": {"default": {"$ref": "#/x"}}}), "nowhere"),
        (_with("paths /orders get parameters", [{"name": "a", "in": "query", "schema": {"minimum": "x"}}]), "minimum"),
        (_with("x-deep", json.loads("[" * 70 + "]" * 70)), "nested deeper"),
    ],
)  # fmt: skip
def test_a_document_that_nobody_could_work_by_is_told_why(text: str, told: str) -> None:
    """Its form, its references, its schemas, and what a router and a generator need."""
    faults = faults_of_document(text)

    assert any(told in fault for fault in faults), faults


def test_references_may_lead_anywhere_in_the_document_and_examples_hold_anything() -> None:
    """Lists are counted, and what is no schema is not taken for one."""
    document = json.loads(json.dumps(GOOD))
    document["paths"]["/orders"]["get"]["parameters"].append({"$ref": "#/paths/~1orders/get/parameters/0"})
    document["components"]["schemas"]["Order"]["example"] = {"$ref": "nowhere", "schema": {"type": 7}}

    assert faults_of_document(json.dumps(document)) == []

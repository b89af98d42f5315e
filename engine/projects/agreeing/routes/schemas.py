"""Names of what passes over HTTP, as an OpenAPI document has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from engine.projects.agreeing.routes.operations import Document, Operation

_COMBINED = ("allOf", "anyOf", "oneOf", "not", "patternProperties", "if", "$dynamicRef", "unevaluatedProperties")
_MOST_HOPS = 10


class Shape(NamedTuple):
    """An object, or a list of them."""

    properties: Mapping[str, JsonValue]
    required: frozenset[str]
    is_list: bool
    is_open: bool
    """Whether it may have others."""


def sent_by(operation: Operation) -> Shape | None:
    """What its body holds; None where that is not plain."""
    return _of_content(operation.document, _object(operation.document, operation.described.get("requestBody")))


def answered_by(operation: Operation) -> Shape | None:
    """What it answers with where all is well; None where that is not plain."""
    responses = operation.described.get("responses")
    fine = [value for code, value in responses.items() if code.startswith("2")] if isinstance(responses, dict) else []
    return _of_content(operation.document, _object(operation.document, fine[0])) if len(fine) == 1 else None


def _of_content(document: Document, holder: Document) -> Shape | None:
    content = holder.get("content")
    if not isinstance(content, dict) or list(content) != ["application/json"]:
        return None
    return shape_of_schema(document, _object(document, content["application/json"]).get("schema"))


def shape_of_schema(document: Document, schema: JsonValue, *, is_list: bool = False) -> Shape | None:
    found = _object(document, schema)
    if any(word in found for word in _COMBINED):
        return None
    if found.get("type") == "array" and not is_list:
        return shape_of_schema(document, found.get("items"), is_list=True)
    properties, required = found.get("properties"), found.get("required")
    if found.get("type", "object") != "object" or not isinstance(properties, dict) or not properties:
        return None
    listed = frozenset(str(name) for name in required) if isinstance(required, list) else frozenset[str]()
    more = found.get("additionalProperties", False)
    return Shape(properties, listed, is_list, is_open=more is True or isinstance(more, dict))


def _object(document: Document, node: JsonValue) -> Document:
    """*node*, or what its reference leads to; an empty one where that is no object."""
    for _ in range(_MOST_HOPS):
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        if not reference.startswith("#/"):
            return {}
        node = document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
    return {}

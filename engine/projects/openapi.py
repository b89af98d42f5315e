"""Whether a text is an OpenAPI 3.1 document that others can work by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue, ValidationError

MOST_DEPTH = 60
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PLACE = re.compile(r"\{([^{}]*)\}")


def faults_of_document(text: str) -> list[str]:
    """What is wrong with the document *text*, most basic first; empty where nothing is."""
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return ["it is no JSON"]
    if not isinstance(document, dict):
        return ["it is no JSON object"]
    if _depth(document) > MOST_DEPTH:
        return [f"it is nested deeper than {MOST_DEPTH}"]
    version = document.get("openapi")
    if not isinstance(version, str) or not re.fullmatch(r"3\.1\.\d+", version):
        return [f"`openapi` is {str(version)[:20]!r} where it has to be '3.1.0' or such"]
    faults = [*_shape(document), *_references(document)]
    return faults or [*_schemas(document), *_operations(document)]


def _shape(document: dict[str, JsonValue]) -> Iterator[str]:
    from openapi_pydantic.v3.v3_1 import OpenAPI  # noqa: PLC0415  # takes a fifth of a second

    try:
        read = OpenAPI.model_validate(document)
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
            yield f"at {'.'.join(str(part) for part in wrong['loc'])[:200]}: {wrong['msg']}"
        return
    if not read.paths:
        yield "it has no `paths`"
    unknown = sorted(name for name in read.model_extra or {} if not name.startswith("x-"))
    if unknown:
        yield f"it has fields that OpenAPI does not know: {', '.join(unknown)[:200]}"


def _references(document: dict[str, JsonValue]) -> Iterator[str]:
    """References that lead nowhere, or out of the document."""
    for where, node in _objects(document):
        reference = node.get("$ref")
        if reference is None or where.endswith(("/properties", "/patternProperties")):
            continue
        if not isinstance(reference, str) or not reference.startswith("#/"):
            yield f"at {where}: $ref {str(reference)[:100]!r} does not stay in the document"
        elif _at(document, reference) is None:
            yield f"at {where}: $ref {reference[:100]!r} leads nowhere"


def _schemas(document: dict[str, JsonValue]) -> Iterator[str]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # as above
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # as above

    found = [(f"{where}/schema", node["schema"]) for where, node in _objects(document) if "schema" in node]
    named = _at(document, "#/components/schemas")
    if isinstance(named, dict):
        found += [(f"/components/schemas/{name}", schema) for name, schema in named.items()]
    for where, schema in found:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield f"at {where}: no JSON schema: {error.message[:200]}"


def _operations(document: dict[str, JsonValue]) -> Iterator[str]:
    """Names that are given twice, paths that say nothing, and parameters of a path that are not described."""
    seen: set[str] = set()
    shapes: dict[str, str] = {}
    paths = document["paths"]
    assert isinstance(paths, dict)  # noqa: S101  # its shape was looked at
    for path, item in paths.items():
        if not path.startswith("/"):
            yield f"the path {path[:100]!r} does not begin with a slash"
        shape = _PLACE.sub("{}", path)
        if shape in shapes:
            yield f"the paths {shapes[shape][:100]!r} and {path[:100]!r} are the same to a router"
        shapes[shape] = path
        if not isinstance(item, dict):
            continue
        operations = {method: item[method] for method in _METHODS if isinstance(item.get(method), dict)}
        if not operations:
            yield f"the path {path[:100]!r} has no operation"
        for method, operation in operations.items():
            assert isinstance(operation, dict)  # noqa: S101  # as above
            yield from _named(f"{method.upper()} {path[:100]}", operation, seen)
            described = {*_in_path(document, item), *_in_path(document, operation)}
            wanted = set(_PLACE.findall(path))
            if described != wanted:
                yield (
                    f"{method.upper()} {path[:100]} describes the path parameters {sorted(described)}, and has "
                    f"{sorted(wanted)}"
                )


def _named(what: str, operation: dict[str, JsonValue], seen: set[str]) -> Iterator[str]:
    name = operation.get("operationId")
    if not isinstance(name, str):
        yield f"{what} has no operationId"
    elif name in seen:
        yield f"the operationId {name[:100]!r} is given twice"
    else:
        seen.add(name)
    if not operation.get("responses"):
        yield f"{what} has no responses"


def _in_path(document: JsonValue, holder: dict[str, JsonValue]) -> Iterator[str]:
    parameters = holder.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        if isinstance(parameter, dict) and isinstance(reference := parameter.get("$ref"), str):
            parameter = _at(document, reference)  # noqa: PLW2901
        if isinstance(parameter, dict) and parameter.get("in") == "path":
            yield str(parameter.get("name"))


def _at(document: JsonValue, reference: str) -> JsonValue:
    node = document
    for step in reference.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def _objects(node: JsonValue, where: str = "") -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Every object in *node*, with its place; not inside of examples, which may hold anything."""
    if isinstance(node, dict):
        yield where, node
        for name, inner in node.items():
            # of the same name, a property is described by a schema
            if name not in {"example", "examples", "default", "enum", "const"} or where.endswith("/properties"):
                yield from _objects(inner, f"{where}/{name[:60]}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _objects(inner, f"{where}/{number}")


def _depth(node: JsonValue) -> int:
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
        if deepest > MOST_DEPTH:
            break
    return deepest

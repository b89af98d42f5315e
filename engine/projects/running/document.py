"""What an OpenAPI document says of its operations: what can be asked of them, what an answer has to be, what an empty one is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from pydantic import JsonValue

from engine.domain import Value

_URN = "urn:mendbox:document"
_METHODS = ("get", "put", "post", "delete", "patch")
_PLACE = re.compile(r"\{[^{}]*\}")
_DEEP = 12
"""Of schemas that point at themselves, what is followed for an empty value."""
_MOST_QUERY = 200


class Operation(Value):
    """One method of one path."""

    method: str
    path: str
    """With its parameters in braces."""
    place: tuple[str, ...]
    """Where it stands in the document."""

    @property
    def pattern(self) -> str:
        """A regular expression of JavaScript for the whole path."""
        pieces = _PLACE.split(self.path)
        return "^" + "[^/]+".join(re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", piece) for piece in pieces) + "$"


class Document:
    """An OpenAPI document that was found sound (`engine.projects.openapi`)."""

    def __init__(self, text: str) -> None:
        self._whole: dict[str, Any] = json.loads(text)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All of them, those whose paths have fewer parameters first."""
        paths = self._whole.get("paths") or {}
        found = [
            Operation(method=method.upper(), path=path, place=("paths", path, method))
            for path, item in paths.items()
            if isinstance(item, dict)
            for method in _METHODS
            if isinstance(item.get(method), dict)
        ]
        return tuple(sorted(found, key=lambda each: len(_PLACE.findall(each.path))))

    def askable(self) -> Iterator[tuple[Operation, str]]:
        """Each GET without parameters in its path, with the path and query to ask; what the query has to have is made up."""
        for operation in self.operations:
            if operation.method != "GET" or _PLACE.search(operation.path):
                continue
            item, own = self._at(operation.place[:-1]), self._at(operation.place)
            needed = [self._resolved(each) for holder in (item, own) for each in holder.get("parameters") or ()]
            needed = [each for each in needed if each.get("required")]
            if any(each.get("in") != "query" for each in needed):
                continue  # a header or a cookie would have to be known
            query = {str(each.get("name")): self._example(each) for each in needed}
            text = urlencode(
                {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
            )
            if len(text) <= _MOST_QUERY:
                yield operation, f"{operation.path}?{text}" if text else operation.path

    def fault(self, operation: Operation, status: int, kind: str, body: str) -> str:
        """Why an answer is none that the document describes; empty where it is one."""
        responses = self._at(operation.place).get("responses") or {}
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in responses), None)
        if status >= 500:
            return f"it answered {status}, which says that it failed"
        if key is None:
            return f"it answered {status}, and its document knows {', '.join(sorted(responses))[:100]}"
        content = self._resolved(responses[key]).get("content") or {}
        described = next((name for name in content if _is_json(name)), None)
        return "" if described is None else self._fault_of_body((operation, key, described), kind, body)

    def _fault_of_body(self, at: tuple[Operation, str, str], kind: str, body: str) -> str:
        operation, key, described = at
        if not _is_json(kind):
            return f"its document has {described}, and it came as {kind or 'no content type'}"
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return "what it answered is no JSON"
        if "schema" not in self._resolved(self._at(operation.place)["responses"][key])["content"][described]:
            return ""
        # a reference is followed by its steps, so that what the schema itself refers to is found too
        steps = self._steps((*operation.place, "responses", key))
        return self._unlike((*steps, "content", described, "schema"), value)

    def empty(self, operation: Operation) -> tuple[int, JsonValue]:
        """Status and body of somebody who has nothing: the first good answer of the document, with nothing in it."""
        responses = self._at(operation.place).get("responses") or {}
        good = sorted(key for key in responses if re.fullmatch(r"2[0-9]{2}", key))
        if operation.method != "GET" or not good or _PLACE.search(operation.path):
            return 404, {}
        content = self._resolved(responses[good[0]]).get("content") or {}
        described = next((name for name in content if _is_json(name)), None)
        if described is None:
            return int(good[0]), None
        return int(good[0]), self._nothing(content[described].get("schema") or {}, _DEEP)

    def _unlike(self, steps: Sequence[str], value: JsonValue) -> str:
        from jsonschema import Draft202012Validator, validators  # noqa: PLC0415  # slow, and only builds need it
        from referencing import Registry  # noqa: PLC0415  # as above
        from referencing.exceptions import Unresolvable  # noqa: PLC0415  # as above
        from referencing.jsonschema import DRAFT202012  # noqa: PLC0415  # as above

        # A pattern that somebody else wrote, over a text that somebody else wrote, may run for ever.
        kind = validators.extend(Draft202012Validator, {"pattern": _anything, "patternProperties": _anything})
        registry: Registry[Any] = Registry().with_resource(_URN, DRAFT202012.create_resource(self._whole))
        pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
        try:
            error = next(kind({"$ref": f"{_URN}#{pointer}"}, registry=registry).iter_errors(value), None)
        except (RecursionError, Unresolvable):
            return "it could not be compared with its schema"
        if error is None:
            return ""
        where = "".join(f"/{step}" for step in error.absolute_path)
        return f"at {where[:200] or 'the top'}: {error.message[:300]}"

    def _at(self, steps: Sequence[str]) -> dict[str, Any]:
        node: Any = self._whole
        for step in steps:
            node = node.get(step) if isinstance(node, dict) else None
        return self._resolved(node)

    def _steps(self, steps: Sequence[str]) -> tuple[str, ...]:
        """*steps*, or those that it refers to."""
        node: Any = self._whole
        for step in steps:
            node = node.get(step) if isinstance(node, dict) else None
        reference = node.get("$ref") if isinstance(node, dict) else None
        return tuple(_pointed(reference)) if isinstance(reference, str) else tuple(steps)

    def _resolved(self, node: object) -> dict[str, Any]:
        for _ in range(_DEEP):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._whole
            for step in _pointed(reference):
                node = node.get(step) if isinstance(node, dict) else None
        return {}

    def _example(self, parameter: Mapping[str, Any]) -> JsonValue:
        if "example" in parameter:
            found: JsonValue = parameter["example"]
            return found
        schema = self._resolved(parameter.get("schema"))
        for key in ("example", "default", "const"):
            if key in schema:
                value: JsonValue = schema[key]
                return value
        if schema.get("enum"):
            chosen: JsonValue = schema["enum"][0]
            return chosen
        if _kind(schema) in {"integer", "number"}:
            least: JsonValue = schema.get("minimum", 1)
            return least
        return "true" if _kind(schema) == "boolean" else "a" * max(1, min(int(schema.get("minLength", 1)), 50))

    def _nothing(self, node: object, deep: int) -> JsonValue:
        schema = self._resolved(node)
        if "const" in schema or schema.get("enum"):
            said: JsonValue = schema["const"] if "const" in schema else schema["enum"][0]
            return said
        if deep and schema.get("allOf"):
            merged: dict[str, JsonValue] = {}
            for part in (self._nothing(part, deep - 1) for part in schema["allOf"]):
                merged |= part if isinstance(part, dict) else {}
            return merged
        if deep and (either := schema.get("oneOf") or schema.get("anyOf")):
            return self._nothing(either[0], deep - 1)
        if _kind(schema) == "object":
            properties = schema.get("properties") or {}
            names = [name for name in schema.get("required") or () if name in properties] if deep else []
            return {name: self._nothing(properties[name], deep - 1) for name in names}
        nothing: dict[str, JsonValue] = {"array": [], "string": "", "integer": 0, "number": 0, "boolean": False}
        return nothing.get(_kind(schema))


def _anything(*_: object) -> Iterator[Any]:
    return iter(())


def _pointed(reference: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in reference.removeprefix("#/").split("/")]


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None and ("properties" in schema or "required" in schema):
        return "object"
    return str(kind)


def _is_json(name: str) -> bool:
    bare = name.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")

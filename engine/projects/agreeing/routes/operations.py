"""What the interfaces of a plan offer, and whether a path is one of theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from agents.plans.plan import Plan

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_PLACE = re.compile(r"\{[^{}]*\}")
ANY = "\0"
"""Stands in a called path for what is not known until it runs; no text of a file has it."""
Document = dict[str, JsonValue]


@dataclass(frozen=True)
class Operation:
    """One method of one path of an interface."""

    interface: str
    owner: str
    method: str
    """In capitals."""
    path: str
    """As the document has it: ``/api/products/{product_id}``."""
    document: Document
    described: Document

    @property
    def shape(self) -> str:
        """The path as a router sees it, whatever its parameters are called."""
        return shape_of(self.path)

    @cached_property
    def parts(self) -> list[str]:
        return self.path.split("/")

    @property
    def called(self) -> str:
        return f"{self.method} {self.path}"


def shape_of(path: str) -> str:
    return _PLACE.sub("{}", path)


def places_of(path: str) -> list[str]:
    return [match[1:-1] for match in _PLACE.findall(path)]


def operations_of(plan: Plan) -> tuple[Operation, ...]:
    """Of all interfaces; a document that cannot be read is the plan's fault, and offers nothing here."""
    return tuple(_operations(plan))


def _operations(plan: Plan) -> Iterator[Operation]:
    for interface in plan.interfaces:
        try:
            document = json.loads(interface.document)
        except (ValueError, RecursionError):
            continue
        paths = document.get("paths") if isinstance(document, dict) else None
        for path, item in paths.items() if isinstance(paths, dict) else ():
            for method in METHODS if isinstance(item, dict) else ():
                if isinstance(described := item.get(method), dict):
                    yield Operation(interface.name, interface.owner, method.upper(), path, document, described)


def matching(path: str, operations: Iterable[Operation]) -> list[Operation]:
    """Those whose path *path* may be: part for part, with `ANY` for what is not known."""
    parts = path.split("/")
    found = [operation for operation in operations if _fits(parts, operation.parts)]
    # of two that fit, a router takes the one in so many words
    literal = [operation for operation in found if "{" not in operation.path]
    return literal if literal and ANY not in path else found


def ending_in(path: str, operations: Iterable[Operation]) -> list[Operation]:
    """Those whose path ends in *path*, which is put behind a base that is not known."""
    parts = path.strip("/").split("/")
    return [
        operation
        for operation in operations
        for whole in (operation.path.strip("/").split("/"),)
        if len(whole) >= len(parts) and _fits(parts, whole[len(whole) - len(parts) :])
    ]


def _fits(given: Sequence[str], planned: Sequence[str]) -> bool:
    return len(given) == len(planned) and all(map(_part_fits, given, planned))


def _part_fits(given: str, planned: str) -> bool:
    if "{" in planned:
        return bool(given)
    if ANY not in given:
        return given == planned
    first, *_, last = given.split(ANY)
    return len(planned) >= len(first) + len(last) and planned.startswith(first) and planned.endswith(last)

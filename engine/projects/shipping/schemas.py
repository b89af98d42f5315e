"""Holds a document to a published JSON schema: compose's, or that of GitHub's workflows, as check-jsonschema carries them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

from engine.dependencies.tables import Table, items, table, text
from engine.domain import Finding
from engine.projects.shipping.reading import Document
from engine.projects.shipping.wrong import listed, wrong

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Published = Literal["compose-spec", "github-workflows"]
_MOST = 12
"""Faults of one document that are told."""
_FOR_OTHERS = frozenset({"additionalProperties", "unevaluatedProperties"})
"""What forbids every key that has no rule of its own."""


@cache
def _validator(name: Published) -> Validator:
    # both are slow to import
    from check_jsonschema.builtin_schemas import get_builtin_schema  # noqa: PLC0415
    from jsonschema import validators  # noqa: PLC0415

    schema = get_builtin_schema(f"vendor.{name}")
    made: Validator = validators.validator_for(schema)(schema)
    return made


def faults_of_schema(document: Document, name: Published, rule: str) -> Iterator[Finding]:
    """Where *document* is not as the schema has it."""
    validator = _validator(name)
    whole = table(validator.schema)
    told = 0
    for error in sorted(validator.iter_errors(document.value), key=lambda each: list(map(str, each.absolute_path))):
        deepest = _deepest(error)
        unknown = _unknown(deepest, whole)
        if deepest.validator in _FOR_OTHERS and not unknown:
            continue  # they are known, and one of them is wrong: that is told by itself
        told += 1
        if told > _MOST:
            return
        steps = tuple(deepest.absolute_path)
        where = ".".join(map(str, steps)) or "the document"
        yield wrong(document.path, document.line(*steps, *unknown[:1]), rule, f"{where}: {_said(deepest, whole)}")


def _deepest(error: ValidationError) -> ValidationError:
    """Of the forms that something may have, the fault of the one that it comes closest to."""
    while error.context:
        fitting = [inner for inner in error.context if inner.validator != "type" or len(inner.path)]
        if not fitting:
            return error
        error = max(fitting, key=lambda each: (len(each.absolute_path), each.validator != "required"))
    return error


def _unknown(error: ValidationError, whole: Table) -> list[str]:
    """Keys that the schema has no rule for, where that is the fault."""
    if error.validator not in _FOR_OTHERS or not isinstance(error.instance, dict):
        return []
    known = _properties(table(error.schema), whole)
    patterns = table(table(error.schema).get("patternProperties"))
    return [
        name for name in error.instance if name not in known and not any(re.search(each, name) for each in patterns)
    ]


def _properties(schema: Table, whole: Table) -> set[str]:
    """Keys that *schema* has rules for, also by the parts that it is put together from."""
    known = set(table(schema.get("properties")))
    for part in [schema, *map(table, items(schema.get("allOf")))]:
        name = text(part.get("$ref")).rpartition("/")[2]
        if name:
            known |= _properties(table(table(whole.get("$defs")).get(name)), whole)
        if part is not schema:
            known |= _properties(part, whole)
    return known


def _said(error: ValidationError, whole: Table) -> str:
    unknown = _unknown(error, whole)
    if unknown:
        return f"unknown {listed(unknown)}; there may be {listed(_properties(table(error.schema), whole), 40)}"
    if error.context:
        kinds = listed({str(inner.validator_value) for inner in error.context if inner.validator == "type"})
        return f"{str(error.instance)[:80]!r} has none of the forms that it may have: {kinds}"
    return str(error.message)[:300]

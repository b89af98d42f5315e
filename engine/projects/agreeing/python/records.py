"""Fields that a dataclass gives to its ``__init__``."""

from __future__ import annotations

import ast
from typing import NamedTuple

from engine.projects.agreeing.python.source import written


class Field(NamedTuple):
    required: bool
    by_keyword: bool


def name_of_decorator(node: ast.expr) -> str:
    return written(node.func if isinstance(node, ast.Call) else node)


def fields_of(node: ast.ClassDef) -> dict[str, Field] | None:
    """Those of *node* itself, in order; None where it is no plain dataclass, or they are not sure."""
    if len(node.decorator_list) != 1:
        return None
    decorator = node.decorator_list[0]
    if name_of_decorator(decorator) not in {"dataclass", "dataclasses.dataclass"}:
        return None
    options = decorator.keywords if isinstance(decorator, ast.Call) else []
    if any(option.arg in {None, "init"} for option in options):
        return None
    by_keyword = any(option.arg == "kw_only" and written(option.value) != "False" for option in options)
    fields: dict[str, Field] = {}
    for each in node.body:
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.target, ast.Name):
            continue
        annotation = written(each.annotation)
        if annotation.rpartition(".")[2] == "KW_ONLY":
            by_keyword = True
        elif "ClassVar" not in annotation:
            required = _is_required(each.value)
            if required is None:
                return None
            fields[each.target.id] = Field(required, by_keyword)
    return fields


def _is_required(value: ast.expr | None) -> bool | None:
    """Whether a field with this value has to be given; None where that is not sure."""
    if not isinstance(value, ast.Call):
        return value is None
    given = {option.arg for option in value.keywords}
    # whatever else is called may be a field by another name
    if written(value.func) not in {"field", "dataclasses.field"} or value.args or given & {None, "init", "kw_only"}:
        return None
    return not given & {"default", "default_factory"}

"""Fields of pydantic's models, where a class shows all that passes under their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple

from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import MOST_WRITTEN, Source, written
from engine.projects.agreeing.routes.constants import place_of

_HIDING = re.compile(
    r"alias|computed_field|model_serializer|field_serializer|model_validator|root_validator|extra\s*=|['\"]extra['\"]|exclude"
    r"|__pydantic|__init__|RootModel|class Config|@property"
)
"""What makes other names pass than those of the fields."""
_MOST_BASES = 8


class Model(NamedTuple):
    """A class, and its fields."""

    name: str
    file: str
    line: int
    fields: Mapping[str, bool]
    """Whether each has to be given."""
    source: Source
    types: Mapping[str, ast.expr]


_Known = dict[ast.stmt, Model | None]


def model_of(source: Source, node: ast.expr | None, modules: Modules, known: _Known) -> tuple[Model, bool] | None:
    """The model that an annotation names, and whether it is a list of them; None where that is not plain."""
    match node:
        case ast.Name(id=name):
            found = modules.defined(place_of(source), name)
            if found is None or not isinstance(found[1], ast.ClassDef):
                return None
            if found[1] not in known:
                known[found[1]] = _model(*found, modules)
            model = known[found[1]]
            return (model, False) if model is not None else None
        case ast.Subscript(value=ast.Name(id="list" | "List" | "Sequence"), slice=ast.Name() as inner):
            listed = model_of(source, inner, modules, known)
            return (listed[0], True) if listed is not None else None
        case ast.Constant(value=str(text)) if text.isidentifier():
            return model_of(source, ast.Name(id=text, ctx=ast.Load()), modules, known)
        case _:
            return None


def _model(source: Source, statement: ast.stmt, modules: Modules) -> Model | None:
    fields: dict[str, bool] = {}
    types: dict[str, ast.expr] = {}
    first = source, statement
    for _ in range(_MOST_BASES):
        if not isinstance(statement, ast.ClassDef) or _hides(statement) or statement.keywords:
            return None
        own = [each for each in statement.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
        for each in own:
            name = each.target.id if isinstance(each.target, ast.Name) else ""
            if name not in fields and not name.startswith("_") and "ClassVar" not in written(each.annotation):
                fields[name] = _is_required(each)
                types[name] = each.annotation
        if len(statement.bases) != 1 or not isinstance(base := statement.bases[0], ast.Name | ast.Attribute):
            return None
        if written(base) in {"BaseModel", "pydantic.BaseModel"}:
            head = first[1]
            assert isinstance(head, ast.ClassDef)  # noqa: S101  # it was looked at first
            return Model(head.name, first[0].path, head.lineno, fields, first[0], types)
        found = modules.defined(place_of(source), base.id) if isinstance(base, ast.Name) else None
        if found is None:
            return None
        source, statement = found
    return None


def _hides(node: ast.ClassDef) -> bool:
    """Whether other names may pass than those of its fields; also where it is too long to be looked through."""
    text = written(node)
    return len(text) >= MOST_WRITTEN or _HIDING.search(text) is not None


def _is_required(node: ast.AnnAssign) -> bool:
    annotation = written(node.annotation)
    if "Annotated" in annotation and "default" in annotation:
        return False
    match node.value:
        case None:
            return True
        case ast.Constant(value=value):
            return value is Ellipsis
        case ast.Call(func=function, args=given, keywords=options) if written(function) in {
            "Field",
            "pydantic.Field",
        }:
            named = {option.arg for option in options}
            first = given[0] if given else None
            is_ellipsis = isinstance(first, ast.Constant) and first.value is Ellipsis
            return (first is None or is_ellipsis) and not named & {"default", "default_factory", None}
        case _:
            return False

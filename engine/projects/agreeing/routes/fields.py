"""Whether models of a FastAPI application call things as the plan's documents do, where both are plain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from engine.domain import Finding
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import MOST_WRITTEN, written
from engine.projects.agreeing.routes.fastapi import FastApi, Handler
from engine.projects.agreeing.routes.operations import Document, Operation, shape_of
from engine.projects.agreeing.routes.records import Model, model_of
from engine.projects.agreeing.routes.schemas import Shape, answered_by, sent_by, shape_of_schema

_CHANGING = frozenset(
    "response_model_include response_model_exclude response_model_by_alias response_model_exclude_unset response_class"
    " response_model_exclude_none response_model_exclude_defaults openapi_extra".split()
)
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
_MOST_NESTED = 3
_MOST_FIELDS = 40


def misnamed(part: Part, app: FastApi, modules: Modules, operations: Sequence[Operation]) -> Iterator[Finding]:
    """Nothing is said unless all routes are known."""
    found = app.served
    if not found.whole:
        return
    planned = {(operation.method, shape_of(operation.path)): operation for operation in operations}
    for handler in app.handlers():
        # its path from the root, by its place
        places = [
            planned[route.method, shape_of(route.path)]
            for route in found.routes
            if (route.method, route.file, route.line) == (handler.route.method, handler.route.file, handler.route.line)
            and (route.method, shape_of(route.path)) in planned
        ]
        for operation in places[:1]:
            yield from _answer(part, handler, modules, operation)
            yield from _body(part, handler, modules, operation)


def _answer(part: Part, handler: Handler, modules: Modules, operation: Operation) -> Iterator[Finding]:
    given = {option.arg: option.value for option in handler.decorator.keywords}
    if _CHANGING & set(given) or None in given:
        return
    declared = given.get("response_model", handler.function.returns)
    found, shape = model_of(handler.source, declared, modules), answered_by(operation)
    if found is None or shape is None:
        return
    model, is_list = found
    if is_list != shape.is_list:
        kinds = "one", "a list of them"
        yield _wrong(
            part,
            handler.source.path,
            handler.decorator.lineno,
            f"{operation.called} is planned to answer with {kinds[shape.is_list]}, and answers {kinds[is_list]}: {model.name}",
        )
        return
    yield from _compared(part, model, shape, operation, modules, answers=True)


def _body(part: Part, handler: Handler, modules: Modules, operation: Operation) -> Iterator[Finding]:
    shape = sent_by(operation)
    if operation.method not in _WITH_A_BODY or shape is None:
        return
    arguments = handler.function.args
    with_default = len(arguments.defaults)
    plain = arguments.args[: len(arguments.args) - with_default] if with_default else arguments.args
    plain = [
        *plain,
        *(each for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None),
    ]
    found = [each for each in (model_of(handler.source, one.annotation, modules) for one in plain) if each is not None]
    # two of them are sent in an object around both
    if len(found) == 1 and found[0][1] == shape.is_list and not _has_other_body(arguments):
        yield from _compared(part, found[0][0], shape, operation, modules, answers=False)


def _has_other_body(arguments: ast.arguments) -> bool:
    text = written(arguments)
    return len(text) >= MOST_WRITTEN or "Body(" in text or "Form(" in text


def _compared(
    part: Part,
    model: Model,
    shape: Shape,
    operation: Operation,
    modules: Modules,
    *,
    answers: bool,
    seen: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    verb = "answers with" if answers else "takes"
    where = f"{operation.called} {verb} {model.name}"
    missing = sorted(shape.required - set(model.fields))
    # what a request may leave out is no matter; what is answered beside the plan, or asked for, is
    beyond = [name for name, required in model.fields.items() if name not in shape.properties and (answers or required)]
    if missing:
        yield _wrong(part, model.file, model.line, f"{where}, which lacks {shown(missing)} of its document")
    if beyond and not shape.is_open:
        known = shown(shape.properties, 20)
        yield _wrong(
            part, model.file, model.line, f"{where}, whose {shown(beyond)} its document does not know: it has {known}"
        )
    if missing or beyond or len(seen) >= _MOST_NESTED or model.name in seen:
        return
    for name, annotation in list(model.types.items())[:_MOST_FIELDS]:
        inner = model_of(model.source, annotation, modules)
        schema = _of_property(operation.document, shape, name)
        if inner is not None and schema is not None and inner[1] == schema.is_list:
            yield from _compared(part, inner[0], schema, operation, modules, answers=answers, seen=seen | {model.name})


def _of_property(document: Document, shape: Shape, name: str) -> Shape | None:
    return shape_of_schema(document, shape.properties[name]) if name in shape.properties else None


def _wrong(part: Part, path: str, line: int, message: str) -> Finding:
    return part.wrong("names/field", path, line, message)

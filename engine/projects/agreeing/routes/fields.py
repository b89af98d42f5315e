"""Whether models of a FastAPI application call things as the plan's documents do, where both are plain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from engine.domain import Finding
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import MOST_WRITTEN, Source, written
from engine.projects.agreeing.routes.fastapi import FastApi, Handler
from engine.projects.agreeing.routes.operations import Document, Operation, shape_of
from engine.projects.agreeing.routes.records import Model, model_of
from engine.projects.agreeing.routes.schemas import Shape, answered_by, sent_by, shape_of_schema

_CHANGING = frozenset(
    "response_model_include response_model_exclude response_model_by_alias response_model_exclude_unset response_class"
    " response_model_exclude_none response_model_exclude_defaults openapi_extra".split()
)
_RULE = "names/field"
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
_MOST_NESTED = 3
_MOST_FIELDS = 40


def misnamed(part: Part, app: FastApi, modules: Modules, operations: Sequence[Operation]) -> Iterator[Finding]:
    """Nothing is said unless all routes are known."""
    found = app.served
    if not found.whole:
        return
    planned = {(operation.method, shape_of(operation.path)): operation for operation in operations}
    # paths from the root, by their places
    places = {
        (route.method, route.file, route.line): planned[route.method, shape_of(route.path)]
        for route in found.routes
        if (route.method, shape_of(route.path)) in planned
    }
    comparing = _Comparing(part, modules)
    for handler in app.handlers():
        operation = places.get((handler.route.method, handler.route.file, handler.route.line))
        if operation is not None:
            yield from comparing.answer(handler, operation)
            yield from comparing.body(handler, operation)


class _Comparing:
    def __init__(self, part: Part, modules: Modules) -> None:
        self.part = part
        self.modules = modules
        self._known: dict[ast.stmt, Model | None] = {}

    def _model(self, source: Source, node: ast.expr | None) -> tuple[Model, bool] | None:
        return model_of(source, node, self.modules, self._known)

    def answer(self, handler: Handler, operation: Operation) -> Iterator[Finding]:
        given = {option.arg: option.value for option in handler.decorator.keywords}
        if _CHANGING & set(given) or None in given:
            return
        found = self._model(handler.source, given.get("response_model", handler.function.returns))
        shape = answered_by(operation)
        if found is None or shape is None:
            return
        model, is_list = found
        if is_list != shape.is_list:
            kinds = "one", "a list of them"
            yield self.part.wrong(
                _RULE,
                handler.source.path,
                handler.decorator.lineno,
                f"{operation.called} is planned to answer with {kinds[shape.is_list]}, and answers with {kinds[is_list]}:"
                f" {model.name}",
            )
            return
        yield from self._compared(model, shape, operation, answers=True)

    def body(self, handler: Handler, operation: Operation) -> Iterator[Finding]:
        shape = sent_by(operation)
        if operation.method not in _WITH_A_BODY or shape is None:
            return
        arguments = handler.function.args
        plain = arguments.args[: len(arguments.args) - len(arguments.defaults)]
        by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        plain = [*plain, *(each for each, default in by_name if default is None)]
        found = [each for each in (self._model(handler.source, one.annotation) for one in plain) if each is not None]
        # two of them are sent in an object around both
        if len(found) == 1 and found[0][1] == shape.is_list and not _has_other_body(arguments):
            yield from self._compared(found[0][0], shape, operation, answers=False)

    def _compared(
        self, model: Model, shape: Shape, operation: Operation, *, answers: bool, above: frozenset[str] = frozenset()
    ) -> Iterator[Finding]:
        where = f"{operation.called} {'answers with' if answers else 'takes'} {model.name}"
        missing = sorted(shape.required - set(model.fields))
        # what a request may leave out is no matter; what is answered beside the plan, or asked for, is
        beyond = [
            name for name, required in model.fields.items() if name not in shape.properties and (answers or required)
        ]
        if missing:
            told = f"{where}, which lacks {shown(missing)} of its document"
            yield self.part.wrong(_RULE, model.file, model.line, told)
        if beyond and not shape.is_open:
            known = shown(shape.properties, 20)
            told = f"{where}, whose {shown(beyond)} its document does not know: it has {known}"
            yield self.part.wrong(_RULE, model.file, model.line, told)
        if missing or beyond or len(above) >= _MOST_NESTED or model.name in above:
            return
        for name, annotation in list(model.types.items())[:_MOST_FIELDS]:
            inner = self._model(model.source, annotation)
            schema = _of_property(operation.document, shape, name)
            if inner is not None and schema is not None and inner[1] == schema.is_list:
                more = above | {model.name}
                yield from self._compared(inner[0], schema, operation, answers=answers, above=more)


def _has_other_body(arguments: ast.arguments) -> bool:
    text = written(arguments)
    return len(text) >= MOST_WRITTEN or "Body(" in text or "Form(" in text


def _of_property(document: Document, shape: Shape, name: str) -> Shape | None:
    return shape_of_schema(document, shape.properties[name]) if name in shape.properties else None

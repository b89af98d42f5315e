"""Holds an object to the types of Kubernetes' own API, as lightkube carries them from its OpenAPI description."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from engine.projects.shipping.reading import Steps, Yaml
from engine.projects.shipping.wrong import listed

if TYPE_CHECKING:
    from msgspec.inspect import StructType, Type

MODULES: Mapping[str, str] = {
    "v1": "core_v1",
    "apps/v1": "apps_v1",
    "batch/v1": "batch_v1",
    "autoscaling/v2": "autoscaling_v2",
    "networking.k8s.io/v1": "networking_v1",
    "policy/v1": "policy_v1",
    "rbac.authorization.k8s.io/v1": "rbac_v1",
    "storage.k8s.io/v1": "storage_v1",
    "scheduling.k8s.io/v1": "scheduling_v1",
}
"""Where lightkube has the kinds of each API."""
_TEXTS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "stringData"})
"""Maps whose values are texts; the types say no more than that they are maps."""
_AMOUNTS = frozenset({"requests", "limits", "capacity", "hard"})
_QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(([KMGTPE]i|[numkMGTPE])|[eE][+-]?\d+)?")
_CLOSED: Mapping[str, frozenset[str]] = {
    "restartPolicy": frozenset({"Always", "OnFailure", "Never"}),
    "imagePullPolicy": frozenset({"Always", "IfNotPresent", "Never"}),
    "concurrencyPolicy": frozenset({"Allow", "Forbid", "Replace"}),
    "protocol": frozenset({"TCP", "UDP", "SCTP"}),
    "pathType": frozenset({"Exact", "Prefix", "ImplementationSpecific"}),
    "whenUnsatisfiable": frozenset({"DoNotSchedule", "ScheduleAnyway"}),
    "scheme": frozenset({"HTTP", "HTTPS"}),
}
"""Texts of which there are only these, by the name of their field."""


class Misfit(NamedTuple):
    steps: Steps
    why: str


def misfits(api: str, kind: str, value: Yaml) -> Iterator[Misfit]:
    """Where *value*, an object that calls itself *kind* of *api*, is not one."""
    if api not in MODULES:
        yield Misfit(("apiVersion",), f"apiVersion {api!r} is unknown here; there are {listed(MODULES)}")
        return
    type_ = _type(api, kind)
    if type_ is None:
        yield Misfit(("kind",), f"{api} has no kind {kind!r}")
        return
    yield from _fits(value, type_, ())


@cache
def _type(api: str, kind: str) -> StructType | None:
    from msgspec import Struct  # noqa: PLC0415 (slow to import)
    from msgspec.inspect import StructType, type_info  # noqa: PLC0415 (slow to import)

    module = importlib.import_module(f"lightkube.models.{MODULES[api]}")
    class_ = getattr(module, kind, None) if kind.isidentifier() else None
    # the module has names of its own as well
    if not (isinstance(class_, type) and issubclass(class_, Struct)):
        return None
    found = type_info(class_)
    return found if isinstance(found, StructType) and any(field.name == "kind" for field in found.fields) else None


def _fits(value: Yaml, type_: Type, steps: Steps) -> Iterator[Misfit]:
    import msgspec.inspect as of  # noqa: PLC0415 (slow to import)

    match type_:
        case of.UnionType(types=types):
            yield from _one_of(value, [each for each in types if not isinstance(each, of.NoneType)], steps)
        case of.StructType():
            yield from _object(value, type_, steps)
        case of.ListType(item_type=inner):
            if not isinstance(value, list):
                yield _expected("a list", value, steps)
                return
            for index, each in enumerate(value):
                yield from _fits(each, inner, (*steps, index))
        case of.DictType():
            yield from _map(value, steps)
        case of.StrType():
            yield from _text(value, steps)
        case of.BoolType() if not isinstance(value, bool):
            yield _expected("true or false", value, steps)
        case of.IntType() if isinstance(value, bool) or not isinstance(value, int):
            yield _expected("a whole number", value, steps)


def _one_of(value: Yaml, types: list[Type], steps: Steps) -> Iterator[Misfit]:
    if value is None:
        return  # as if it were not there
    forms = [list(_fits(value, each, steps)) for each in types]
    if forms and all(forms):
        yield from min(forms, key=lambda form: max(len(each.steps) for each in form) == len(steps))


def _object(value: Yaml, type_: StructType, steps: Steps) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield _expected("a map", value, steps)
        return
    fields = {field.encode_name: field for field in type_.fields}
    for name, inner in value.items():
        if name in fields:
            yield from _fits(inner, fields[name].type, (*steps, name))
        else:
            yield Misfit((*steps, name), f"{_where(steps)} has no {name}; it has {listed(fields, 40)}")
    for name, field in fields.items():
        if field.required and value.get(name) is None:
            yield Misfit(steps, f"{_where(steps)} lacks {name}")


def _map(value: Yaml, steps: Steps) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield _expected("a map", value, steps)
        return
    name = steps[-1] if steps else ""
    for key, inner in value.items():
        if name in _TEXTS and not isinstance(inner, str):
            yield _expected("a text, so put it in quotes", inner, (*steps, key))
        elif name in _AMOUNTS and not _QUANTITY.fullmatch(str(inner)):
            yield _expected("a quantity, such as 250m or 128Mi", inner, (*steps, key))


def _text(value: Yaml, steps: Steps) -> Iterator[Misfit]:
    name = str(steps[-1]) if steps else ""
    if not isinstance(value, str):
        yield _expected("a text, so put it in quotes", value, steps)
    elif name in _CLOSED and value not in _CLOSED[name]:
        yield Misfit(steps, f"{_where(steps)} is {value!r}, and may be {listed(_CLOSED[name])}")


def _expected(what: str, value: Yaml, steps: Steps) -> Misfit:
    return Misfit(steps, f"{_where(steps)} is {str(value)[:60]!r}, and has to be {what}")


def _where(steps: Steps) -> str:
    return ".".join(map(str, steps)) or "the object"

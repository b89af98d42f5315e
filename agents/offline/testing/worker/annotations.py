"""Which kinds of arguments an annotation asks for, a name, or the making of an object of the project's own classes."""

from __future__ import annotations

import ast
import datetime as dt
import decimal
import fractions
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from .calls import Made
from .kinds import (
    Draw,
    Own,
    Source,
    file,
    flag,
    function,
    moment,
    nothing,
    number,
    row_of,
    rows,
    set_of,
    table,
    text,
    whole,
)
from .targets import fields

_NAMED: dict[str, Draw] = {
    "int": whole,
    "float": number,
    "str": text,
    "bool": flag,
    "bytes": lambda source: text(source).encode(),
    "None": nothing,
    "list": rows(whole),
    "dict": table(text, whole),
    "set": set_of(whole),
    "tuple": lambda source: tuple(rows(whole)(source)),  # type: ignore[arg-type]  # it gives a list
    "complex": lambda source: complex(number(source), number(source)),
    "Decimal": lambda source: decimal.Decimal(whole(source)) / 4,
    "Fraction": lambda source: fractions.Fraction(whole(source), source.rng.randint(1, 9)),
    "date": lambda source: moment(source).date(),
    "datetime": moment,
    "time": lambda source: moment(source).time(),
    "timedelta": lambda source: dt.timedelta(hours=whole(source)),
    "object": whole,
    "Any": whole,
    "Number": whole,
    "Hashable": text,
    "Path": file(as_text=False),
    "PurePath": file(as_text=False),
    "PathLike": file(as_text=False),
    "StrPath": file(as_text=True),
    "Callable": function(1),
    "Pattern": text,
}
_ROWS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "Iterator"})
_TABLES = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_SETS = frozenset({"set", "Set", "frozenset", "FrozenSet", "AbstractSet"})


def annotated(node: ast.expr | None, own: Own = MappingProxyType({})) -> list[Draw]:  # noqa: PLR0911  # a row of forms
    """Ways to make what an annotation asks for, one for each side of a union; none where it is not known here."""
    match node:
        case ast.Constant(value=str() as said):
            try:
                return annotated(ast.parse(said, mode="eval").body, own)
            except SyntaxError:
                return []
        case ast.Constant(value=None):
            return [nothing]
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return annotated(left, own) + annotated(right, own)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            plain = {"List": "list", "Sequence": "list", "Iterable": "list", "Dict": "dict", "Mapping": "dict"}
            known = own.get(name) or _NAMED.get(plain.get(name, name))
            return [known] if known else []
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner], own)
    return []


def _generic(name: str, inner: list[ast.expr], own: Own) -> list[Draw]:  # noqa: C901, PLR0911  # a row of forms
    if name == "Literal":
        values = [each.value for each in inner if isinstance(each, ast.Constant)]
        return [lambda source: source.rng.choice(values)] if values else []
    if name == "Callable":
        return [function(len(inner[0].elts) if isinstance(inner[0], ast.List) else 1)]
    if name in ("Annotated", "Final", "ClassVar", "Required", "NotRequired"):
        return annotated(inner[0], own)
    if name == "PathLike":
        return [_NAMED["PathLike"]]
    if name == "Optional":
        return [*annotated(inner[0], own), nothing]
    if name == "Union":
        return [draw for each in inner for draw in annotated(each, own)]
    if name in ("tuple", "Tuple") and len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
        return [_as_tuple(rows(_any_of(annotated(inner[0], own))))]
    draws = [_any_of(annotated(each, own)) for each in inner]
    if name in ("tuple", "Tuple"):
        return [row_of(*draws)]
    if name in _ROWS:
        return [rows(draws[0])]
    if name in _SETS:
        return [set_of(draws[0])]
    if name in _TABLES and len(draws) == 2:
        return [table(draws[0], draws[1])]
    return []


def _as_tuple(draw: Draw) -> Draw:
    return lambda source: tuple(draw(source))  # type: ignore[arg-type]  # it gives a list


def _any_of(draws: list[Draw]) -> Draw:
    return (lambda source: source.rng.choice(draws)(source)) if draws else whole


def classes(texts: Mapping[str, str], names: Mapping[str, str]) -> Own:
    """Ways to make objects of the project's own classes, by their names: members of enumerations, and what is called."""
    own: dict[str, Draw] = {}
    for path in sorted(texts):
        for node in ast.parse(texts[path]).body:
            if isinstance(node, ast.ClassDef):
                draw = _of_class(node, names[path], own)
                if draw is not None:
                    own[node.name] = draw
    return own


def _of_class(node: ast.ClassDef, module: str, own: Own) -> Draw | None:
    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    if any(base.endswith(("Enum", "Flag")) for base in bases):
        members = [
            each.targets[0].id
            for each in node.body
            if isinstance(each, ast.Assign)
            and isinstance(each.targets[0], ast.Name)
            and not each.targets[0].id.startswith("_")
        ]
        return (lambda source: Made(module, node.name, member=source.rng.choice(members))) if members else None
    listed = fields(node)
    mark = next((ast.unparse(each) for each in node.decorator_list if "dataclass" in ast.unparse(each)), None)
    if "NamedTuple" not in bases and mark is None:
        return _of_plain_class(node, module, own)
    if not listed:
        return None
    named = mark is not None and "kw_only=True" in mark

    def draw(source: Source) -> object:
        args = _inside(source, [annotated(each.annotation, own) for each in listed])
        if args is None or not named:
            return args if args is None else Made(module, node.name, args)
        names = [each.target.id for each in listed if isinstance(each.target, ast.Name)]
        return Made(module, node.name, named=tuple(zip(names, args, strict=True)))

    return draw


def _of_plain_class(node: ast.ClassDef, module: str, own: Own) -> Draw | None:
    """What is made by calling the class; what it takes is told by annotations and names alone."""
    init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if init is None:
        return None if node.bases else (lambda _source: Made(module, node.name))
    given = [*init.args.posonlyargs, *init.args.args][1:]
    required = len(given) - len(init.args.defaults)
    if any(default is None for default in init.args.kw_defaults):
        return None
    choices = [annotated(each.annotation, own) or _by_name(each.arg, own) for each in given[: max(0, required)]]

    def draw(source: Source) -> object:
        args = _inside(source, choices)
        return None if args is None else Made(module, node.name, args)

    return draw


def _inside(source: Source, choices: Sequence[list[Draw]]) -> tuple[object, ...] | None:
    """What an object is made with; None where it would be too deep inside of others."""
    if source.depth > 2:
        return None
    source.depth += 1
    try:
        return tuple(_any_of(each)(source) for each in choices)
    finally:
        source.depth -= 1


_OF_TEXT = ("name", "title", "text", "label", "key", "word", "message", "email", "code", "kind", "owner")


def _by_name(name: str, own: Own) -> list[Draw]:
    """What a parameter takes by its name: an object of the class that is called so, a text, several of something."""
    wanted = name.replace("_", "").lower()
    for each, draw in own.items():
        if each.lower() == wanted:
            return [draw]
        if each.lower() + "s" == wanted:
            return [rows(draw)]
    if any(name.endswith(each) for each in _OF_TEXT):
        return [text]
    return [rows(whole)] if name.endswith("s") else []


def by_name(name: str, own: Own) -> list[Draw]:
    """Objects of the project's own class of that name, or rows of them; none where there is no such class."""
    known = {each.lower() for each in own} | {each.lower() + "s" for each in own}
    return _by_name(name, own) if name.replace("_", "").lower() in known else []

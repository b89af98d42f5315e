"""Hypothesis strategies as source text, by what an annotation says or by the kind of argument that a function was seen to take."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .kinds import KINDS, Draw
from .targets import Parameter, fields

LEVELS = 5
"""From all values that there are to a few small ones: the widest that a function takes is taken."""
_INTS = ("st.integers()", "st.integers(-1000, 1000)", "st.integers(0, 200)", "st.integers(1, 40)", "st.integers(1, 8)")
_FLOATS = (
    "st.floats(allow_nan=False, allow_infinity=False)",
    "st.floats(-1_000_000, 1_000_000)",
    "st.floats(0, 1_000_000)",
    "st.floats(1, 1000)",
    "st.floats(1, 8)",
)
_TEXTS = (
    "st.text()",
    'st.text("aAbBzZ019 -_.,")',
    'st.text("abc xyz", max_size=20)',
    'st.text("abc", min_size=1, max_size=10)',
    'st.text("ab", min_size=1, max_size=4)',
)
_SIZES = ("", "", ", max_size=20", ", min_size=1, max_size=10", ", min_size=1, max_size=4")
_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "bool": "st.booleans()",
        "bytes": "st.binary()",
        "None": "st.none()",
        "complex": "st.complex_numbers(allow_nan=False, allow_infinity=False, max_magnitude=1000)",
        "Decimal": "st.decimals(-1000, 1000, places=2)",
        "Fraction": "st.fractions(-100, 100, max_denominator=20)",
        "date": "st.dates()",
        "datetime": "st.datetimes()",
        "time": "st.times()",
        "timedelta": "st.timedeltas()",
    }
)
_ROWS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence"})
_TABLES = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_SETS = frozenset({"set", "Set", "AbstractSet"})
_OF_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "int": "int",
        "ints": "list[int]",
        "text": "str",
        "float": "float",
        "digits": "list[int]",
        "texts": "list[str]",
        "pairs": "list[tuple[int, int]]",
        "table": "dict[str, int]",
        "int table": "dict[int, int]",
        "rows": "list[list[int]]",
        "set": "set[int]",
        "bool": "bool",
    }
)
"""What an annotation would say, by the name of a kind."""


@dataclass(frozen=True)
class Own:
    """A class of the project's, and how its objects are made."""

    module: str
    members: bool
    """Whether there are only its members, as of an enumeration."""
    fields: tuple[tuple[str, ast.expr], ...] = ()


def classes(texts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Own]:
    """The project's enumerations and dataclasses, by name."""
    found = {}
    for path in sorted(texts):
        for node in ast.parse(texts[path]).body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = [ast.unparse(base) for base in node.bases]
            if any(base.endswith("Enum") for base in bases):
                found[node.name] = Own(names[path], members=True)
            elif any("dataclass" in ast.unparse(mark) for mark in node.decorator_list) and not bases:
                listed = [
                    (each.target.id, each.annotation) for each in fields(node) if isinstance(each.target, ast.Name)
                ]
                found[node.name] = Own(names[path], members=False, fields=tuple(listed))
    return found


@dataclass
class Strategies:
    """Writes strategies of one level; notes which classes have to be imported."""

    own: Mapping[str, Own]
    level: int
    imports: set[tuple[str, str]]
    depth: int = 0

    def of(self, parameter: Parameter, draw: Draw) -> str | None:
        """For *parameter*, which was seen to take what *draw* makes; None where there is none."""
        if parameter.annotation is not None and (said := self.told(parameter.annotation)) is not None:
            return said
        name = next((name for name, each in KINDS.items() if each is draw), "")
        return self.told(ast.parse(_OF_KINDS[name], mode="eval").body) if name in _OF_KINDS else None

    def told(self, node: ast.expr) -> str | None:  # noqa: PLR0911  # a row of forms
        """For what the annotation *node* says; None where it is not known here."""
        match node:
            case ast.Constant(value=str() as said):
                try:
                    return self.told(ast.parse(said, mode="eval").body)
                except SyntaxError:
                    return None
            case ast.Constant(value=None):
                return "st.none()"
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self._either([left, right])
            case ast.Attribute(attr=name) | ast.Name(id=name):
                return self._named(name)
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
                return self._generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
        return None

    def _either(self, sides: list[ast.expr]) -> str | None:
        told = [self.told(each) for each in sides]
        return None if any(each is None for each in told) else " | ".join(str(each) for each in told)

    def _named(self, name: str) -> str | None:
        levels = {"int": _INTS, "float": _FLOATS, "str": _TEXTS}
        if name in levels:
            return levels[name][self.level]
        if name in _ROWS:
            return f"st.lists({_INTS[max(1, self.level)]}{_SIZES[self.level]})"
        return _PLAIN.get(name) or (self._made(name) if name in self.own else None)

    def _made(self, name: str) -> str | None:
        own = self.own[name]
        if self.depth > 2:
            return None
        self.imports.add((own.module, name))
        if own.members:
            return f"st.sampled_from({name})"
        self.depth += 1
        told = [(field, self.told(node)) for field, node in own.fields]
        self.depth -= 1
        if any(each is None for _, each in told):
            return None
        return f"st.builds({', '.join([name, *(f'{field}={each}' for field, each in told)])})"

    def _generic(self, name: str, inner: list[ast.expr]) -> str | None:  # noqa: PLR0911  # a row of forms
        if name == "Literal":
            return f"st.sampled_from([{', '.join(ast.unparse(each) for each in inner)}])"
        if name == "Optional":
            said = self.told(inner[0])
            return said and f"st.none() | {said}"
        if name == "Union":
            return self._either(inner)
        last = inner[-1]
        if name in ("tuple", "Tuple") and isinstance(last, ast.Constant) and last.value is ...:
            said = self.told(inner[0])
            return said and f"st.lists({said}{_SIZES[self.level]}).map(tuple)"
        told = [self.told(each) for each in inner]
        if any(each is None for each in told):
            return None
        if name in ("tuple", "Tuple"):
            return f"st.tuples({', '.join(str(each) for each in told)})"
        if name in _ROWS:
            return f"st.lists({told[0]}{_SIZES[self.level]})"
        if name in _SETS:
            return f"st.sets({told[0]}{_SIZES[self.level]})"
        if name in _TABLES and len(told) == 2:
            return f"st.dictionaries({told[0]}, {told[1]}{_SIZES[self.level]})"
        return None

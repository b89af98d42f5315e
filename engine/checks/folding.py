"""What an expression of constants comes to, worked out without running it: constants that were taken apart are seen whole."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Mapping

from engine.checks.computing import (
    COMPARED,
    DECODERS,
    FAILURES,
    FUNCTIONS,
    METHODS,
    MOST_BITS,
    MOST_ITEMS,
    MOST_TEXT,
    OPERATORS,
    NotConstant,
    by_codec,
)
from engine.checks.source import MOST_DEPTH, Source
from engine.checks.values import atoms, bind, hashable, iterated

MOST_STEPS = 2_000_000
FEW_STEPS = 300
"""What every statement may take, so that nothing is hidden behind much that takes long."""


class Folder:
    """Folds the expressions of one file; its steps are counted over all of them."""

    def __init__(self, source: Source, steps: int = MOST_STEPS) -> None:
        self._source = source
        self._left = steps
        self._later = 0
        self._known: dict[str, tuple[object, bool]] = {}
        self.decoded = False
        """Whether the last `constant` went through one of `DECODERS`, or read something backwards."""

    def renew(self, steps: int) -> None:
        """Take *steps* from here on, as far as there are any for the whole file, and a few in any case."""
        self._later += max(0, self._left)
        self._left = max(FEW_STEPS, min(steps, self._later))
        self._later = max(0, self._later - self._left)

    def constant(self, node: ast.expr, names: Mapping[str, object] | None = None) -> object:
        """The value of *node*, with what *names* stand for.

        Raises:
            NotConstant: It has none that can be seen.
        """
        self.decoded = False
        try:
            return self._fold(node, names or {}, 0)
        except FAILURES as error:
            raise NotConstant from error

    def dotted(self, node: ast.expr, depth: int = 0) -> str:  # noqa: PLR0911 (one a kind of expression)
        """The dotted name that *node* stands for, through imports, `getattr` and namespaces; empty where it has none."""
        if depth > MOST_DEPTH:
            return ""
        match node:
            case ast.Name(id=name):
                name = self._source.aliases.get(name, name)
                value = self._source.once.get(name)
                if isinstance(value, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
                    name = self.dotted(value, depth + 1) or name
                return name.removeprefix("builtins.").removeprefix("__builtins__.")
            case ast.Attribute(value=value, attr=attribute):
                return self._joined(self.dotted(value, depth + 1), attribute)
            case ast.Call(func=function, args=[module, attribute, *_]) if self.dotted(function, depth + 1) == "getattr":
                return self._joined(self.dotted(module, depth + 1), self._text(attribute))
            case ast.Call(func=function, args=[module, *_]):
                called = self.dotted(function, depth + 1)
                if called in {"__import__", "importlib.import_module", "importlib.__import__"}:
                    return self._text(module)
                return ""
            case ast.Subscript(value=value, slice=key):
                return self._from_namespace(value, key, depth)
        return ""

    def _from_namespace(self, value: ast.expr, key: ast.expr, depth: int) -> str:
        if isinstance(value, ast.Call):
            space = self.dotted(value.func, depth + 1)
            if space in {"globals", "locals"}:
                return self._text(key)
            if space == "vars" and value.args:
                return self._joined(self.dotted(value.args[0], depth + 1), self._text(key))
            return ""
        space = self.dotted(value, depth + 1)
        if space == "sys.modules":
            return self._text(key)
        if space in {"__builtins__", "builtins"} or space.endswith("__dict__"):
            return self._joined(space.removesuffix(".__dict__").removesuffix("__dict__"), self._text(key))
        return ""

    def _joined(self, before: str, name: str) -> str:
        if not name or not before:
            return name if before == "" and name in {"exec", "eval", "compile"} else ""
        joined = f"{before}.{name}"
        return re.sub(r"^(__builtins__|builtins)\.(__dict__$)?", "", joined) or "builtins"

    def _text(self, node: ast.expr) -> str:
        try:
            value = self._fold(node, {}, 1)
        except (NotConstant, *FAILURES):
            return ""
        return value if isinstance(value, str) and len(value) < 200 else ""

    def _fold(self, node: ast.expr, names: Mapping[str, object], depth: int) -> object:  # noqa: C901, PLR0912 (one arm a kind of expression)
        self._left -= 1
        if self._left < 0 or depth > MOST_DEPTH:
            raise NotConstant
        deeper = depth + 1
        result: object
        match node:
            case ast.Constant(value=value):
                result = value
            case ast.Name(id=name):
                if name in names:
                    return names[name]
                if name not in self._source.once:
                    raise NotConstant
                result = self._named(name, deeper)
            case ast.Tuple(elts=elements):
                result = tuple(self._items(elements, names, deeper))
            case ast.List(elts=elements):
                result = self._items(elements, names, deeper)
            case ast.Set(elts=elements):
                result = {hashable(value) for value in self._items(elements, names, deeper)}
            case ast.Dict(keys=keys, values=values):
                result = self._dict(keys, values, names, deeper)
            case ast.UnaryOp(operand=operand, op=op):
                result = self._unary(op, self._fold(operand, names, deeper))
            case ast.BinOp(left=left, op=op, right=right):
                result = self._binary(op, self._fold(left, names, deeper), self._fold(right, names, deeper))
            case ast.BoolOp(values=values, op=op):
                result = self._of_either(values, isinstance(op, ast.And), names, deeper)
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._fold(side, names, deeper) for side in (left, *others)]
                result = all(COMPARED[type(op)](*pair) for op, pair in zip(ops, itertools.pairwise(sides), strict=True))
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                result = self._fold(body if self._fold(test, names, deeper) else otherwise, names, deeper)
            case ast.JoinedStr(values=values):
                result = "".join(str(self._fold(value, names, deeper)) for value in values)
            case ast.FormattedValue(value=value, format_spec=None, conversion=conversion):
                inner = self._fold(value, names, deeper)
                result = repr(inner) if conversion == ord("r") else str(inner)
            case ast.Subscript(value=value, slice=key):
                result = self._subscript(value, key, names, deeper)
            case ast.NamedExpr(value=value):
                result = self._fold(value, names, deeper)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                result = self._comprehension(node, names, deeper)
            case ast.Call():
                result = self._call(node, names, deeper)
            case _:
                raise NotConstant
        self._measure(result)
        return result

    def _named(self, name: str, depth: int) -> object:
        """What *name* stands for in the whole file; worked out once."""
        if name not in self._known:
            outside, self.decoded = self.decoded, False
            self._known[name] = (self._fold(self._source.once[name], {}, depth), self.decoded)
            self.decoded |= outside
        value, decoded = self._known[name]
        self.decoded |= decoded
        return value

    def _measure(self, value: object) -> None:
        """Charge for *value*; refuse what is too large to be looked at."""
        if isinstance(value, (str, bytes)):
            if len(value) > MOST_TEXT:
                raise NotConstant
        elif isinstance(value, int):
            if value.bit_length() > MOST_BITS:
                raise NotConstant
        elif isinstance(value, (list, tuple, set, frozenset, dict)):
            # Names that stand for lists of one another would double with every line.
            count = sum(1 for _ in itertools.islice(atoms(value), MOST_ITEMS + 1))
            self._left -= count // 4
            if count > MOST_ITEMS:
                raise NotConstant

    def _items(self, elements: list[ast.expr], names: Mapping[str, object], depth: int) -> list[object]:
        found: list[object] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                found += iterated(self._fold(element.value, names, depth))
            else:
                found.append(self._fold(element, names, depth))
        return found

    def _dict(
        self, keys: list[ast.expr | None], values: list[ast.expr], names: Mapping[str, object], depth: int
    ) -> dict[object, object]:
        found: dict[object, object] = {}
        for key, value in zip(keys, values, strict=True):
            inner = self._fold(value, names, depth)
            if key is not None:
                found[hashable(self._fold(key, names, depth))] = inner
            elif isinstance(inner, dict):
                found |= inner
        return found

    def _unary(self, op: ast.unaryop, value: object) -> object:
        if isinstance(op, ast.Not):
            return not value
        if isinstance(op, ast.Invert) and isinstance(value, int):
            return ~value
        if not isinstance(value, (int, float, complex)) or isinstance(op, ast.Invert):
            raise NotConstant
        return -value if isinstance(op, ast.USub) else value

    def _binary(self, op: ast.operator, left: object, right: object) -> object:
        many = [side for side in (left, right) if isinstance(side, (str, bytes, list, tuple))]
        count = [side for side in (left, right) if isinstance(side, int)]
        if isinstance(op, ast.Mult) and many and count and len(many[0]) * count[0] > MOST_ITEMS:
            raise NotConstant
        if isinstance(op, (ast.Pow, ast.LShift)) and not (
            isinstance(right, (int, float)) and abs(right) <= 512 and abs(left) < 2**256  # type: ignore[arg-type]
        ):
            raise NotConstant
        if isinstance(op, ast.Mod) and isinstance(left, (str, bytes)) and re.search(r"\d{3}|\*", str(left)):
            raise NotConstant
        if type(op) not in OPERATORS:
            raise NotConstant
        return OPERATORS[type(op)](left, right)

    def _of_either(self, values: list[ast.expr], all_of: bool, names: Mapping[str, object], depth: int) -> object:  # noqa: FBT001
        result: object = all_of
        for value in values:
            result = self._fold(value, names, depth)
            if bool(result) != all_of:
                break
        return result

    def _subscript(self, value: ast.expr, key: ast.expr, names: Mapping[str, object], depth: int) -> object:
        whole = self._fold(value, names, depth)
        if isinstance(key, ast.Slice):
            lower, upper, step = (
                self._fold(part, names, depth) if part is not None else None
                for part in (key.lower, key.upper, key.step)
            )
            if isinstance(step, int) and step != 1 and isinstance(whole, (str, bytes)):
                self.decoded = True
            return whole[lower:upper:step]  # type: ignore[index]
        return whole[self._fold(key, names, depth)]  # type: ignore[index]

    def _comprehension(
        self,
        node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp,
        names: Mapping[str, object],
        depth: int,
    ) -> object:
        rows: list[dict[str, object]] = [dict(names)]
        for part in node.generators:
            rows = [
                bound
                for row in rows
                for item in iterated(self._fold(part.iter, row, depth))
                if (bound := {**row, **bind(part.target, item)}) is not None
                and all(self._fold(test, bound, depth) for test in part.ifs)
            ]
            if len(rows) > MOST_ITEMS:
                raise NotConstant
        if isinstance(node, ast.DictComp):
            return {hashable(self._fold(node.key, row, depth)): self._fold(node.value, row, depth) for row in rows}
        found = [self._fold(node.elt, row, depth) for row in rows]
        return {hashable(value) for value in found} if isinstance(node, ast.SetComp) else found

    def _call(self, node: ast.Call, names: Mapping[str, object], depth: int) -> object:
        called = self.dotted(node.func)
        arguments = [*self._items(node.args, names, depth)] if called in FUNCTIONS else []
        keywords = {word.arg: word.value for word in node.keywords}
        if called == "map" and len(node.args) == 2:
            return self._map(node.args[0], iterated(self._fold(node.args[1], names, depth)), names, depth)
        if called in FUNCTIONS and not (isinstance(node.func, ast.Name) and node.func.id in names):
            self.decoded |= called in DECODERS
            if called == "dict":
                arguments = [*arguments, {word: self._fold(value, names, depth) for word, value in keywords.items()}]
                return {key: value for each in arguments for key, value in dict(each).items()}  # type: ignore[call-overload]
            if keywords and called not in {"zip", "bytes", "base64.b64decode", "base64.b85decode"}:
                arguments += [self._fold(value, names, depth) for value in keywords.values()]
            if called in {"str", "repr"}:
                self._measure(arguments[0] if arguments else "")
            return FUNCTIONS[called](*arguments)
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            owner = self._fold(node.func.value, names, depth)
            given = [*self._items(node.args, names, depth), *(self._fold(v, names, depth) for v in keywords.values())]
            return self._method(owner, node.func.attr, given)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "replace" and len(node.args) == 2:
            owner = self._fold(node.func.value, names, depth)
            old, new = (self._fold(part, names, depth) for part in node.args)
            if not isinstance(owner, str) or len(owner) * (len(str(new)) + 1) > 8 * MOST_TEXT or not old:
                raise NotConstant
            return owner.replace(str(old), str(new))
        raise NotConstant

    def _map(self, function: ast.expr, items: list[object], names: Mapping[str, object], depth: int) -> object:
        called = self.dotted(function)
        if called in FUNCTIONS:
            self.decoded |= called in DECODERS
            return [FUNCTIONS[called](item) for item in items]
        if isinstance(function, ast.Lambda) and len(function.args.args) == 1:
            word = function.args.args[0].arg
            return [self._fold(function.body, {**names, word: item}, depth) for item in items]
        raise NotConstant

    def _method(self, owner: object, name: str, given: list[object]) -> object:
        if name == "decode" and isinstance(owner, (bytes, str)):
            plain = not given or str(given[0]).lower().replace("_", "-") in {
                "utf-8",
                "utf8",
                "ascii",
                "latin-1",
                "latin1",
            }
            self.decoded |= not plain
            return owner.decode(*map(str, given)) if plain and isinstance(owner, bytes) else by_codec(owner, *given)
        if name == "encode" and given and str(given[0]) not in {"utf-8", "utf8", "ascii", "latin-1", "latin1"}:
            raise NotConstant
        if name == "translate":
            self.decoded = True
        if name == "join" and isinstance(owner, (str, bytes)):
            pieces = iterated(given[0])
            if sum(len(str(piece)) for piece in pieces) + len(owner) * len(pieces) > 4 * MOST_TEXT:
                raise NotConstant
            return owner.join(pieces)  # type: ignore[arg-type]
        result: object = getattr(owner, name)(*given)
        return list(result) if isinstance(owner, dict) and name in {"items", "keys", "values"} else result  # type: ignore[call-overload]

"""Where the values of one file come from: through names, loops, attributes, parameters and what functions return."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from engine.checks.computing import NotConstant
from engine.checks.folding import Folder
from engine.checks.source import Source

MOST_ORIGINS = 3_000


class Flow:
    """Everything that a name of one file was ever given; which of it counts at a line is not asked."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder = Folder(source)
        self._given: defaultdict[str, list[ast.expr]] = defaultdict(list)
        self._added: defaultdict[str, list[ast.expr]] = defaultdict(list)
        """What was appended or joined on, in order."""
        self._returned: defaultdict[str, list[ast.expr]] = defaultdict(list)
        self._parameters: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._called: defaultdict[str, list[ast.Call]] = defaultdict(list)
        self.own: set[str] = set()
        """Names of the file's own functions and parameters."""
        self._nodes = [*ast.walk(source.tree)]
        for node in self._nodes:
            self._note(node)

    @property
    def nodes(self) -> list[ast.AST]:
        return self._nodes

    def _note(self, node: ast.AST) -> None:  # noqa: C901 (one arm a way of giving)
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._give(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._give(target, value)
            case ast.AugAssign(target=target, value=value):
                self._added[_name(target)].append(value)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                self._give(target, value)
            case ast.comprehension(target=target, iter=value):
                self._give(target, value)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self._give(target, value)
            case ast.Call(func=function, args=arguments):
                self._called[_name(function).rsplit(".", 1)[-1]].append(node)
                if isinstance(function, ast.Attribute) and function.attr in {"append", "extend", "insert", "write"}:
                    self._added[_name(function.value)] += arguments[-1:]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._note_function(node)

    def _note_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.own.add(node.name)
        positional = [*node.args.posonlyargs, *node.args.args]
        shift = 1 if positional and positional[0].arg in {"self", "cls"} else 0
        for place, argument in enumerate([*positional, *node.args.kwonlyargs]):
            self.own.add(argument.arg)
            self._parameters[argument.arg].append((node.name, place - shift))
        for default, argument in zip(reversed(node.args.defaults), reversed(positional), strict=False):
            self._given[argument.arg].append(default)
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Return, ast.Yield)) and inner.value is not None:
                self._returned[node.name].append(inner.value)

    def _give(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for inner in target.elts:
                self._give(inner, value)
        elif isinstance(target, ast.Starred):
            self._give(target.value, value)
        else:
            self._given[_name(target)].append(value)

    def origins(self, node: ast.expr) -> Iterator[ast.expr]:
        """Every expression that *node* may be made of, itself first; at most `MOST_ORIGINS`."""
        waiting: list[ast.expr] = [node]
        seen: set[int] = set()
        while waiting and len(seen) < MOST_ORIGINS:
            current = waiting.pop(0)
            if id(current) in seen:
                continue
            seen.add(id(current))
            yield current
            waiting += [child for child in ast.walk(current) if isinstance(child, ast.expr) and id(child) not in seen][
                :200
            ]
            waiting += self._behind(current)

    def _behind(self, node: ast.expr) -> list[ast.expr]:
        name = _name(node)
        if isinstance(node, ast.Call):
            return self._returned.get(_name(node.func).rsplit(".", 1)[-1], [])
        if not name:
            return []
        found = [*self._given.get(name, ()), *self._added.get(name, ())]
        for function, place in self._parameters.get(name, ()) if isinstance(node, ast.Name) else ():
            for call in self._called.get(function, ()):
                if 0 <= place < len(call.args):
                    found.append(call.args[place])
                found += [word.value for word in call.keywords if word.arg == name]
        return found

    def texts(self, node: ast.expr, depth: int = 0) -> Iterator[tuple[str, bool, int]]:  # noqa: C901 (one arm a kind)
        """The texts that *node* may be, each with whether it was disguised, and its line; what is unknown in it is `_`."""
        if depth > 8:
            return
        pieces = self._pieces(node)
        if pieces is not None:
            yield pieces, False, node.lineno
            return
        try:
            value = self.folder.constant(node)
        except NotConstant:
            pass
        else:
            if isinstance(value, bytes):
                value = value.decode("utf-8", "replace")
            if isinstance(value, str):
                yield value, self.folder.decoded, self._line(node)
            return
        if isinstance(node, ast.JoinedStr):
            yield "".join(self._piece(part) for part in node.values), False, node.lineno
        elif isinstance(node, ast.Call) and self.folder.dotted(node.func) in {
            "compile",
            "ast.parse",
            "textwrap.dedent",
        }:
            for argument in node.args[:1]:
                yield from self.texts(argument, depth + 1)
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body, depth + 1)
            yield from self.texts(node.orelse, depth + 1)
        elif _name(node):
            for given in self._behind(node)[:20]:
                yield from self.texts(given, depth + 1)

    def _line(self, node: ast.expr) -> int:
        """Where the text of *node* is written."""
        if isinstance(node, ast.Name) and node.id in self.source.once:
            return self.source.once[node.id].lineno
        return node.lineno

    def _pieces(self, node: ast.expr) -> str | None:
        """The text that is put together with `append`, `+=` or `write` before it is joined; None where there is none."""
        glue = ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr != "join" or not isinstance(node.func.value, ast.Constant):
                return None
            glue, node = str(node.func.value.value), node.args[0]
        name = _name(node)
        if not name or name not in self._added:
            return None
        parts: list[str] = []
        for given in [*self._given[name], *self._added[name]]:
            try:
                value = self.folder.constant(given)
            except NotConstant:
                parts.append(self._piece(given))
                continue
            parts += [str(part) for part in value] if isinstance(value, (list, tuple)) else [str(value)]
        return glue.join(part for part in parts if part)

    def _piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(self._piece(part) for part in node.values)
        try:
            return str(self.folder.constant(node.value if isinstance(node, ast.FormattedValue) else node))
        except NotConstant:
            return "_"


def _name(node: ast.expr) -> str:
    """A plain name, or one with attributes; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 8:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""

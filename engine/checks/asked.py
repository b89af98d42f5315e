"""What the frozen tests ask of the code in so many words: literal inputs, and the literal answers they expect."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.checks.computing import NotConstant
from engine.checks.folding import Folder
from engine.checks.source import MOST_DEPTH, Source, parse, read_all
from engine.checks.values import bind

MOST_PAIRS = 2_000
MOST_ROWS = 500
_AROUND = frozenset(
    {"list", "tuple", "set", "sorted", "str", "round", "len", "dict", "repr", "next", "iter", "sum", "type", "bool"}
)
"""Calls that a test puts around what it asks."""
_ANSWER_KEYS = ("expected", "want", "output", "result", "answer", "expect", "out", "wanted")


@dataclass
class _Scope:
    """What names stand for at one place of a test."""

    values: dict[str, object]
    calls: dict[str, ast.expr]
    """The expression of those that hold what the code under test gave."""


@dataclass(frozen=True)
class Pair:
    """One question of the tests with its answer."""

    function: str
    """Name of what was called; empty where a data file holds the pair."""
    inputs: tuple[object, ...]
    expected: object
    path: str


def pairs(tests: Mapping[str, str]) -> tuple[Pair, ...]:
    """The literal pairs of all frozen files, in order and without repeats; at most `MOST_PAIRS`."""
    python = {path: text for path, text in tests.items() if path.endswith(".py")}
    others = {path: text for path, text in tests.items() if path not in python}
    found: dict[str, Pair] = {}
    everything = itertools.chain(
        itertools.chain.from_iterable(_Asking(source).pairs() for source in read_all(python)),
        itertools.chain.from_iterable(_of_data(path, text) for path, text in sorted(others.items())),
    )
    for pair in itertools.islice(everything, MOST_PAIRS * 4):
        if len(found) < MOST_PAIRS:
            found.setdefault(repr((pair.inputs, pair.expected))[:10_000], pair)
    return tuple(found.values())


class _Asking:
    """One test file: its statements are walked with what its names stand for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._folder = Folder(source)
        self._found: list[Pair] = []

    def pairs(self) -> list[Pair]:
        for node in ast.walk(self._source.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for row in self._parameters(node):
                    self._walk(node.body, _Scope(dict(row), {}), 0)
                    if len(self._found) > MOST_PAIRS:
                        return self._found
        return self._found

    def _parameters(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Sequence[Mapping[str, object]]:
        """What pytest would call *function* with, one mapping a case."""
        rows: list[dict[str, object]] = [{}]
        for mark in function.decorator_list:
            if not (
                isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("parametrize") and len(mark.args) > 1
            ):
                continue
            cases = [*self._cases(mark.args[0], mark.args[1])][:MOST_ROWS]
            rows = [{**row, **case} for row in rows for case in cases][:MOST_ROWS] if cases else rows
        return rows

    def _cases(self, words: ast.expr, table: ast.expr) -> Iterator[dict[str, object]]:
        try:
            named = self._folder.constant(words)
        except NotConstant:
            return
        if not isinstance(named, (str, list, tuple)):
            return
        names = [word.strip() for word in named.split(",")] if isinstance(named, str) else [*named]
        targets = ast.Tuple(elts=[ast.Name(id=str(name), ctx=ast.Store()) for name in names], ctx=ast.Store())
        for row in self._rows(table):
            try:
                yield bind(targets if len(names) > 1 else targets.elts[0], self._row(row))
            except NotConstant:
                continue

    def _rows(self, table: ast.expr) -> Sequence[ast.expr]:
        """The rows of a table, one by one where they stand there, so that one odd row does not hide the rest."""
        if isinstance(table, ast.Name) and table.id in self._source.once:
            table = self._source.once[table.id]
        if isinstance(table, (ast.List, ast.Tuple)) and not any(isinstance(row, ast.Starred) for row in table.elts):
            return table.elts
        try:
            whole = self._folder.constant(table)
        except NotConstant:
            return ()
        return [ast.Constant(value=row) for row in whole] if isinstance(whole, (list, tuple, dict, set)) else ()

    def _row(self, row: ast.expr) -> object:
        if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param"):
            values = [self._row(value) for value in row.args]
            return values[0] if len(values) == 1 else values
        return self._folder.constant(row)

    def _walk(self, body: Sequence[ast.stmt], scope: _Scope, depth: int) -> None:
        if depth > MOST_DEPTH or len(self._found) > MOST_PAIRS:
            return
        for statement in body:
            match statement:
                case ast.Assign(targets=[target], value=value):
                    self._assign(target, value, scope)
                case ast.Assert(test=test):
                    self._asserted(test, scope)
                case ast.Expr(value=ast.Call() as call):
                    self._unittest(call, scope)
                case ast.For(target=target, iter=table, body=inner):
                    self._loop(target, table, inner, scope, depth)
                case ast.With(body=inner) | ast.AsyncWith(body=inner):
                    self._walk(inner, scope, depth + 1)
                case ast.If(body=inner, orelse=others) | ast.While(body=inner, orelse=others):
                    self._walk([*inner, *others], scope, depth + 1)
                case ast.Try(body=inner, finalbody=last):
                    self._walk([*inner, *last], scope, depth + 1)

    def _loop(
        self,
        target: ast.expr,
        table: ast.expr,
        body: Sequence[ast.stmt],
        scope: _Scope,
        depth: int,
    ) -> None:
        try:
            whole = self._folder.constant(table, scope.values)
            rows = [bind(target, row) for row in whole][:MOST_ROWS]  # type: ignore[attr-defined]
        except (NotConstant, TypeError):
            rows = [{}]
            for row in self._rows(table):
                try:
                    rows.append(bind(target, self._folder.constant(row, scope.values)))
                except NotConstant:
                    continue
        for bound in rows:
            self._walk(body, _Scope({**scope.values, **bound}, scope.calls), depth + 1)

    def _assign(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        try:
            bound = bind(target, self._folder.constant(value, scope.values))
        except NotConstant:
            for inner in ast.walk(target):
                if isinstance(inner, ast.Name):
                    scope.values.pop(inner.id, None)
                    scope.calls[inner.id] = value
            return
        scope.values.update(bound)
        for word in bound:
            scope.calls.pop(word, None)

    def _asserted(self, test: ast.expr, scope: _Scope) -> None:
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                for value in values:
                    self._asserted(value, scope)
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                self._pair(left, right, scope)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._pair(operand, ast.Constant(value=False), scope)
            case ast.Call() | ast.Name():
                self._pair(test, ast.Constant(value=True), scope)

    def _unittest(self, call: ast.Call, scope: _Scope) -> None:
        word = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if not word.startswith("assert") or not call.args:
            return
        if word in {"assertTrue", "assertFalse"}:
            self._pair(call.args[0], ast.Constant(value=word == "assertTrue"), scope)
        elif ("Equal" in word or word == "assertIs") and "Not" not in word and len(call.args) > 1:
            self._pair(call.args[0], call.args[1], scope)

    def _pair(self, left: ast.expr, right: ast.expr, scope: _Scope) -> None:
        for asked, answer in ((left, right), (right, left)):
            if isinstance(answer, ast.Call) and ast.unparse(answer.func).endswith("approx") and answer.args:
                answer = answer.args[0]  # noqa: PLW2901
            try:
                expected = self._folder.constant(answer, scope.values)
            except NotConstant:
                continue
            for function, inputs in self._asked(asked, scope, 0):
                self._found.append(Pair(function=function, inputs=inputs, expected=expected, path=self._source.path))
            return

    def _asked(self, asked: ast.expr, scope: _Scope, depth: int) -> Iterator[tuple[str, tuple[object, ...]]]:
        """The calls in *asked* whose arguments are written out, through names that hold what was called."""
        if depth > 5:
            return
        for node in ast.walk(asked):
            if isinstance(node, ast.Name) and node.id in scope.calls:
                others = {name: value for name, value in scope.calls.items() if name != node.id}
                yield from self._asked(scope.calls[node.id], _Scope(scope.values, others), depth + 1)
            elif isinstance(node, ast.Call):
                function = ast.unparse(node.func).rsplit(".", 1)[-1]
                inputs = self._arguments(node, scope.values)
                if inputs and function not in _AROUND:
                    yield function, inputs

    def _arguments(self, call: ast.Call, names: Mapping[str, object]) -> tuple[object, ...]:
        found: list[object] = []
        for argument in (*call.args, *(word.value for word in call.keywords)):
            try:
                value = self._folder.constant(argument.value if isinstance(argument, ast.Starred) else argument, names)
            except NotConstant:
                continue
            if isinstance(argument, ast.Starred) and isinstance(value, (list, tuple)):
                found += value
            else:
                found.append(value)
        return tuple(found)


def _of_data(path: str, text: str) -> Iterator[Pair]:
    """Pairs of a data file: rows, records, mappings; examples of a doctest."""
    if ">>>" in text:
        yield from _of_doctest(path, text)
        return
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = [[_cell(cell) for cell in row] for row in _of_csv(text)]
    if isinstance(rows, dict):
        inner = [
            value for value in rows.values() if isinstance(value, list) and value and isinstance(value[0], (list, dict))
        ]
        rows = inner[0] if inner else [list(item) for item in rows.items()]
    for row in rows[:MOST_PAIRS] if isinstance(rows, list) else ():
        if isinstance(row, dict):
            answer = next((key for key in _ANSWER_KEYS if key in row), None)
            if answer is not None:
                inputs = tuple(value for key, value in row.items() if key != answer)
                yield Pair(function="", inputs=inputs, expected=row[answer], path=path)
        elif isinstance(row, list) and len(row) > 1:
            yield Pair(function="", inputs=tuple(row[:-1]), expected=row[-1], path=path)


def _of_csv(text: str) -> list[list[str]]:
    try:
        return [row for row in itertools.islice(csv.reader(io.StringIO(text)), MOST_PAIRS) if len(row) > 1]
    except csv.Error:
        return []


def _cell(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _of_doctest(path: str, text: str) -> Iterator[Pair]:
    import doctest  # noqa: PLC0415 (unittest and pdb come with it, and few frozen files are doctests)

    try:
        examples = doctest.DocTestParser().get_examples(text[: 256 * 1024])
    except ValueError:
        return
    for example in examples[:MOST_ROWS]:
        tree = parse(f"assert {example.source.strip()} == {example.want.strip()}") if example.want.strip() else None
        if tree is not None and len(tree.body) == 1:
            wrapped = ast.Module(
                body=[
                    ast.FunctionDef(
                        name="test",
                        args=ast.arguments([], [], None, [], [], None, []),
                        body=tree.body,
                        decorator_list=[],
                    )
                ],
                type_ignores=[],
            )
            yield from _Asking(Source(path, wrapped)).pairs()

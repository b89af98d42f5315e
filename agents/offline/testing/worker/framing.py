"""The same tests for the standard library's framework: what was written for pytest, as methods of a `unittest.TestCase`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_STANDARD = frozenset({"contextlib", "decimal", "fractions", "io", "pathlib"})
_CLOSE = '''def close(found, expected):
    """Whether both are the same up to the last digits of their numbers."""
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(close(*pair) for pair in zip(found, expected))
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
'''


def as_unittest(text: str, name: str) -> str:
    """The tests *text*, which are functions as `Writer` writes them, as methods of the class *name*."""
    tree = ast.parse(text)
    change = _Change()
    head: list[ast.stmt] = []
    methods: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            methods.append(_method(node, change))
        elif not (isinstance(node, ast.Import) and node.names[0].name == "pytest"):
            head.append(node)
    said = ast.Expr(ast.Constant("Each method is a test of its own; a row of a table is a sub-test."))
    body = ast.ClassDef(
        name=name,
        bases=[ast.parse("unittest.TestCase", mode="eval").body],
        keywords=[],
        body=[said, *methods],
        decorator_list=[],
    )
    extra: list[ast.stmt] = []
    wanted = {"import unittest"}
    if change.close:
        wanted.add("import math")
        extra += ast.parse(_CLOSE).body
    if change.folder:
        wanted |= {"import tempfile", "from pathlib import Path"}
    standard = {ast.unparse(each) for each in head if _is_standard(each)} | wanted
    groups = [
        [ast.unparse(each) for each in head if isinstance(each, ast.Expr)],
        sorted(standard, key=lambda line: (line.startswith("from"), line)),
        [ast.unparse(each) for each in head if _is_import(each) and not _is_standard(each)],
        *([ast.unparse(each)] for each in (*(e for e in head if isinstance(e, ast.ClassDef)), *extra)),
        [ast.unparse(ast.fix_missing_locations(body))],
    ]
    return "\n\n".join("\n".join(group) for group in groups if group) + "\n"


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _is_standard(node: ast.stmt) -> bool:
    """Whether it imports from the standard library, as far as a test of ours does."""
    if isinstance(node, ast.ImportFrom):
        return node.module in _STANDARD
    return isinstance(node, ast.Import)


def _method(node: ast.FunctionDef, change: _Change) -> ast.stmt:
    """*node* as a method; a table as a loop of sub-tests, a folder as one that is made and taken away."""
    body = [inner for each in node.body for inner in change.statement(each)]
    names = [each.arg for each in node.args.args]
    if "tmp_path" in names:
        change.folder = True
        opened = ast.parse("with tempfile.TemporaryDirectory() as folder:\n    tmp_path = Path(folder)").body[0]
        assert isinstance(opened, ast.With)  # noqa: S101  # it is one
        opened.body += body
        body = [opened]
        names.remove("tmp_path")
    marks = []
    for mark in node.decorator_list:
        match mark:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[_, rows]):
                shown = ", ".join(names)
                inputs = ", ".join(
                    f"{each}={each}" for each in names if each != "expected" and "_afterwards" not in each
                )
                loop = ast.parse(f"for {shown} in []:\n    with self.subTest({inputs}):\n        pass").body[0]
                assert isinstance(loop, ast.For)  # noqa: S101  # it is one
                inner = loop.body[0]
                assert isinstance(inner, ast.With)  # noqa: S101  # it is one
                loop.iter, inner.body, names = rows, body, []
                body = [loop]
            case _:
                marks.append(mark)
    given = [ast.arg("self"), *(ast.arg(each) for each in names)]
    arguments = ast.arguments(posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.FunctionDef(name=node.name, args=arguments, body=body, decorator_list=marks)


class _Change:
    """Turns statements of the one into statements of the other."""

    def __init__(self) -> None:
        self.close = False
        """Whether numbers are compared up to their last digits."""
        self.folder = False

    def statement(self, node: ast.stmt) -> Iterator[ast.stmt]:
        match node:
            case ast.Assert(test=test):
                yield ast.Expr(self._asserted(test))
            case ast.With(items=[item], body=body):
                inner = [each for one in body for each in self.statement(one)]
                yield ast.With(items=[self._opened(item)], body=inner)
            case _:
                yield node

    def _asserted(self, test: ast.expr) -> ast.expr:
        match test:
            case ast.Compare(
                left=left, ops=[ast.Eq()], comparators=[ast.Call(func=ast.Attribute(attr="approx"), args=[right])]
            ):
                self.close = True
                return _call("assertTrue", ast.Call(ast.Name("close"), [left, right], []))
            case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=bool() as said)]):
                return _call("assertIs", left, ast.Constant(said))
            case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
                return _call("assertIsNone", left)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _METHODS:
                return _call(_METHODS[type(op)], left, right)
            case ast.Call(func=ast.Name(id="isinstance"), args=[thing, kind]):
                return _call("assertIsInstance", thing, kind)
        return _call("assertTrue", test)

    @staticmethod
    def _opened(item: ast.withitem) -> ast.withitem:
        match item.context_expr:
            case ast.Call(
                func=ast.Attribute(attr="raises"), args=[error], keywords=[ast.keyword(arg="match", value=said)]
            ):
                return ast.withitem(_call("assertRaisesRegex", error, said))
            case ast.Call(func=ast.Attribute(attr="raises"), args=[error], keywords=[]):
                return ast.withitem(_call("assertRaises", error))
        return item


_METHODS: dict[type[ast.cmpop], str] = {
    ast.Eq: "assertEqual",
    ast.NotEq: "assertNotEqual",
    ast.Is: "assertIs",
    ast.In: "assertIn",
    ast.LtE: "assertLessEqual",
    ast.GtE: "assertGreaterEqual",
    ast.Lt: "assertLess",
    ast.Gt: "assertGreater",
}


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("self"), name), [*args], [])

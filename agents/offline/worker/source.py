"""One Python file, parsed, with every node's span in the text and its place in the tree."""

from __future__ import annotations

import ast
import bisect
import builtins
from collections.abc import Iterator
from functools import cached_property

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
BUILTINS = frozenset(dir(builtins))


class Source:
    """A parsed file. Spans are character offsets into `text`."""

    def __init__(self, path: str, text: str) -> None:
        """Parse *text*; raises SyntaxError where it does not parse."""
        self.path = path
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._plain = text.isascii()
        self.parents: dict[ast.AST, ast.AST] = {}
        self.pools: dict[tuple[str, ast.AST], list[str]] = {}
        """What templates found in a function, by what it is and the function."""
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node

    def offset(self, line: int, column: int) -> int:
        """Character offset of *line* (from 1) and *column* (UTF-8 bytes, as `ast` counts)."""
        start = self._starts[line - 1]
        if self._plain:
            return start + column
        row = self.text[start : self._starts[line]].encode()
        return start + len(row[:column].decode("utf-8", "ignore"))

    def line_at(self, offset: int) -> int:
        """Line (from 1) in which *offset* lies."""
        return bisect.bisect_right(self._starts, offset)

    def line_start(self, line: int) -> int:
        return self._starts[line - 1]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end of an expression or statement."""
        begin = self.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = self.offset(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))
        return begin, end

    def get(self, node: ast.AST) -> str:
        """The node's own text, comments and all."""
        begin, end = self.span(node)
        return self.text[begin:end]

    def quoted(self, text: str) -> str:
        """*text* as a literal, with the quotes that the file has most of."""
        written = repr(text)
        if self._double and written[0] == "'" and '"' not in text:
            return f'"{written[1:-1]}"'
        return written

    @cached_property
    def _double(self) -> bool:
        return self.text.count('"') > self.text.count("'")

    def rows(self, first: int, last: int) -> tuple[int, int]:
        """Span of whole lines, the last line's end included."""
        return self._starts[first - 1], min(self._starts[last], len(self.text))

    def up(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around *node*, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost function whose body holds *node*."""
        for above in self.up(node):
            if isinstance(above, FUNCTIONS):
                return above
        return None

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        for above in self.up(node):
            if isinstance(above, ast.ClassDef):
                return above
        return None

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that *node* is or belongs to."""
        current = node
        while not isinstance(current, ast.stmt):
            current = self.parents[current]
        return current

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that *statement* stands in."""
        parent = self.parents[statement]
        for field in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]

    def indent(self, statement: ast.stmt) -> str:
        start = self._starts[statement.lineno - 1]
        row = self.text[start : self._starts[statement.lineno]]
        return row[: len(row) - len(row.lstrip())]

    @cached_property
    def global_names(self) -> tuple[str, ...]:
        """Names bound at module level, in order."""
        return tuple(dict.fromkeys(_bound(self.tree)))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Every attribute name the file uses."""
        return tuple(dict.fromkeys(n.attr for n in ast.walk(self.tree) if isinstance(n, ast.Attribute)))

    def local_names(self, node: ast.AST) -> tuple[str, ...]:
        """Names bound in the functions around *node*, innermost function first."""
        return self._locals_of(self.function(node))

    def _locals_of(self, function: ast.AST | None) -> tuple[str, ...]:
        found: dict[str, None] = {}
        while function is not None:
            if function not in self._scope_names:
                self._scope_names[function] = tuple(_bound(function))
            for name in self._scope_names[function]:
                found[name] = None
            function = self.function(function)
        return tuple(found)

    @cached_property
    def _scope_names(self) -> dict[ast.AST, tuple[str, ...]]:
        return {}

    def visible(self, node: ast.AST) -> tuple[str, ...]:
        """Names that *node* can use without a builtin: locals, then module level."""
        return tuple(dict.fromkeys((*self.local_names(node), *self.global_names)))

    def knows(self, name: str, node: ast.AST) -> bool:
        return name in BUILTINS or name in self.visible(node)

    @cached_property
    def future_flags(self) -> int:
        """Compiler flags of the file's ``from __future__`` imports."""
        import __future__  # noqa: PLC0415  # only files that have such a line need it

        flags = 0
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                for alias in node.names:
                    flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
        return flags


def _bound(scope: ast.AST) -> Iterator[str]:
    """Names that *scope* itself binds; those of functions and classes inside it are their own."""
    if isinstance(scope, (*FUNCTIONS, ast.Lambda)):
        arguments = scope.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            yield argument.arg
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                yield rest.arg
    todo = list(reversed(list(ast.iter_child_nodes(scope))))
    while todo:
        node = todo.pop()
        yield from _names_of(node)
        if not isinstance(node, SCOPES):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


def _names_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield (alias.asname or alias.name).split(".")[0]
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name

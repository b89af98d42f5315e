"""One parsed file as the patterns see it: loops, uses of names, and where a line can be put."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...worker.edits import Edit
from ...worker.source import FUNCTIONS, Source

LOOPS = (ast.For, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SIMPLE = (ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)
"""Statements that evaluate what is in them once, so that it can be done before them."""
OF_STRINGS = frozenset({"lower", "upper", "strip", "casefold", "title", "split", "startswith", "endswith", "isdigit"})
STEADY = frozenset({"in", "iter", "len", "item", "slice", "truth", *(f".{method}" for method in OF_STRINGS)})
"""The roles of a use that leave a name and its value as they are."""


class Program(Source):
    """A file that parses; edits are by span, so that what is not changed keeps its form."""

    def unit(self, node: ast.AST) -> str | None:
        """Qualified name of the outermost function around *node*, or of a method of a class at module level."""
        around = [above for above in (node, *self.up(node)) if isinstance(above, (*FUNCTIONS, ast.ClassDef))]
        names = []
        for above in reversed(around):
            names.append(above.name)
            if isinstance(above, FUNCTIONS):
                return ".".join(names)
        return None

    def uses(self, scope: ast.AST, name: str) -> list[ast.Name]:
        """Every use of *name* below *scope*, in the order of the text."""
        found = [node for node in ast.walk(scope) if isinstance(node, ast.Name) and node.id == name]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def role(self, use: ast.Name) -> str:  # noqa: C901, PLR0911  # a row of forms
        """What happens to the value of *use*: a method's name with ``.``, ``in``, ``iter``, ``len``, ``item`` …, or ``other``."""
        above = self.parents[use]
        match above:
            case ast.Attribute(attr=attr, ctx=ast.Load()):
                call = self.parents[above]
                return f".{attr}" if isinstance(call, ast.Call) and call.func is above else "other"
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if right is use:
                return "in"
            case ast.For(iter=right) | ast.comprehension(iter=right) if right is use:
                return "iter"
            case ast.Call(func=ast.Name(id="len"), args=[argument]) if argument is use:
                return "len"
            case ast.Subscript(value=value, slice=place, ctx=ast.Load()) if value is use and not self._changed(above):
                return "slice" if isinstance(place, ast.Slice) else "item"
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) if test is use:
                return "truth"
            case ast.UnaryOp(op=ast.Not()):
                return "truth"
            case ast.Return():
                return "return"
            case ast.Assign(targets=[target]) if target is use:
                return "store"
            case ast.AnnAssign(target=target) if target is use:
                return "store"
            case ast.AugAssign(target=target) if target is use:
                return "augmented"
        return "other"

    def _changed(self, item: ast.AST) -> bool:
        """Whether something inside *item* is bound, or a method of it or of that is called."""
        above = self.parents[item]
        while isinstance(above, (ast.Attribute, ast.Subscript)) and above.value is item:
            item, above = above, self.parents[above]
        bound = isinstance(getattr(item, "ctx", None), (ast.Store, ast.Del))
        return bound or (isinstance(above, ast.Call) and above.func is item)

    def loops(self, node: ast.AST) -> Iterator[ast.AST]:
        """The loops and comprehensions of the same function that evaluate *node* again and again, innermost first."""
        below, once = node, False
        for above in self.up(node):
            if isinstance(above, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
                return
            if isinstance(above, ast.comprehension):
                # what the first one goes through is asked for once, what the others go through for each
                once = below is above.iter and getattr(self.parents[above], "generators", [None])[0] is above
            elif isinstance(above, COMPREHENSIONS):
                if not once:
                    yield above
                once = False
            elif isinstance(above, LOOPS) and below not in above.orelse and below is not getattr(above, "iter", None):
                yield above
            below = above

    def steady(self, name: str, loop: ast.AST) -> bool:
        """Whether nothing in *loop* binds *name* anew, changes its value, or hands it to where that could happen."""
        return all(self.steady_use(use) for use in self.uses(loop, name))

    def steady_use(self, use: ast.Name) -> bool:
        """Whether this use leaves its name and its value as they are."""
        return self.role(use) in STEADY or self._only_read(use)

    def _only_read(self, use: ast.Name) -> bool:
        match self.parents[use]:
            case ast.Call(func=ast.Name(id=called)):
                return called in READERS
            case ast.Compare():
                return True
            case ast.Attribute():
                return False
            case ast.BinOp():
                return True
        return False

    def place_before(self, loop: ast.AST) -> ast.stmt:
        """The statement before which something can be computed once for the whole of *loop*.

        Raises:
            LookupError: There is none, because something between may decide whether the loop runs at all.
        """
        if isinstance(loop, ast.stmt):
            return loop
        statement = self.statement(loop)
        if isinstance(loop, ast.GeneratorExp) and not isinstance(self.parents[loop], ast.Call):
            raise LookupError("nobody knows when the generator runs")
        if not isinstance(statement, SIMPLE):
            raise LookupError("the comprehension stands in a condition")
        return statement

    def starts_line(self, statement: ast.stmt) -> bool:
        start = self.line_start(statement.lineno)
        return not self.text[start : self.span(statement)[0]].strip()

    def before(self, statement: ast.stmt, *rows: str) -> Edit:
        """*rows* as lines of their own before *statement*. Raises LookupError where it shares its line."""
        if not self.starts_line(statement):
            raise LookupError("the statement shares its line")
        indent = self.indent(statement)
        start = self.line_start(statement.lineno)
        return Edit(start, start, "".join(f"{indent}{row}\n" if row else "\n" for row in rows))

    def after(self, statement: ast.stmt, *rows: str) -> Edit:
        """*rows* as lines of their own after *statement*, at its indentation. Raises LookupError as `before` does."""
        if not self.starts_line(statement):
            raise LookupError("the statement shares its line")
        line = statement.end_lineno or statement.lineno
        end = self.rows(line, line)[1]
        rest = self.text[self.span(statement)[1] : end].strip()
        if rest and not rest.startswith("#"):
            raise LookupError("the statement shares its line")
        indent = self.indent(statement)
        ended = self.text[end - 1 : end] == "\n"
        return Edit(
            end,
            end,
            "".join(f"{indent}{row}\n" for row in rows) if ended else "".join(f"\n{indent}{row}" for row in rows),
        )

    def replaced(self, node: ast.AST, text: str) -> Edit:
        begin, end = self.span(node)
        return Edit(begin, end, text)

    def fresh(self, *names: str) -> str:
        """The first of *names*, or the last one numbered, that the file does not use."""
        used = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        used |= {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)}
        used |= {*self.global_names, *self.attributes}
        more = (f"{names[-1]}_{number}" for number in range(2, 1_000))
        return next(name for name in (*names, *more) if name not in used)

    def imports(self, module: str, name: str = "") -> tuple[str, tuple[Edit, ...]]:
        """How *module*, or *name* of it, is written here, with the edit that imports it where nothing does yet."""
        for node in self.tree.body:
            if isinstance(node, ast.Import) and not name:
                for alias in node.names:
                    if alias.name == module:
                        return alias.asname or module, ()
            if isinstance(node, ast.ImportFrom) and name and node.module == module and not node.level:
                for alias in node.names:
                    if alias.name == name:
                        return alias.asname or name, ()
        wanted = name or module
        if wanted in self.global_names or self.uses(self.tree, wanted):
            raise LookupError(f"{wanted} is the name of something else here")
        row = f"from {module} import {name}" if name else f"import {module}"
        return wanted, (self._import(row),)

    def _import(self, row: str) -> Edit:
        """Among the imports, where the names put it; else before the first statement that is no docstring."""
        body = self.tree.body
        known = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
        ordinary = [node for node in known if getattr(node, "module", "") != "__future__"]
        later = next((node for node in ordinary if self.get(node).lstrip() > row and self.starts_line(node)), None)
        if later is not None:
            return self.before(later, row)
        if ordinary:
            return self.after(ordinary[-1], row)
        if known:
            return self.after(known[-1], "", row)
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            return self.after(first, "", row)
        start = self.line_start(top(first))
        gap = "\n\n" if isinstance(first, (*FUNCTIONS, ast.ClassDef)) else "\n"
        return Edit(start, start, f"{row}\n{gap}")

    def shows_names(self, node: ast.AST) -> bool:
        """Whether something around *node* asks for its variables by their names, which no new one may join."""
        function = self.function(node)
        return function is not None and any(
            isinstance(call, ast.Name) and call.id in {"locals", "vars", "exec", "eval", "dir"}
            for call in ast.walk(function)
        )


READERS = frozenset(
    {"len", "sum", "min", "max", "sorted", "set", "frozenset", "list", "tuple", "abs", "round", "enumerate", "range",
     "any", "all", "str", "repr", "int", "float", "bool", "isinstance", "zip", "reversed", "print"}
)  # fmt: skip
"""Builtins that change nothing of what they are given, as far as it is no iterator."""


def top(statement: ast.stmt) -> int:
    """The first line of *statement*, its decorators included."""
    lines: list[int] = [decorator.lineno for decorator in getattr(statement, "decorator_list", ())]
    return min([statement.lineno, *lines])

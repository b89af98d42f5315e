"""What surrounds the tests of a task and may change what the code under test answers, or whether a test runs at all."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from engine.conflicts.collecting import SETS_UP, Collected, fixture_mark
from engine.conflicts.fixtures import BUILT_IN
from engine.conflicts.origins import Origins
from engine.conflicts.reading import Module, outer

HARMLESS = frozenset(
    ("capsys", "capfd", "capsysbinary", "capfdbinary", "capteesys", "caplog", "recwarn", "subtests", "pytestconfig")
)
"""Built-in fixtures that only look on."""


class Surroundings:
    """What the frozen files do around the tests in them."""

    def __init__(self, modules: Sequence[Module], unread: Sequence[str], origins: Origins) -> None:
        conftests = [module for module in modules if module.path.endswith("conftest.py")]
        self._origins = origins
        self.hooked = any(path.endswith("conftest.py") for path in unread) or any(map(_has_hooks, conftests))
        """Something may choose, change or fill the tests in ways not seen here."""
        self._changed = {module.path: self._changes(module) for module in modules}
        self._changing = any(self._changed[module.path] for module in conftests)
        self.may_skip = any(word in module.text for module in modules for word in ("skip", "xfail"))
        """Some function of the frozen files may end the test that calls it, as not counted."""

    def followed(self, test: Collected, parameters: frozenset[str]) -> bool:
        """Whether it is run as it is written, and has to pass."""
        if self.hooked or test.left_out or not test.is_plain:
            return False
        unseen = set(test.asks_for) - parameters - BUILT_IN or self._set_up(test)
        return not (unseen and self.may_skip)

    def clean(self, test: Collected, parameters: frozenset[str]) -> bool:
        """Whether nothing in the frozen files may change what the code under test answers before the test begins."""
        asked = set(test.asks_for) - parameters
        used = any(mark.name == "usefixtures" for mark in test.marks)
        return not (used or asked - HARMLESS or self._set_up(test))

    def _set_up(self, test: Collected) -> bool:
        if self._changing or self._changed[test.module.path]:
            return True
        defined = [item for each in test.classes for item in each.body]
        return any(
            isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))
            and (item.name in SETS_UP or item.name.startswith("assert") or _is_automatic(test.module, item))
            for item in defined
        )

    def _changes(self, module: Module) -> bool:
        """Whether the file sets something up for every test, or changes something by being imported."""
        for node in module.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if node.name in SETS_UP or _is_automatic(module, node):
                    return True
            elif not isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef)) and self._acts(module, node):
                return True
        return False

    def _acts(self, module: Module, statement: ast.stmt) -> bool:
        """Whether a statement of the top level changes something of the code under test, or of what is imported."""
        for node in outer([statement]):
            if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                return True
            if isinstance(node, ast.Attribute) and module.dotted(node) in {"sys.modules", "os.environ", "sys.argv"}:
                return True
            if isinstance(node, ast.Call) and not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                named = {
                    module.dotted(inner) for inner in ast.walk(node) if isinstance(inner, (ast.Name, ast.Attribute))
                }
                if any(each and "." in each and self._origins.is_code(each) for each in named):
                    return True
        return False


def _is_automatic(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    mark = fixture_mark(module, function)
    return mark is not None and mark.call is not None and any(word.arg == "autouse" for word in mark.call.keywords)


def _has_hooks(module: Module) -> bool:
    return any(name.startswith(("pytest_", "collect_ignore")) or name == "*" for name in module.bound)

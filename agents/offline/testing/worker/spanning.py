"""Which calls go through several parts of the code, as an integration test has to."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .outcomes import Outcome

NOTHING = {
    True: "no call was found that goes through two modules and whose answer a test can state; ask for unit tests",
    False: "no call was found in which one function of this one module uses another; ask for unit tests",
}


class Spans:
    """Parts are modules where the code has several, else the functions of the one."""

    def __init__(self, texts: Mapping[str, str], *, modules: bool) -> None:
        self._modules = modules
        self._functions = {
            (path, min([node.lineno, *(mark.lineno for mark in node.decorator_list)]))
            for path, text in texts.items()
            for node in ast.walk(ast.parse(text))
            # an object that is made and then used is no two parts
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("__")
        }

    @property
    def nothing(self) -> str:
        """What is said where there is no such call."""
        return NOTHING[self._modules]

    def several(self, outcome: Outcome) -> bool:
        """Whether the call ran functions of at least two parts."""
        entered = outcome.entered & self._functions
        parts = {path for path, _ in entered} if self._modules else entered
        return len(parts) > 1

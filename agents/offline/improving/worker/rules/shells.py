"""A command line that a shell takes apart though it never changes: hand its words over directly."""

from __future__ import annotations

import ast
import json
import shlex

from ..program import Program
from .rewrite import Safer, call, dotted, keyword, without

OF_A_SHELL = set("|&;<>()$`*?[]#~={}!\n\\")
"""What only a shell understands."""
OF_SHELLS = frozenset(
    {"cd", "export", "set", "source", ".", "exit", "ulimit", "umask", "unset", "alias", "exec", "eval"}
)


def _words(program: Program, node: ast.AST) -> Safer:
    made = call(node)
    shell = keyword(made, "shell")
    if shell is None or not dotted(made.func).startswith("subprocess.") or not made.args:
        raise LookupError("not a call of subprocess")
    match made.args[0], shell.value:
        case ast.Constant(value=str() as line), ast.Constant(value=True):
            words = shlex.split(line)
            if OF_A_SHELL & set(line) or not words or words[0] in OF_SHELLS:
                raise LookupError("the line needs a shell")
            listed = "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"
            return Safer(
                (program.replaced(made.args[0], listed), without(program, made, shell)),
                "run the program itself, without a shell between",
                "raises FileNotFoundError where the shell would have ended with 127, if there is no such program",
            )
    raise LookupError("the line is not known before it runs")


SHELLS = {"S602": _words}

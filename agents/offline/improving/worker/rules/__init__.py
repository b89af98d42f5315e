"""Ruff's security rules, as far as there is a rewrite that a machine can make; advice for all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from ..program import Program
from ..proposal import Proposal
from ..ruff import Found
from .arguments import ARGUMENTS
from .loading import LOADING
from .places import PLACES
from .queries import QUERIES
from .rewrite import Safer
from .shells import SHELLS

Rewriting = Callable[[Program, ast.AST], Safer]
"""The rewrite at a node that a finding points to. Raises LookupError where it cannot be made."""
REWRITES: Mapping[str, Rewriting] = {**ARGUMENTS, **LOADING, **PLACES, **QUERIES, **SHELLS}


def safer(program: Program, found: Found) -> Iterator[Proposal]:
    """The rewrite that takes away what ruff *found*, where there is one."""
    rewriting = REWRITES.get(found.rule)
    if rewriting is None:
        return
    for node in at(program, found):
        try:
            made = rewriting(program, node)
        except LookupError:
            continue
        yield Proposal(
            _NAMES.get(found.rule, "safer call"), program.path, found.line, made.note, made.edits, program.unit(node),
            rule=found.rule, on_purpose=made.on_purpose,
        )  # fmt: skip
        return


def at(program: Program, found: Found) -> list[ast.AST]:
    """The nodes that begin where the finding does, outermost first, and then the calls around them."""
    start = program.line_start(found.line) + found.column - 1
    here = [
        node
        for node in ast.walk(program.tree)
        if isinstance(node, (ast.expr, ast.keyword)) and program.span(node)[0] == start
    ]
    around = [above for node in here for above in program.up(node) if isinstance(above, ast.Call)]
    return [*here, *around[:3]]


_NAMES = {
    "S113": "no time-out", "S501": "certificates not checked", "S506": "unsafe loader", "S307": "eval",
    "S324": "weak hash", "S602": "shell", "S103": "permissions", "S108": "temporary file", "S311": "guessable random",
    "S608": "SQL from text", "S701": "no autoescape", "S202": "archive unpacked",
}  # fmt: skip

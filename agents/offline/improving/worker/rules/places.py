"""Files that others may write, and temporary ones with names that anybody can guess."""

from __future__ import annotations

import ast

from ..program import Program
from .rewrite import Safer

OTHERS_MAY_WRITE = 0o033
"""What is taken away: that the group and others may write or execute; they may still read."""


def _mode(program: Program, node: ast.AST) -> Safer:
    match node:
        case ast.Constant(value=int() as mode):
            kept = mode & ~OTHERS_MAY_WRITE
            return Safer(
                (program.replaced(node, f"0o{kept:o}"),),
                f"let only the owner write (0o{kept:o} in place of 0o{mode:o})",
                "takes from the group and others that they may write or execute the file",
            )
    raise LookupError("the mode is not written here")


def _temporary(program: Program, node: ast.AST) -> Safer:
    match node:
        case ast.Constant(value=str() as path) if path.startswith("/tmp/") and path.count("/") == 2 and len(path) > 5:  # noqa: S108  # it is what is looked for
            if program.text.count(path) != 1 or isinstance(program.parents[node], ast.JoinedStr):
                raise LookupError("it is named twice")
            os_module, first = program.imports("os")
            module, second = program.imports("tempfile")
            name = path.rsplit("/", 1)[-1]
            made = f'{os_module}.path.join({module}.mkdtemp(), "{name}")'
            return Safer(
                (*second, *first, program.replaced(node, made)),
                "use a folder of its own that nobody else may enter",
                "puts the file into a new folder each time, in place of a path that everybody knows",
            )
    raise LookupError("not one file in the common folder")


PLACES = {"S103": _mode, "S108": _temporary}

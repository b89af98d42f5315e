"""Which lines of a source have an instruction of their own: what its coverage is a share of."""

from __future__ import annotations

import re
import types
import warnings

from engine.checks.javascript.paths import SUFFIXES
from engine.checks.source import MOST_FILE, parse


def executable_lines(text: str, path: str) -> tuple[int, ...]:
    """Line numbers, ascending; none where this Python cannot read *text*. Nothing of it is run.

    Of JavaScript, which has no reader here, those that hold a word outside a comment.
    """
    if path.endswith(SUFFIXES):
        return tuple(number for number, line in enumerate(_without_comments(text), 1) if re.search(r"\w", line))
    tree = parse(text) if len(text) <= MOST_FILE else None
    if tree is None:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(sorted(_lines(code)))


def _without_comments(text: str) -> list[str]:
    """Its lines; a sign of a comment inside a text counts as one, which costs no more than that line."""
    blank = re.sub(r"/\*.*?\*/", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)
    return [line.partition("//")[0] for line in blank.split("\n")]


def _lines(code: types.CodeType) -> set[int]:
    lines = {line for _, _, line in code.co_lines() if line}
    if code.co_name != "<module>":
        lines.discard(code.co_firstlineno)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            lines |= _lines(constant)
    return lines

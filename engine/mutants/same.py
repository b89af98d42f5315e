"""The same program written otherwise: whoever is red on it reads the code instead of running it."""

from __future__ import annotations

import ast

from engine.mutants.places import places
from engine.twins.text import Text, applied


def written_otherwise(source: str) -> str:
    """*source* laid out anew, without its comments and with its names in parentheses; as it is where that fails.

    Its syntax tree is the same, and so is all that it does; only lines, columns and the text itself are others.
    """
    try:
        tree = ast.parse(source)
        plain = ast.unparse(tree) + "\n"
        text = Text(plain)
        names = [place.node for place in places(ast.parse(plain)) if isinstance(place.node, ast.Name)]
        loaded = [name for name in names if isinstance(name.ctx, ast.Load)]
        other = applied(plain, [text.around(name, "(", ")") for name in loaded])
        return other if other is not None and ast.dump(ast.parse(other)) == ast.dump(tree) else plain
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source

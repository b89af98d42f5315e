"""A component's sources in JavaScript, TypeScript and Vue, as tokens."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.projects.agreeing.javascript.tokens import MOST_CHARACTERS, Tokens, tokens_of

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue")
_OPENING = re.compile(r"<script\b([^<>]{0,500})>", re.IGNORECASE)
_LANGUAGE = re.compile(r"""\blang\s*=\s*["']?(\w+)""")
_MOST_REMEMBERED = 20_000
"""Characters."""
_NOTHING = Tokens((), (), ())


def is_source(path: str) -> bool:
    return path.endswith(SUFFIXES)


def tokens_of_file(path: str, text: str) -> Tokens | None:
    """What the file holds, of a Vue component its scripts; None where it cannot be followed."""
    # while a component is mended, its other files are asked for again and again; long ones would fill the memory
    return _remembered(path, text) if len(text) <= _MOST_REMEMBERED else _read(path, text)


def _read(path: str, text: str) -> Tokens | None:
    if path.endswith(".vue"):
        return _of_vue(text)
    return tokens_of(
        text, jsx=path.endswith((".tsx", ".jsx", ".js", ".mjs")), types=path.endswith((".ts", ".tsx", ".mts", ".cts"))
    )


_remembered = lru_cache(maxsize=256)(_read)


def _of_vue(text: str) -> Tokens | None:
    if len(text) > MOST_CHARACTERS:
        return None
    # a script after a script is read as if it were one: what one imports, the other has
    blanked, at = [], 0
    typed = jsx = False
    while opening := _OPENING.search(text, at):
        end = text.find("</script", opening.end())
        if end < 0:
            return None
        language = _LANGUAGE.search(opening[1])
        typed = typed or (language is not None and language[1] in {"ts", "tsx"})
        jsx = jsx or (language is not None and language[1] in {"tsx", "jsx"})
        blanked.append("\n" * text.count("\n", at, opening.end()))
        blanked.append(f"{text[opening.end() : end]};")
        at = end
    return tokens_of("".join(blanked), jsx=jsx, types=typed) if blanked else _NOTHING

"""Writes YAML of maps, lists, texts, numbers and truths, which reads the same by the rules of 1.1 and of 1.2.

What a text could be taken for (a number, a truth, a date) differs between the two; here every text that is not plainly
one is quoted as JSON quotes it, which both read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Node: TypeAlias = "Mapping[str, Node] | Sequence[Node] | str | int | bool"

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9/._-]*( [A-Za-z0-9/._-]+)*")
_TAKEN = frozenset("y n yes no on off true false null".split())


def write(*documents: Node) -> str:
    """*documents* as one file."""
    return "---\n".join("\n".join(_block(document, 0)) + "\n" for document in documents)


def _block(node: Node, indent: int) -> Iterator[str]:
    space = "  " * indent
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            if _nested(value):
                yield f"{space}{_scalar(key)}:"
                yield from _block(value, indent + 1)
            else:
                yield f"{space}{_scalar(key)}: {_scalar(value)}"
    elif isinstance(node, Sequence) and not isinstance(node, str) and node:
        for value in node:
            if _nested(value):
                first, *rest = _block(value, indent + 1)
                yield f"{space}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{space}- {_scalar(value)}"
    else:
        yield f"{space}{_scalar(node)}"


def _nested(node: Node) -> bool:
    return isinstance(node, (Mapping, list, tuple)) and bool(node)


def _scalar(node: Node) -> str:
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, int):
        return str(node)
    if isinstance(node, str):
        plain = _PLAIN.fullmatch(node) and node.lower() not in _TAKEN
        return node if plain else json.dumps(node, ensure_ascii=False)
    return "{}" if isinstance(node, Mapping) else "[]"

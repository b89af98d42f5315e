"""What texts and constants look like that may be code: statements of Python, archives, and what nobody can read."""

from __future__ import annotations

import ast
import json
import re
from typing import TypeGuard

from engine.checks.packed import unpack
from engine.checks.source import parse
from engine.checks.values import atoms


def holds_code(path: str, text: str) -> bool:
    """Whether a file that is no module holds statements of Python, as a whole or as texts in it."""
    if path.endswith((".json", ".ipynb")):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False
        texts = [part for part in atoms(value) if isinstance(part, str)][:2_000]
        return any(is_code(part) for part in [*texts, "".join(texts), "\n".join(texts)] if len(part) > 12)
    return len(text) < 2**19 and (is_code(text) or any(isinstance(v, str) and is_code(v) for v in unpack(text.strip())))


def is_code(text: str) -> bool:
    """Whether *text* is a module with statements of Python that do or define something."""
    if not re.search(r"\b(def|class|import|lambda|return|exec|eval)\b", text[:200_000]):
        return False
    tree = parse(text)
    return tree is not None and has_statements(tree)


def has_statements(tree: ast.Module) -> bool:
    """Whether a module imports, or defines a function or a class."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return any(
        isinstance(node, kinds) or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda))
        for node in tree.body
    )


def is_opaque(value: object) -> bool:
    """Whether a constant is long, and no text that anybody reads."""
    if isinstance(value, bytes):
        return (len(value) >= 24 and not value.isascii()) or is_opaque(value.decode("latin-1"))
    return (
        isinstance(value, str)
        and len(value) >= 40
        and len(value.split()) <= len(value) / 30
        and not re.fullmatch(r"[\w./:\-?=&%#]*[/:][\w./:\-?=&%#]*", value)
        and any(sign.isalpha() for sign in value)
    )


def is_blob(part: ast.expr) -> bool:
    """Whether it stands there as bytes, and many of them."""
    return isinstance(part, ast.Constant) and isinstance(part.value, bytes) and len(part.value) >= 16


def is_archive(value: object) -> bool:
    """Whether it begins as a zip file does, or its usual encodings."""
    text = value if isinstance(value, str) else value.decode("latin-1") if isinstance(value, bytes) else ""
    return text.startswith(("UEsDB", "PK\x03\x04", "504b0304"))


def is_name(value: object) -> TypeGuard[str]:
    """Whether it could be the name of something in Python."""
    return isinstance(value, str) and len(value) < 100 and value.isidentifier()

"""A file in its parts: functions, methods, the heads of classes, and what stands between them, with their lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from agents.base import Value
from agents.context.trees import parse

_SIGNATURE = 160
"""Characters of a signature that an outline shows."""
_CHUNK = 40
"""Lines of a part of a file that is no program this can take apart."""
_SCRIPT = re.compile(
    r"(?:export\s+)?(?:default\s+)?(?:async\s+)?"
    r"(?:function\s*\*?\s*(?P<function>[\w$]+)|class\s+(?P<type>[\w$]+)|(?:const|let|var)\s+(?P<value>[\w$]+)\s*=)"
)
"""How a definition at the left margin of a JavaScript or TypeScript file begins."""
SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")


class Part(Value):
    """Some lines that belong together; the parts of a file follow each other and are all of it."""

    name: str
    """``function`` or ``Class.method``; empty where nothing is defined."""
    first: int
    """Counted from 1."""
    last: int
    signature: str = ""
    names: frozenset[str] = frozenset()
    """Identifiers that occur in it."""

    @property
    def word(self) -> str:
        """The last word of its name."""
        return self.name.rpartition(".")[2]


@lru_cache(maxsize=8_192)
def parts_of(path: str, text: str) -> tuple[Part, ...]:
    """*text*, which is the file *path*, in its parts."""
    lines = text.splitlines()
    if not lines:
        return ()
    tree = parse(text) if path.endswith((".py", ".pyi")) else None
    if tree is not None:
        return tuple(_filled(list(_of_python(tree.body, lines, "")), lines))
    if path.endswith(SCRIPTS):
        return tuple(_filled(list(_of_script(lines)), lines))
    return tuple(_filled([], lines))


def _of_python(body: list[ast.stmt], lines: list[str], within: str) -> Iterator[Part]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _part(node, f"{within}{node.name}", lines, node.end_lineno or node.lineno, node)
        elif isinstance(node, ast.ClassDef):
            inner = list(_of_python(node.body, lines, f"{within}{node.name}."))
            end = node.end_lineno or node.lineno
            head = min((part.first for part in inner), default=end + 1) - 1
            yield _part(node, f"{within}{node.name}", lines, head, node)
            yield from inner


def _part(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str, lines: list[str], last: int, whole: ast.AST
) -> Part:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    head_end = max(node.lineno, node.body[0].lineno - 1) if node.body else node.lineno
    signature = " ".join(" ".join(lines[node.lineno - 1 : head_end]).split())
    if isinstance(node, ast.ClassDef) or node.body[0].lineno == node.lineno:
        signature = lines[node.lineno - 1].strip()
    return Part(name=name, first=first, last=last, signature=_short(signature), names=_names(whole, last))


def _names(node: ast.AST, last: int) -> frozenset[str]:
    found: set[str] = set()
    for inner in ast.walk(node):
        if getattr(inner, "lineno", 0) > last:
            continue
        if isinstance(inner, ast.Name):
            found.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.arg):
            # a test asks for a fixture by the name of its argument
            found.add(inner.arg)
    return frozenset(found)


def _short(signature: str) -> str:
    # what follows the head is the beginning of a docstring or a comment
    head = re.split(r":\s+(?:#|[rRbBuU]?\"\"\"|[rRbBuU]?''')", signature, maxsplit=1)[0]
    return head if len(head) <= _SIGNATURE else f"{head[:_SIGNATURE]} ..."


def _of_script(lines: list[str]) -> Iterator[Part]:
    begun: Part | None = None
    for number, line in enumerate(lines, 1):
        match = _SCRIPT.match(line)
        if match is None:
            continue
        if begun is not None:
            yield _ended(begun, number - 1, lines)
        name = match["function"] or match["type"] or match["value"]
        begun = Part(name=name, first=number, last=number, signature=_short(line.rstrip(" {")))
    if begun is not None:
        yield _ended(begun, len(lines), lines)


def _ended(part: Part, last: int, lines: list[str]) -> Part:
    words = frozenset(re.findall(r"[A-Za-z_$][\w$]*", "\n".join(lines[part.first - 1 : last])))
    return part.model_copy(update={"last": last, "names": words})


def _filled(found: list[Part], lines: list[str]) -> Iterator[Part]:
    """*found*, with what stands before, between and behind as parts without a name."""
    at = 1
    for part in sorted(found, key=lambda part: part.first):
        if part.first < at:
            continue  # two definitions on one line
        yield from _between(at, part.first - 1, lines)
        yield part
        at = part.last + 1
    yield from _between(at, len(lines), lines)


def _between(first: int, last: int, lines: list[str]) -> Iterator[Part]:
    for start in range(first, last + 1, _CHUNK):
        end = min(last, start + _CHUNK - 1)
        if any(line.strip() for line in lines[start - 1 : end]):
            yield Part(name="", first=start, last=end)

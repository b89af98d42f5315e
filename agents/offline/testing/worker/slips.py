"""Further mutants: the changes that the repairer would try, taken the other way, as the slips that people make."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from ...worker.generate import changed_text, generate
from ...worker.localise import Suspicion
from ...worker.site import Hints
from ...worker.source import Source
from .task import Mutant

MOST = 120
"""Changes that are tried beside the mutants that count for the score."""
_LOOKED_AT = 4_000
_OF_A_KIND = 2
"""Changes of one kind at one line."""


def slips(texts: Mapping[str, str], known: Collection[str], most: int = MOST) -> list[Mutant]:
    """Up to *most* changes of *texts* whose result is none of *known*, likely ones first."""
    sources = {}
    for path, text in texts.items():
        try:
            sources[path] = Source(path, text)
        except (SyntaxError, ValueError, RecursionError):
            continue
    found: list[Mutant] = []
    told = {*known, *texts.values()}
    kinds: Counter[tuple[str, int, str]] = Counter()
    for path, source in sources.items():
        for line, text in _exchanged(source):
            if text not in told and len(found) < most // 2 and _compiles(text):
                told.add(text)
                found.append(Mutant(path, line, f"{path}:{line}: two names changed places", text))
    for change in islice(generate(sources, Suspicion(everywhere=True), Hints()), _LOOKED_AT):
        kind = (change.path, change.line, change.template)
        if len(found) == most:
            break
        if kinds[kind] == _OF_A_KIND:
            continue
        text = changed_text(sources[change.path], change)
        if text in told or not _compiles(text):
            continue
        told.add(text)
        kinds[kind] += 1
        found.append(Mutant(change.path, change.line, f"{change.path}:{change.line}: {change.note}", text))
    return found


def _exchanged(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of what comes of exchanging one attribute for another, or the two sides of a pair or a sum."""
    attributes = sorted(
        {
            each.attr
            for each in ast.walk(source.tree)
            if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Load)
        }
    )
    called = {id(each.func) for each in ast.walk(source.tree) if isinstance(each, ast.Call)}
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if id(node) not in called:
                for other in attributes:
                    if other != name:
                        yield node.lineno, _with(source, [(node, f"{source.get(value)}.{other}")])
            case ast.Tuple(elts=[left, right], ctx=ast.Load()) | ast.BinOp(left=left, op=ast.Add(), right=right):
                yield node.lineno, _with(source, [(left, source.get(right)), (right, source.get(left))])


def _with(source: Source, others: list[tuple[ast.expr, str]]) -> str:
    text = source.text
    for node, other in sorted(others, key=lambda each: source.span(each[0]), reverse=True):
        begin, end = source.span(node)
        text = text[:begin] + other + text[end:]
    return text


def _compiles(text: str) -> bool:
    try:
        compile(text, "slip", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True

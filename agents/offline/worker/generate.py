"""All changes that the templates propose for the suspicious places, cheapest first."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count, islice

from .edits import Change, apply
from .localise import Suspicion
from .priors import Priors
from .site import Hints, Site, Template
from .source import Source
from .templates.catalogue import CATALOGUE

MOST_OF_A_KIND = 5_000
"""Proposals of one template at one place; more cost so many bits each that their turn never comes."""
LONGEST_TABLE = 300
"""Elements of a literal above which it is data, and no expression in it is tried."""


def generate(
    sources: Mapping[str, Source],
    suspicion: Suspicion,
    hints: Hints,
    *,
    reproduction: bool = False,
    priors: Priors | None = None,
    most: int = 400_000,
    catalogue: Iterable[Template] = CATALOGUE,
) -> Iterator[Change]:
    """The changes in order of price, at most *most* of them, each made when its turn comes.

    A price is in bits: where it is, what kind it is, and the logarithm of how many of the kind are proposed there,
    so that a kind with hundreds of possibilities does not drown the others; *priors* add what earlier repairs say.
    """
    templates = [
        (t, t.bits + t.least + (priors.least(t.name) if priors else 0.0))
        for t in catalogue
        if not (reproduction and t.escapes)
    ]
    cheapest = min((bits for _, bits in templates), default=0.0)
    number, made = count(), count()
    # what a template proposes at a place is hardly ever cheaper than the two together
    ahead: list[tuple[float, int, int, Change | _Source]] = []
    places = _Places(sources, suspicion)
    while most > 0:
        while places.next <= (ahead[0][0] if ahead else math.inf) - cheapest and places.next < math.inf:
            source, node, place = places.take()
            for template, bits in templates:
                if not isinstance(node, ast.Module) or template.name == "add-import":
                    heappush(ahead, (place + bits, 0, next(number), _Source(template, source, node, place)))
        if not ahead:
            return
        _, _, _, first = heappop(ahead)
        if isinstance(first, Change):
            most -= 1
            yield first
            continue
        for change in _proposals(first.template, Site(first.source, first.node, hints), first.place, suspicion):
            by = priors.bits(change, first.source.text) if priors else 0.0
            one = replace(change, bits=change.bits + by, shift=by) if by else change
            heappush(ahead, (one.bits, 1, next(made), one))


@dataclass(frozen=True)
class _Source:
    """Proposals that are not made yet."""

    template: Template
    source: Source
    node: ast.AST
    place: float


class _Places:
    """Every node that may be at fault with its price in bits, cheapest first; a file is parsed when its turn comes."""

    def __init__(self, sources: Mapping[str, Source], suspicion: Suspicion) -> None:
        self._sources = sources
        self._suspicion = suspicion
        self._number = count()
        self._open: list[tuple[float, int, Source, ast.AST]] = []
        prices = suspicion.by_file(sources)
        self._closed = sorted(((price, at, path) for at, (path, price) in enumerate(prices.items())), reverse=True)

    @property
    def next(self) -> float:
        """Price of the next one, as far as its file was looked into; infinite where there is none."""
        while self._closed and (not self._open or self._closed[-1][0] <= self._open[0][0]):
            _, _, path = self._closed.pop()
            if path in self._sources:
                for node, price in _nodes(self._sources[path], self._suspicion):
                    heappush(self._open, (price, next(self._number), self._sources[path], node))
        return self._open[0][0] if self._open else math.inf

    def take(self) -> tuple[Source, ast.AST, float]:
        price, _, source, node = heappop(self._open)
        return source, node, price


def _nodes(source: Source, suspicion: Suspicion) -> Iterator[tuple[ast.AST, float]]:
    data = _data(source)
    for node in ast.walk(source.tree):
        if node in data:
            continue
        if isinstance(node, ast.Module):
            yield node, 0.0
        elif isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.arguments)):
            price = suspicion.price(source.path, *_lines(source, node))
            if price is not None:
                yield node, price


def _data(source: Source) -> set[ast.AST]:
    """Everything inside long literals."""
    tables = (
        node
        for node in ast.walk(source.tree)
        if (isinstance(node, (ast.List, ast.Tuple, ast.Set)) and len(node.elts) > LONGEST_TABLE)
        or (isinstance(node, ast.Dict) and len(node.values) > LONGEST_TABLE)
    )
    return {inner for table in tables for inner in ast.walk(table)}


def _lines(source: Source, node: ast.AST) -> tuple[int, int]:
    """First and last line of what the node's own line hits tell about it."""
    if isinstance(node, ast.arguments):
        node = source.parents[node]
    first = getattr(node, "lineno", 1)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return first, getattr(node, "end_lineno", first) or first
    if isinstance(node, ast.arg):
        function = source.function(node) or source.statement(node)
        return first, getattr(function, "end_lineno", first) or first
    if isinstance(node, ast.stmt) and hasattr(node, "body"):
        return first, first
    statement = source.statement(node)
    if hasattr(statement, "body"):
        return first, getattr(node, "end_lineno", first) or first
    # a statement over several lines reports only some of them
    return statement.lineno, statement.end_lineno or statement.lineno


def _proposals(template: Template, site: Site, place: float, suspicion: Suspicion) -> Iterator[Change]:
    rewrites = list(islice(template.write(site), MOST_OF_A_KIND))
    if not rewrites:
        return
    # likelier siblings count for more: with equal ones this is the logarithm of their number
    alternatives = math.log2(sum(2.0**-rewrite.extra for rewrite in rewrites)) if template.bits else 0.0
    line = getattr(site.node, "lineno", 1)
    if template.name == "add-import":
        line = site.source.line_at(rewrites[0].edits[0].start)
    for rewrite in rewrites:
        yield Change(
            path=site.source.path,
            line=line,
            template=template.name,
            note=rewrite.note,
            edits=rewrite.edits,
            bits=place + template.bits + alternatives + rewrite.extra,
            suspicion=suspicion.of(site.source.path, line),
        )


def changed_text(source: Source, change: Change) -> str:
    """The file's text with the change made."""
    return apply(source.text, change.edits)

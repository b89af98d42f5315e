"""A place in a file where a template may propose something, with what it needs to know there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .edits import Edit, Rewrite, shorten
from .kinds import NOTHING, Kinds, apart, kind
from .source import FUNCTIONS, Source

_BINARY = {
    ast.BitOr: 7, ast.BitXor: 8, ast.BitAnd: 9, ast.LShift: 10, ast.RShift: 10, ast.Add: 11, ast.Sub: 11,
    ast.Mult: 12, ast.Div: 12, ast.FloorDiv: 12, ast.Mod: 12, ast.MatMult: 12, ast.Pow: 14,
}  # fmt: skip


def precedence(node: ast.AST) -> int:
    """How tightly *node* binds; the table of the language reference, loosest first."""
    loose: dict[type, int] = {
        ast.NamedExpr: 0, ast.Yield: 0, ast.YieldFrom: 0, ast.Tuple: 0, ast.Lambda: 1, ast.IfExp: 2,
        ast.Compare: 6, ast.Await: 15, ast.Starred: 6,
    }  # fmt: skip
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)]
    if isinstance(node, ast.BoolOp):
        return 3 if isinstance(node.op, ast.Or) else 4
    if isinstance(node, ast.UnaryOp):
        return 5 if isinstance(node.op, ast.Not) else 13
    return loose.get(type(node), 16)


@lru_cache(8192)
def _tightness(text: str) -> int:
    """The precedence of an expression; of what is none, so much that nobody puts it in parentheses."""
    try:
        return precedence(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return 17


_HOLDERS: tuple[tuple[tuple[type, ...], int], ...] = (
    ((ast.Attribute, ast.Await), 16),
    ((ast.Starred,), 7),
    ((ast.IfExp, ast.comprehension), 3),
    ((ast.Call, ast.List, ast.Set, ast.Dict, ast.Tuple, ast.keyword, ast.Slice), 1),
)


def _needed(parent: ast.AST, child: ast.AST) -> int:
    """The precedence that *child* must have to stand below *parent* without parentheses."""
    if _is_head(parent, child):
        return 16
    if isinstance(parent, ast.BinOp):
        own = precedence(parent)
        return own if child is parent.left and not isinstance(parent.op, ast.Pow) else own + 1
    if isinstance(parent, (ast.BoolOp, ast.Compare)):
        return precedence(parent) + 1
    if isinstance(parent, ast.UnaryOp):
        return precedence(parent)
    return next((bound for kinds, bound in _HOLDERS if isinstance(parent, kinds)), 0)


def _is_head(parent: ast.AST, child: ast.AST) -> bool:
    return (isinstance(parent, ast.Subscript) and child is parent.value) or (
        isinstance(parent, ast.Call) and child is parent.func
    )


@dataclass
class Hints:
    """What the failing tests told, for templates that ask."""

    names: tuple[str, ...] = ()
    """Names that were not defined."""
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes that were missing, with those that the object does have."""
    modules: tuple[str, ...] = ()
    """Modules that could not be found."""
    imports: tuple[tuple[str, str], ...] = ()
    """Module and name of ``from module import name`` that failed."""
    arguments: bool = False
    """A call had the wrong number or names of arguments."""
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of arguments that functions did not know, with those of the parameters that they have."""
    forgotten: tuple[tuple[str, str], ...] = ()
    """Function and parameter, of calls that left out one that is needed."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys that were missing, with those that the dicts in reach do have."""
    steps: tuple[str, ...] = ()
    """Methods of the project that take nothing and go on from their own object."""
    literals: tuple[str, ...] = ()
    """Short literals that occur in the tests."""
    raised: tuple[str, ...] = ()
    """Types of the exceptions that failing tests died of."""
    expected: tuple[str, ...] = ()
    """Types of the exceptions that the tests expect."""
    crashes: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    """Types of the exceptions that failing tests died of, by the innermost line of the files handed in."""
    kinds: Kinds = field(default_factory=dict)
    """What the variables of each function held while the tests ran."""
    module_names: tuple[str, ...] = ()
    """Modules among the files handed in."""


@dataclass
class Site:
    """A node of a file."""

    source: Source
    node: ast.AST
    hints: Hints

    def text(self, node: ast.AST) -> str:
        return self.source.get(node)

    @property
    def parent(self) -> ast.AST:
        return self.source.parents[self.node]

    def fit(self, node: ast.AST, text: str) -> str:
        """*text* with parentheses if it needs them where *node* stands."""
        bound = _tightness(text.strip())
        begin, end = self.source.span(node)
        around = self.source.text[begin - 1 : begin] + self.source.text[end : end + 1]
        if around == "()" or bound >= _needed(self.source.parents[node], node):
            return text
        return f"({text})"

    def replace(self, node: ast.AST, text: str, extra: float = 0.0) -> Rewrite:
        """Put the expression *text* where *node* is."""
        begin, end = self.source.span(node)
        old = self.source.text[begin:end]
        return Rewrite((Edit(begin, end, self.fit(node, text)),), f"`{shorten(old)}` → `{shorten(text)}`", extra)

    def swap(self, one: ast.AST, other: ast.AST) -> Rewrite:
        """Exchange the texts of two expressions."""
        edits = tuple(
            Edit(*self.source.span(here), self.fit(here, self.text(there)))
            for here, there in ((one, other), (other, one))
        )
        return Rewrite(edits, f"`{shorten(self.text(one), 30)}` and `{shorten(self.text(other), 30)}` change places")

    def between(self, left: ast.AST, right: ast.AST) -> tuple[int, int]:
        """Span of what stands between two neighbours, such as an operator."""
        return self.source.span(left)[1], self.source.span(right)[0]

    def kinds(self, name: str) -> frozenset[str]:
        """What the variable held while the tests ran; empty where that is not known."""
        found: set[str] = set()
        for above in (self.node, *self.source.up(self.node)):
            if isinstance(above, FUNCTIONS):
                first = min([above.lineno, *(d.lineno for d in above.decorator_list)])
                found |= self.hints.kinds.get((self.source.path, first, above.name), {}).get(name, set())
        return frozenset(found)

    def kinds_of(self, node: ast.AST) -> frozenset[str]:
        """What an expression is, where that is as plain as a name or a constant."""
        if isinstance(node, ast.Name):
            return self.kinds(node.id)
        return frozenset((kind(node.value),)) if isinstance(node, ast.Constant) else frozenset()

    def unlike(self, node: ast.AST, name: str) -> bool:
        """Whether the variable is known to hold something else than the expression *node*."""
        return apart(self.kinds_of(node), self.kinds(name))

    def may_be(self, name: str, *wanted: str) -> bool:
        """Whether the variable may hold one of the *wanted* kinds; it may where nothing is known."""
        known = self.kinds(name) - {NOTHING}
        return not known or bool(known & set(wanted))

    def names(self) -> tuple[str, ...]:
        """Variables of the functions around."""
        return self.source.local_names(self.node)


@dataclass(frozen=True)
class Template:
    """One kind of repair."""

    name: str
    bits: float
    """How unlikely this kind is: -log2 of the share of faults that it mends."""
    write: Callable[[Site], Iterator[Rewrite]]
    least: float = 0.0
    """Bits that its number of alternatives costs at least in most places, so that its turn need not come earlier."""
    escapes: bool = False
    """It may make a failure vanish by not running the code that fails."""

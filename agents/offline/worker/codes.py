"""Code objects compared, so that a candidate is put in by exchanging only the functions it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from .edits import Change, apply
from .source import Source

_OPTIMIZED = 0x1
Where = tuple[str, int]
"""Qualified name of a function, and which of that name it is."""


def key(code: CodeType, *, functions: bool = True) -> object:
    """Equal for code that does the same, wherever it stands; without *functions* their bodies do not count."""
    consts = []
    for const in code.co_consts:
        if isinstance(const, CodeType):
            inner = const.co_name if not functions and const.co_flags & _OPTIMIZED else key(const, functions=functions)
            consts.append(("code", inner))
        else:
            consts.append((type(const).__name__, repr(const)))
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_name)
    return (code.co_code, tuple(consts), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, shape)


def functions(code: CodeType) -> Iterator[CodeType]:
    """All functions below *code*, outer ones first."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_flags & _OPTIMIZED:
                yield const
            yield from functions(const)


def by_name(code: CodeType) -> dict[Where, CodeType]:
    """The functions of *code* by qualified name, counted where several share one."""
    seen: dict[str, int] = {}
    found: dict[Where, CodeType] = {}
    for function in functions(code):
        count = seen[function.co_qualname] = seen.get(function.co_qualname, -1) + 1
        found[function.co_qualname, count] = function
    return found


@dataclass(frozen=True)
class Compiled:
    """A candidate, compiled."""

    identity: int
    """Hash of what it does, for dropping duplicates."""
    exchange: dict[Where, CodeType] | None = None
    """Functions to exchange in a running module."""
    rebuild: CodeType | None = None
    """Where that is not enough: the statement to run again in the module. None where all must be imported anew."""
    whole: CodeType | None = None
    """The statement, where it could be run again if the functions turn out not to be exchangeable."""


class Unit:
    """One top-level statement of a file: all that has to be compiled when an edit stays inside it."""

    def __init__(self, source: Source, node: ast.stmt, index: int) -> None:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        self.source = source
        self.node = node
        self.index = index
        self.line = first
        self.span = source.rows(first, node.end_lineno or node.lineno)
        self.original = self.compile(source.text[slice(*self.span)])
        self.whole = key(self.original)
        self.skeleton = key(self.original, functions=False)
        self.functions = by_name(self.original)
        self.keys = {where: key(code) for where, code in self.functions.items()}

    def holds(self, change: Change) -> bool:
        return all(self.span[0] <= e.start and e.end <= self.span[1] for e in change.edits)

    def compile(self, text: str) -> CodeType:
        flags = self.source.future_flags
        code: CodeType = compile("\n" * (self.line - 1) + text, self.source.path, "exec", flags, dont_inherit=True)
        return code

    def candidate(self, change: Change) -> Compiled | None:
        """*change* compiled; None where it does not compile or changes nothing."""
        begin, end = self.span
        text = self.source.text[begin:end]
        edited = apply(text, [type(e)(e.start - begin, e.end - begin, e.text) for e in change.edits])
        code = quietly(self.compile, edited)
        if code is None:
            return None
        whole = key(code)
        if whole == self.whole:
            return None
        identity = hash((self.source.path, self.index, whole))
        again = code if isinstance(self.node, (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)) else None
        if key(code, functions=False) != self.skeleton:
            return Compiled(identity, rebuild=again)
        new = by_name(code)
        if new.keys() != self.functions.keys():
            # an outer function makes its inner ones itself
            outer = {w: c for w, c in new.items() if "<locals>" not in w[0] and w in self.keys}
            return Compiled(identity, {w: c for w, c in outer.items() if key(c) != self.keys[w]}, whole=again)
        return Compiled(identity, {w: c for w, c in new.items() if key(c) != self.keys[w]}, whole=again)


class Compiler:
    """Compiles the candidates of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.units = [Unit(source, node, index) for index, node in enumerate(source.tree.body)]

    def candidate(self, change: Change) -> Compiled | None:
        for unit in self.units:
            if unit.holds(change):
                return unit.candidate(change)
        text = apply(self.source.text, change.edits)
        code = quietly(compile, text, self.source.path, "exec", self.source.future_flags, True)  # noqa: FBT003  # compile takes it by position only
        return None if code is None else Compiled(hash((self.source.path, -1, key(code))))


def quietly(call: object, *arguments: object) -> CodeType | None:
    """The code, or None where Python refuses the text."""
    try:
        return call(*arguments)  # type: ignore[operator, no-any-return]  # compile has no single type
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        return None

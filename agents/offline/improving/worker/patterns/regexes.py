"""A regular expression that is looked up or compiled at every call: compile it once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ..program import Program, top
from ..proposal import Proposal

AFTER_PATTERN = {"match": 1, "search": 1, "fullmatch": 1, "findall": 1, "finditer": 1, "split": 2, "sub": 3, "subn": 3}
"""How many positional arguments may follow the pattern that the compiled pattern's own method takes as well."""


def regexes(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[pattern, *rest]):
                if program.function(node) is None:
                    continue
                flags = [keyword for keyword in node.keywords if keyword.arg == "flags"]
                if len(rest) > AFTER_PATTERN.get(method, 0) and method != "compile":
                    continue
                try:
                    if method == "compile" or isinstance(pattern, ast.Constant):
                        yield _at_the_top(program, node, method, pattern, flags)
                    elif isinstance(pattern, ast.Name) and not flags:
                        yield _before_the_loop(program, node, method, pattern)
                except LookupError:
                    continue


def _at_the_top(program: Program, node: ast.Call, method: str, pattern: ast.expr, flags: list[ast.keyword]) -> Proposal:
    if method not in {"compile", *AFTER_PATTERN} or not isinstance(pattern, ast.Constant):
        raise LookupError("the pattern is not known before the call")
    if not all(_constant(keyword.value) for keyword in flags) or (
        method == "compile" and not all(map(_constant, node.args[1:]))
    ):
        raise LookupError("the flags are not known before the call")
    outermost = [above for above in program.up(node) if isinstance(above, ast.stmt)][-1]
    function = program.function(node)
    assert function is not None  # noqa: S101  # the caller looked
    name = program.fresh(f"{function.name.strip('_').upper()}_PATTERN")
    if method == "compile":
        compiled, called = program.get(node), program.replaced(node, name)
    else:
        given = [program.get(pattern), *(f"flags={program.get(keyword.value)}" for keyword in flags)]
        compiled, called = (
            f"re.compile({', '.join(given)})",
            program.replaced(node, f"{name}.{method}({_rest(program, node)})"),
        )
    start = program.line_start(top(outermost))
    edits = (Edit(start, start, f"{name} = {compiled}\n\n\n"), called)
    note = f"compile the pattern once, as `{name}`"
    return Proposal("regular expression", program.path, node.lineno, note, edits, program.unit(node), warm=True)


def _before_the_loop(program: Program, node: ast.Call, method: str, pattern: ast.Name) -> Proposal:
    found = None
    for loop in program.loops(node):
        # given to `re` itself, a text stays what it is
        if any(use is not pattern and not program.steady_use(use) for use in program.uses(loop, pattern.id)):
            break
        found = loop
    if found is None or method not in AFTER_PATTERN:
        raise LookupError("the pattern may be another one each time")
    name = program.fresh(f"compiled_{pattern.id}")
    edits = (
        program.before(program.place_before(found), f"{name} = re.compile({pattern.id})"),
        program.replaced(node, f"{name}.{method}({_rest(program, node)})"),
    )
    note = f"compile the pattern once before the loop, as `{name}`"
    return Proposal("regular expression", program.path, node.lineno, note, edits, program.unit(node), warm=True)


def _rest(program: Program, node: ast.Call) -> str:
    """The arguments without the pattern and the flags, as they stand."""
    kept = [program.get(argument) for argument in node.args[1:]]
    kept += [program.text[slice(*program.span(keyword))] for keyword in node.keywords if keyword.arg != "flags"]
    return ", ".join(kept)


def _constant(node: ast.expr) -> bool:
    """A flag by its name, or several of them."""
    match node:
        case ast.Attribute(value=ast.Name(id="re")):
            return True
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _constant(left) and _constant(right)
    return False

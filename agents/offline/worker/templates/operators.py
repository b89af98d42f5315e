"""Operators: another one, none, turned round, or binding otherwise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template

ORDERS = ("<", "<=", ">", ">=", "==", "!=")
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
BITS = ("&", "|", "^", "<<", ">>")
_SIGNS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@",
}  # fmt: skip
_LIKELY = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=",), "!=": ("==",),
    "+": ("-", "*"), "-": ("+",), "*": ("+", "//", "**"), "/": ("//", "*"), "//": ("/", "%", "*"), "%": ("//", "/"), "**": ("*",),
    "&": ("|", "^"), "|": ("&", "^"), "^": ("&", "|", "**"), "<<": (">>",), ">>": ("<<",),
}  # fmt: skip


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def sign(operator: ast.AST) -> str:
    """How *operator* is written."""
    return _SIGNS[type(operator)]


def _operator(site: Site, left: ast.AST, right: ast.AST, old: str, new: str, *, extra: float = 0.0) -> Rewrite | None:
    """Replace the operator written between two operands."""
    begin, end = site.between(left, right)
    gap = site.source.text[begin:end]
    pattern = re.escape(old).replace(r"\ ", r"\s+")
    found = re.search(rf"\b{pattern}\b" if old[0].isalpha() else pattern, gap)
    if found is None:
        return None
    edit = Edit(begin + found.start(), begin + found.end(), new)
    return Rewrite((edit,), f"operator `{old}` → `{new}`", extra)


def compare(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Compare):
        return
    operands = [node.left, *node.comparators]
    for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
        old = sign(operator)
        if old in ORDERS:
            others: tuple[str, ...] = tuple(o for o in ORDERS if o != old)
            if old in ("==", "!="):
                others += ("is" if old == "==" else "is not", "in" if old == "==" else "not in")
        else:
            others = {"in": ("not in", "=="), "not in": ("in", "!="), "is": ("is not", "=="), "is not": ("is", "!=")}[
                old
            ]
        literal = isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
        for new in others:
            if new in ("is", "is not") and literal and "None" not in (site.text(left), site.text(right)):
                continue
            made = _operator(
                site, left, right, old, new, extra=0.0 if new in _LIKELY.get(old, ()) or len(new) > 2 else 1.0
            )
            if made:
                yield made


def arithmetic(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.MatMult):
        return
    old = sign(node.op)
    text = isinstance(node.left, (ast.Constant, ast.JoinedStr)) and isinstance(getattr(node.left, "value", ""), str)
    for new in (*ARITHMETIC, *BITS):
        if new == old or (text and new not in ("+", "%", "*")):
            continue
        near = new in _LIKELY.get(old, ())
        same = (new in BITS) == (old in BITS)
        made = _operator(site, node.left, node.right, old, new, extra=0.0 if near else 1.0 if same else 3.0)
        if made:
            yield made


def augmented(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.AugAssign):
        old = sign(node.op)
        for new in (*ARITHMETIC, *BITS, ""):
            if new != old:
                near = new in _LIKELY.get(old, ()) or not new
                same = (new in BITS) == (old in BITS)
                made = _operator(
                    site, node.target, node.value, f"{old}=", f"{new}=", extra=0.0 if near else 1.0 if same else 3.0
                )
                if made:
                    yield made


def accumulate(site: Site) -> Iterator[Rewrite]:
    """``x = y`` that was to add to what is there."""
    node = site.node
    if (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], (ast.Name, ast.Attribute, ast.Subscript))
    ):
        for new in ("+=", "-=", "*=", "|=", "//="):
            made = _operator(site, node.targets[0], node.value, "=", new)
            if made:
                yield made


def boolean(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.BoolOp):
        return
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        made = _operator(site, left, right, old, new)
        if made:
            yield made


def negate(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield site.replace(node, site.text(node.operand))
    elif _is_condition(site, node):
        if (
            isinstance(node, (ast.Compare,))
            and len(node.ops) == 1
            and sign(node.ops[0]) in ("in", "is", "==", "!=", "is not", "not in")
        ):
            return  # the comparison's own opposite says the same, and reads better
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            old = sign(node.ops[0])
            opposite = _operator(site, node.left, node.comparators[0], old, _OPPOSITE[old])
            if opposite:
                yield opposite
            return
        text = site.text(node)
        loose = isinstance(node, (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr))
        yield site.replace(node, f"not ({text})" if loose else f"not {text}")


def _is_condition(site: Site, node: ast.AST) -> bool:
    parent = site.parent
    if isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)):
        return node is parent.test
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    if isinstance(parent, ast.Return):
        return isinstance(node, (ast.Compare, ast.BoolOp, ast.Call, ast.Name))
    return isinstance(parent, ast.BoolOp)


def unwrap(site: Site) -> Iterator[Rewrite]:
    """One operand in place of the whole."""
    node = site.node
    if isinstance(node, ast.BinOp):
        yield site.replace(node, site.text(node.left))
        yield site.replace(node, site.text(node.right))
    elif isinstance(node, ast.BoolOp):
        for index, _ in enumerate(node.values):
            kept = [site.text(v) for at, v in enumerate(node.values) if at != index]
            word = " and " if isinstance(node.op, ast.And) else " or "
            yield site.replace(node, word.join(kept))
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        yield site.replace(node, site.text(node.operand))
    elif isinstance(node, ast.IfExp):
        yield site.replace(node, site.text(node.body))
        yield site.replace(node, site.text(node.orelse))


def swap_operands(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
        yield site.swap(node.left, node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and sign(node.ops[0]) not in ("==", "!=", "is", "is not"):
        yield site.swap(node.left, node.comparators[0])
    elif isinstance(node, ast.BoolOp) and len(node.values) == 2:
        yield site.swap(*node.values)
    elif isinstance(node, ast.IfExp):
        yield site.swap(node.body, node.orelse)


def reassociate(site: Site) -> Iterator[Rewrite]:
    """``a - b * c / d`` bound the other way: the operator takes less of what stands beside it."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    text = site.source.text
    begin, end = site.source.span(node)
    left, right = site.source.span(node.left), site.source.span(node.right)
    between = text[left[1] : right[0]]
    if isinstance(node.right, ast.BinOp):
        if "(" in between:
            a, b = site.text(node.right.left), site.text(node.right.right)
            yield site.replace(node, f"({text[begin : left[1]]} {sign(node.op)} {a}) {sign(node.right.op)} {b}")
        else:
            stops = [site.source.span(part) for part in _spine(node.right, "left")]
            for _, stop in (span for span in stops if span[0] == right[0]):
                yield site.replace(node, f"({text[begin:stop]}){text[stop:end]}")
    if isinstance(node.left, ast.BinOp):
        if ")" in between:
            a, b = site.text(node.left.left), site.text(node.left.right)
            yield site.replace(node, f"{a} {sign(node.left.op)} ({b} {sign(node.op)} {text[right[0] : end]})")
        else:
            starts = [site.source.span(part) for part in _spine(node.left, "right")]
            for start, _ in (span for span in starts if span[1] == left[1]):
                yield site.replace(node, f"{text[begin:start]}({text[start:end]})")


def _spine(node: ast.expr, side: str) -> Iterator[ast.expr]:
    """What stands at one *side* of *node*, from the largest part to the smallest."""
    while isinstance(node, ast.BinOp):
        node = getattr(node, side)
        yield node


def minus(site: Site) -> Iterator[Rewrite]:
    """The same with the other sign."""
    node, parent = site.node, site.parent
    if isinstance(node, (ast.Name, ast.Call, ast.Subscript, ast.Attribute)) and isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        if isinstance(
            parent, (ast.Return, ast.Assign, ast.Call, ast.BinOp, ast.Tuple, ast.Lambda, ast.keyword, ast.IfExp)
        ) and node is not getattr(parent, "func", None):
            yield site.replace(node, f"-{site.text(node)}")
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, (ast.BitAnd, ast.BitOr)):
            yield site.replace(node, f"~{site.text(node)}")


def absolute(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield site.replace(node, f"abs({site.text(node)})")


TEMPLATES = (
    Template("cmp-op", 2.5, compare, escapes=True),
    Template("arith-op", 3.5, arithmetic),
    Template("aug-op", 3.0, augmented),
    Template("accumulate", 4.0, accumulate),
    Template("bool-op", 3.0, boolean, escapes=True),
    Template("negate", 3.5, negate, escapes=True),
    Template("unwrap-binop", 3.5, unwrap, escapes=True),
    Template("swap-operands", 3.5, swap_operands),
    Template("reassoc", 5.0, reassociate),
    Template("minus", 6.0, minus),
    Template("absolute", 5.0, absolute),
)

"""Calls: their arguments, what they are wrapped round, and whether they happen at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template

_WRAPPERS = (
    "len",
    "list",
    "sorted",
    "set",
    "int",
    "str",
    "abs",
    "tuple",
    "sum",
    "max",
    "min",
    "reversed",
    "range",
    "enumerate",
    "float",
    "bool",
)
_METHODS = ("strip()", "lower()", "upper()", "copy()", "items()", "keys()", "values()", "split()", "pop()")


def _value(site: Site) -> bool:
    """Whether the node is an expression that stands for a value, not a call's own name or a target."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.expr) or isinstance(node, (ast.Slice, ast.Starred, ast.Constant)):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or isinstance(
        parent, (ast.Expr, ast.Attribute, ast.JoinedStr)
    ):
        return False
    return not (isinstance(parent, ast.Call) and parent.func is node)


def swap_arguments(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for at, one in enumerate(node.args):
        for other in node.args[at + 1 :]:
            if (
                not isinstance(one, ast.Starred)
                and not isinstance(other, ast.Starred)
                and site.text(one) != site.text(other)
            ):
                yield site.swap(one, other)


def swap_parameters(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.arguments) and not node.defaults:
        for one, other in zip(node.args, node.args[1:], strict=False):
            if one.arg not in ("self", "cls"):
                yield site.swap(one, other)


def add_self(site: Site) -> Iterator[Rewrite]:
    """The first parameter of a method, where it was forgotten, or is too many."""
    node = site.node
    if not isinstance(node, ast.FunctionDef) or not isinstance(site.parent, ast.ClassDef) or node.decorator_list:
        return
    text = site.source.text
    at = text.find("(", text.find(node.name, site.source.span(node)[0])) + 1
    first = node.args.args[0].arg if node.args.args else ""
    if at and first != "self":
        yield Rewrite((Edit(at, at, "self, " if first else "self"),), f"`{node.name}` takes `self`")


def drop_argument(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.Call) and node.args:
        for index, gone in enumerate(node.args):
            yield _call(
                site,
                node,
                [site.text(a) for at, a in enumerate(node.args) if at != index],
                f"without `{shorten(site.text(gone), 30)}`",
            )
    if isinstance(node, ast.Call):
        for index, keyword in enumerate(node.keywords):
            kept = [site.text(k) for at, k in enumerate(node.keywords) if at != index]
            yield _call(site, node, [site.text(a) for a in node.args], f"without `{keyword.arg}`", kept)


def _call(site: Site, node: ast.Call, arguments: list[str], note: str, keywords: list[str] | None = None) -> Rewrite:
    rest = [site.text(k) for k in node.keywords] if keywords is None else keywords
    text = f"{site.text(node.func)}({', '.join([*arguments, *rest])})"
    return Rewrite((Edit(*site.source.span(node), text),), f"`{shorten(site.text(node))}` {note}")


def add_argument(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Call):
        return
    cost = 0.0 if site.hints.arguments else 2.0
    texts = [site.text(a) for a in node.args]
    for name in (*site.names(), "0", "1", "None", "True", "[]"):
        for at in range(len(texts) + 1):
            made = _call(site, node, [*texts[:at], name, *texts[at:]], f"with `{name}`")
            yield Rewrite(made.edits, made.note, cost)
    function = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    by_part = (
        "key=lambda item: item[1]",
        "key=lambda item: item[0]",
        "key=lambda item: -item[1]",
        "key=lambda item: (-item[1], item[0])",
    )
    extras = {"sort": ("reverse=True", "key=len", "key=abs", *by_part), "sorted": ("reverse=True", "key=len", "key=abs", "key=str.lower", *by_part), "max": ("default=0", "key=len", "key=abs", "default=None", *by_part[:2]), "min": ("default=0", "key=len", "key=abs", "default=None", *by_part[:2]), "sum": ("[]",), "round": ("2", "1"), "int": ("2",), "zip": ("strict=True",), "join": (), "print": ("end=\'\'", "sep=\'\'"), "enumerate": ("start=1",), "dumps": ("sort_keys=True",), "split": ("maxsplit=1",)}  # fmt: skip
    for extra in extras.get(function, ()):
        yield _call(site, node, [*texts, extra], f"with `{extra}`")


def wrap(site: Site) -> Iterator[Rewrite]:
    if _value(site):
        text = site.text(site.node)
        for name in _WRAPPERS:
            yield site.replace(site.node, f"{name}({text})")


def wrap_method(site: Site) -> Iterator[Rewrite]:
    if _value(site) and isinstance(site.node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        for call in _METHODS:
            yield site.replace(site.node, f"{site.text(site.node)}.{call}")


def wrap_minmax(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if _value(site) and isinstance(site.parent, (ast.Return, ast.Assign, ast.Call, ast.BinOp, ast.AugAssign)):
        assigned = isinstance(site.parent, ast.Assign) and isinstance(
            site.parent.targets[0], (ast.Name, ast.Attribute, ast.Subscript)
        )
        others: list[str] = (
            [site.text(site.parent.targets[0])] if isinstance(site.parent, ast.Assign) and assigned else []
        )
        others += ["0", "1", *(n for n in site.names() if n not in others)]
        for function in ("max", "min"):
            for at, other in enumerate(others):
                if other != site.text(node):
                    yield site.replace(
                        node, f"{function}({other}, {site.text(node)})", 0.0 if assigned and not at else 1.5
                    )


def unwrap(site: Site) -> Iterator[Rewrite]:
    """An argument or the object instead of the call."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            yield site.replace(node, site.text(argument))
    if isinstance(node.func, ast.Attribute):
        yield site.replace(node, site.text(node.func.value))


def parentheses(site: Site) -> Iterator[Rewrite]:
    """A function meant to be called, or one meant not to be."""
    node = site.node
    if _value(site) and isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(site.parent, ast.keyword):
        yield site.replace(node, f"{site.text(node)}()")
    if isinstance(node, ast.Attribute) and isinstance(site.parent, ast.Expr):
        yield site.replace(node, f"{site.text(node)}()")
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        yield site.replace(node, site.text(node.func))


def ranges(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if (
        not isinstance(node, ast.Call)
        or not isinstance(node.func, ast.Name)
        or node.func.id != "range"
        or node.keywords
    ):
        return
    texts = [site.text(a) for a in node.args]
    if len(texts) == 1:
        proposals = [
            f"range(1, {texts[0]})",
            f"range(len({texts[0]}))",
            f"range(1, {texts[0]} + 1)",
            f"range({texts[0]} - 1, -1, -1)",
            texts[0],
        ]
        proposals += [f"range({name}, {texts[0]})" for name in site.names()] + [
            f"range({name} + 1, {texts[0]})" for name in site.names()
        ]
    else:
        proposals = [f"range({texts[1]})", f"range({texts[0]}, {texts[1]}, -1)", f"range({texts[1]}, {texts[0]}, -1)"]
        proposals += [f"range({texts[0]}, {texts[1]}, {step})" for step in (2, *site.names())]
    for text in (*proposals, f"reversed({site.text(node)})"):
        if text != site.text(node):
            yield site.replace(node, text)


def use_result(site: Site) -> Iterator[Rewrite]:
    """What to do with the result of a call that was made for nothing, or nothing with one that was kept."""
    node = site.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        begin, end = site.source.span(node)
        text = site.text(node)
        if isinstance(node.value.func, ast.Attribute):
            owner = site.text(node.value.func.value)
            yield Rewrite((Edit(begin, begin, f"{owner} = "),), f"keep the result in `{shorten(owner, 30)}`")
        for name in site.names():
            for new, extra in (
                (f"{name}.extend({text})", 0.5),
                (f"{name}.append({text})", 1.0),
                (f"{name} += {text}", 0.5),
                (f"{name} = {text}", 0.5),
            ):
                yield Rewrite((Edit(begin, end, new),), f"`{shorten(text, 40)}` → `{shorten(new)}`", extra)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        yield Rewrite(
            (Edit(site.source.span(node)[0], site.source.span(node.value)[0], ""),), "do not keep what the call returns"
        )


TEMPLATES = (
    Template("swap-args", 3.5, swap_arguments),
    Template("swap-params", 5.5, swap_parameters),
    Template("add-self-parameter", 1.0, add_self),
    Template("drop-arg", 5.0, drop_argument, escapes=True),
    Template("add-arg", 4.0, add_argument, least=2.5),
    Template("wrap-call", 4.5, wrap, least=3.5),
    Template("wrap-method", 5.0, wrap_method, least=3.0),
    Template("wrap-minmax", 5.0, wrap_minmax, least=1.5),
    Template("unwrap-call", 4.0, unwrap, escapes=True),
    Template("parentheses", 5.0, parentheses),
    Template("range", 4.0, ranges, escapes=True),
    Template("use-result", 5.0, use_result, escapes=True),
)

"""What two places of a project have to agree on: names of parameters and keys, words that a library takes, steps of a chain."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template
from .names import close

FAR = 3.0
"""Bits for a name that does not resemble the one that was used."""
_OPTIONS = (
    ("inner", "left", "right", "outer", "cross"),
    ("asc", "desc", "ascending", "descending"),
    ("first", "last"),
    ("start", "end"),
    ("index", "columns"),
    ("mean", "median", "sum", "count", "min", "max", "size"),
    ("ffill", "bfill", "pad", "backfill", "nearest"),
    ("forward", "backward"),
    ("raise", "coerce", "ignore"),
    ("strict", "replace", "ignore"),
    ("both", "neither", "left", "right"),
    ("any", "all"),
    ("r", "w", "a", "x", "rb", "wb", "ab"),
    ("GET", "POST", "PUT", "PATCH", "DELETE"),
    ("utf-8", "utf-8-sig", "latin-1", "ascii"),
    ("yes", "no"),
    ("true", "false"),
    ("on", "off"),
    ("up", "down"),
)
"""Words of which libraries take one for another."""
_ORDERING = ("order", "sort")


def keyword(site: Site) -> Iterator[Rewrite]:
    """The parameter that a call means by a name which the function does not have."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    for given in node.keywords:
        known = site.hints.keywords.get(given.arg or "", ())
        used = {other.arg for other in node.keywords}
        begin, _ = site.source.span(given)
        for name, extra in _likeliest(given.arg or "", [name for name in known if name not in used]):
            note = f"keyword `{given.arg}` → `{name}`"
            yield Rewrite((Edit(begin, begin + len(given.arg or ""), name),), note, extra)


def parameter(site: Site) -> Iterator[Rewrite]:
    """A parameter that others call by another name, with its uses in the function."""
    node = site.node
    if not isinstance(node, ast.arg):
        return
    function = site.source.function(node)
    if function is None:
        return
    begin, _ = site.source.span(node)
    for name in close(node.arg, list(site.hints.keywords)):
        uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == node.arg]
        edits = [Edit(begin, begin + len(node.arg), name), *(Edit(*site.source.span(n), name) for n in uses)]
        yield Rewrite(tuple(edits), f"parameter `{node.arg}` is called `{name}`")


def forgotten(site: Site) -> Iterator[Rewrite]:
    """An argument that the function has to be given."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    _, end = site.source.span(node)
    text = site.text(node).rstrip(")").rstrip()
    comma = "" if text.endswith(("(", ",")) else ", "
    for function, name in site.hints.forgotten:
        if called != function or any(given.arg == name for given in node.keywords):
            continue
        near = close(name, list(site.names()))
        values = [(value, 0.0) for value in dict.fromkeys((*([name] if name in site.names() else []), *near))]
        values += [(value, FAR) for value in site.names() if value not in near and value != name]
        for value, extra in values:
            made = f"{name}={value}"
            yield Rewrite(
                (Edit(end - 1, end - 1, f"{comma}{made}"),), f"`{shorten(site.text(node))}` with `{made}`", extra
            )


def key(site: Site) -> Iterator[Rewrite]:
    """The key that was meant by one which a dict in reach did not have."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    for name, extra in _likeliest(node.value, list(site.hints.keys.get(node.value, ()))):
        yield site.replace(node, site.source.quoted(name), extra)


def _likeliest(word: str, known: list[str]) -> list[tuple[str, float]]:
    near = close(word, known)
    return [(name, rank * 0.5) for rank, name in enumerate(near)] + [(name, FAR) for name in known if name not in near]


def option(site: Site) -> Iterator[Rewrite]:
    """Another of the words that are taken at such a place."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    if not isinstance(site.parent, (ast.Call, ast.keyword, ast.Dict, ast.Tuple, ast.arguments)):
        return
    found = {word: None for words in _OPTIONS if node.value in words for word in words if word != node.value}
    for word in found:
        yield site.replace(node, site.source.quoted(word))


def turned(site: Site) -> Iterator[Rewrite]:
    """A field's name in an order, which a minus turns round."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value:
        return
    above = [site.parent, *site.source.up(site.parent)][:2]
    asked = any(
        word in site.text(call.func).rpartition(".")[2]
        for call in above
        if isinstance(call, ast.Call)
        for word in _ORDERING
    ) or any(
        isinstance(target, ast.Name) and any(word in target.id for word in _ORDERING)
        for made in above
        if isinstance(made, ast.Assign)
        for target in made.targets
    )
    if asked:
        name = node.value.removeprefix("-")
        yield site.replace(node, site.source.quoted(name if name != node.value else f"-{name}"))


def step(site: Site) -> Iterator[Rewrite]:
    """A step of the project's own in a chain of calls, such as a filter that was left out."""
    node, parent = site.node, site.parent
    if not isinstance(node, (ast.Attribute, ast.Call)) or not isinstance(parent, ast.Attribute):
        return
    above = site.source.parents.get(parent)
    if not isinstance(above, ast.Call) or above.func is not parent:
        return
    end = site.source.span(node)[1]
    for name in site.hints.steps:
        if parent.attr != name and not (isinstance(node, ast.Call) and site.text(node.func).endswith(f".{name}")):
            yield Rewrite((Edit(end, end, f".{name}()"),), f"`{shorten(site.text(node), 30)}` by way of `.{name}()`")


TEMPLATES = (
    Template("keyword-typo", 0.0, keyword),
    Template("parameter-typo", 1.0, parameter),
    Template("forgotten-arg", 1.0, forgotten),
    Template("key-typo", 0.5, key),
    Template("option", 2.5, option),
    Template("turn-order", 1.0, turned),
    Template("insert-step", 4.0, step, escapes=True),
)

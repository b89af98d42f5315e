"""A plan as a picture: a flowchart in the language of Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agents.plans.plan import Kind, Plan
from engine.projects.deploying.disks import files_of

_UNSAFE = re.compile(r"[^A-Za-z0-9 .,/+-]")
"""What could mean something to Mermaid, or to a browser, stands as the number of its character."""
_WORDS = 60
_SHAPES: Mapping[Kind, tuple[str, str]] = {
    "page": ("[", "]"),
    "api": ("[", "]"),
    "worker": ("[[", "]]"),
    "job": ("{{", "}}"),
}


def diagram(plan: Plan) -> str:
    """Who reaches whom in *plan*, as Mermaid reads it: people, components and stores, and between them what is called."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(plan))]) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    called = {owners[call] for component in plan.components for call in component.calls}
    yield 'people(["People and programs"])'
    yield 'subgraph components["Components"]'
    for component in plan.components:
        opening, closing = _SHAPES[component.kind]
        yield f'  {_id(component.name)}{opening}"{_label(component.name, component.purpose)}"{closing}'
    yield "end"
    if plan.stores:
        yield 'subgraph stores["Stores"]'
        for store in plan.stores:
            yield f'  {_id(store.name)}[("{_label(store.name, store.product)}")]'
        yield "end"
    for component in plan.components:
        if component.kind == "page" or (component.kind == "api" and component.name not in called):
            yield f"people --> {_id(component.name)}"
    for component in plan.components:
        for call in component.calls:
            yield f'{_id(component.name)} -->|"{_quoted(call)}"| {_id(owners[call])}'
        files = {store.name for store in files_of(component, plan)}
        for used in component.stores:
            arrow = '-->|"a file on its disk"|' if used in files else "-->"
            yield f"{_id(component.name)} {arrow} {_id(used)}"


def _id(name: str) -> str:
    # A prefix, because some words mean something by themselves: `end`, `style`, `o`.
    return f"part_{name.replace('-', '_')}"


def _label(name: str, words: str) -> str:
    short = words if len(words) <= _WORDS else f"{words[: _WORDS - 3]}..."
    return f"{_quoted(name)}<br/>{_quoted(short)}"


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)

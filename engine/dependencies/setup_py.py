"""``setup.py``, read and never run: what its call of ``setup`` is given in so many words."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from engine.dependencies.manifest import Manifest, Writing
from engine.dependencies.requirements_txt import read_requirements

MOST_DEEP = 6


def read_setup_py(path: str, texts: Mapping[str, str]) -> Manifest:
    """What the ``setup.py`` *path* of *texts* says is needed, as far as it is written down and not computed."""
    writing = Writing(path)
    try:
        tree = ast.parse(texts[path])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        writing.give_up(f"no Python ({type(error).__name__})")
        return writing.manifest
    names = _assigned(tree)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) == "setup":
            given = {word.arg: word.value for word in call.keywords if word.arg}
            spread = [word.value for word in call.keywords if word.arg is None]
            for each in spread:
                given |= {key: value for key, value in _pairs(each, names).items() if key not in given}
            _read(given, names, texts, writing)
            break
    return writing.manifest


def _read(
    given: Mapping[str, ast.expr], names: Mapping[str, ast.expr], texts: Mapping[str, str], writing: Writing
) -> None:
    name = _text(given.get("name"), names)
    writing.project = canonicalize_name(name) if name else ""
    writing.needs_python(_text(given.get("python_requires"), names))
    for keyword, group in (("install_requires", ""), ("tests_require", "test")):
        if keyword in given:
            _state(given[keyword], group, names, texts, writing)
    for extra, value in _pairs(given.get("extras_require"), names).items():
        _state(value, extra, names, texts, writing)
    writing.builds_with(_texts(given.get("setup_requires"), names) or ())
    extensions = given.get("ext_modules") or given.get("cffi_modules")
    writing.compiled = extensions is not None and not _is_empty(extensions, names)


def _state(
    value: ast.expr, group: str, names: Mapping[str, ast.expr], texts: Mapping[str, str], writing: Writing
) -> None:
    lines = _texts(value, names)
    if lines is not None:
        for line in (part for each in lines for part in each.splitlines()):
            writing.state(line, group=group)
        return
    # computed: mostly from a requirements file that is named nearby
    nearby = [
        _resolved(value, names),
        *(names[node.id] for node in ast.walk(value) if isinstance(node, ast.Name) and node.id in names),
    ]
    files = {
        (PurePosixPath(writing.path).parent / node.value).as_posix()
        for each in nearby
        for node in ast.walk(each)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".txt")
    }
    found = sorted(files & texts.keys())
    for path in found:
        writing.includes.append(path)
        writing.take(read_requirements(path, texts, group=group))
    if not found:
        what = f"the requirements{f' of {group!r}' if group else ''} are computed"
        writing.note(f"{writing.path}: {what}, and it is not run to learn them")


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """What names stand for, where a plain assignment says so; the last one counts."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node.value
    return found


def _resolved(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    for _ in range(MOST_DEEP):
        if not isinstance(node, ast.Name) or node.id not in names:
            break
        node = names[node.id]
    return node


def _texts(node: ast.expr | None, names: Mapping[str, ast.expr], deep: int = 0) -> list[str] | None:
    """A literal list of texts, sums of such included; None where any of it is computed."""
    if node is None or deep > MOST_DEEP:
        return None
    node = _resolved(node, names)
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.Constant(value=None):
            return []
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            found = [_texts(part.value if isinstance(part, ast.Starred) else part, names, deep + 1) for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = [_texts(left, names, deep + 1), _texts(right, names, deep + 1)]
        case _:
            return None
    if any(each is None for each in found):
        return None
    return [text for each in found if each is not None for text in each]


def _pairs(node: ast.expr | None, names: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """A dictionary that is written down, by its literal keys."""
    node = _resolved(node, names) if node is not None else None
    if isinstance(node, ast.Dict):
        return {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if isinstance(node, ast.Call) and _called(node) == "dict":
        return {word.arg: word.value for word in node.keywords if word.arg}
    return {}


def _text(node: ast.expr | None, names: Mapping[str, ast.expr]) -> str:
    found = _texts(node, names) or []
    return found[0] if len(found) == 1 else ""


def _is_empty(node: ast.expr, names: Mapping[str, ast.expr]) -> bool:
    node = _resolved(node, names)
    return (isinstance(node, ast.List | ast.Tuple) and not node.elts) or (
        isinstance(node, ast.Constant) and not node.value
    )


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""

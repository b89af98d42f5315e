"""Folders that a project's code is imported from, without being installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from engine.repository.configuration import sections, table

_NOT_THE_PROJECT = frozenset(
    "docs doc examples example samples demo tests test testing benchmarks fixtures templates testdata data".split()
)
"""Folders below which a manifest is no part of what is tested."""
_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py")


def import_path(texts: Mapping[str, str], names: Sequence[str], pythonpath: Sequence[str]) -> tuple[str, ...]:
    """What pytest's own `pythonpath` says, then what each manifest says of where its packages are; relative, in order."""
    folders = {above.as_posix() for name in names if name.endswith(".py") for above in PurePosixPath(name).parents}
    found = [_joined("", path) for path in pythonpath]
    for name in sorted(names, key=lambda name: name.count("/")):
        folder, _, last = name.rpartition("/")
        if not _NOT_THE_PROJECT.isdisjoint(folder.casefold().split("/")):
            continue
        if last in _MANIFESTS and name in texts:
            said = [_joined(folder, place) for place in _said(last, texts[name])]
            said = [place for place in said if place in folders and place != (folder or ".")]
            found += said
            if not said and _joined(folder, "src") in folders and not _is_package(_joined(folder, "src"), names):
                found.append(_joined(folder, "src"))
            elif folder and not said:
                found.append(folder)
        elif last == "manage.py":
            found.append(folder or ".")
    return tuple(dict.fromkeys(path for path in found if path in folders))


def _is_package(folder: str, names: Sequence[str]) -> bool:
    return f"{folder}/__init__.py" in names


def _joined(folder: str, path: str) -> str:
    parts: list[str] = []
    for part in f"{folder}/{path}".split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in {"", ".", ".."}:
            parts.append(part)
    return "/".join(parts) or "."


def _said(kind: str, text: str) -> Iterator[str]:
    if kind == "setup.py":
        yield from _of_setup(text)
    elif kind == "setup.cfg":
        options = sections(text).get("options", {})
        yield from re.findall(r"^\s*=\s*(\S+)", options.get("package_dir", ""), re.MULTILINE)
        where = sections(text).get("options.packages.find", {}).get("where", "")
        yield from where.split()
    else:
        yield from _of_pyproject(text)


def _of_pyproject(text: str) -> Iterator[str]:
    directories = table(text, "tool", "setuptools", "package-dir")
    if isinstance(root := directories.get(""), str):
        yield root
    where = table(text, "tool", "setuptools", "packages", "find").get("where")
    yield from (str(place) for place in where) if isinstance(where, list) else ()
    packages = table(text, "tool", "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and isinstance(origin := package.get("from"), str):
            yield origin
    wheel = table(text, "tool", "hatch", "build", "targets", "wheel")
    for key in ("packages", "sources"):
        listed = wheel.get(key)
        for package in listed if isinstance(listed, list) else ():
            yield str(PurePosixPath(str(package)).parent) if key == "packages" else str(package)
    if isinstance(module_root := table(text, "tool", "uv", "build-backend").get("module-root"), str):
        yield module_root
    for tool in ("pdm", "maturin"):
        place = table(text, "tool", "pdm", "build").get("package-dir") if tool == "pdm" else None
        place = table(text, "tool", "maturin").get("python-source") if tool == "maturin" else place
        if isinstance(place, str):
            yield place


def _of_setup(text: str) -> Iterator[str]:
    """What the call of ``setup`` says about folders, where that is written out."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="package_dir", value=ast.Dict(keys=[*keys], values=[*values])):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "" and isinstance(value, ast.Constant):
                        yield str(value.value)
            case ast.Call(
                func=ast.Name(id="find_packages" | "find_namespace_packages") | ast.Attribute(attr="find_packages")
            ):
                yield from (str(given.value) for given in node.args[:1] if isinstance(given, ast.Constant))
                yield from (
                    str(keyword.value.value)
                    for keyword in node.keywords
                    if keyword.arg == "where" and isinstance(keyword.value, ast.Constant)
                )

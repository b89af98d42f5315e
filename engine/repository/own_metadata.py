"""What an installed project could be asked about itself, for one that is only laid into a box: its name, version, entry points.

The folder is what `importlib.metadata` finds on the import path. It is made of text alone; nothing of the project runs.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from engine.dependencies.tables import Table, below, items, read_toml, table, text
from engine.domain import Value

UNKNOWN = "0+unknown"
"""The version of a project that says it nowhere, such as one that takes it from its tags."""
MOST_BYTES = 200_000
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,80}\Z")


class Metadata(Value):
    """As much of a distribution's metadata as the project's own text tells."""

    name: str
    version: str = ""
    summary: str = ""
    requires_python: str = ""
    requires: tuple[str, ...] = ()
    urls: Mapping[str, str] = {}
    """Addresses by what they lead to."""
    classifiers: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    entry_points: Mapping[str, Mapping[str, str]] = {}
    """By group, the object by its name."""


def own_metadata(files: Mapping[str, str]) -> Mapping[str, str]:
    """Text of the files of ``NAME-VERSION.dist-info`` by path, in the folder that comes first on the import path; none
    where the project has no name. *files* are all of its text files.
    """
    found = read(files)
    if found is None:
        return {}
    version = found.version or UNKNOWN
    folder = f"{re.sub(r'[-_.]+', '_', found.name)}-{version}.dist-info"
    root = "src/" if any(path.startswith("src/") and path.endswith(".py") for path in files) else ""
    if any(path.startswith((f"{root}{folder}/", f"{folder}/")) for path in files):
        return {}
    told = {"METADATA": _published(files, found.name, version) or _headers(found, version), "INSTALLER": "pip\n"}
    if found.entry_points:
        told["entry_points.txt"] = "".join(
            f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items()) + "\n"
            for group, points in found.entry_points.items()
        )
    packages = _packages(files, root)
    if packages:
        told["top_level.txt"] = "".join(f"{name}\n" for name in packages)
    return {f"{root}{folder}/{name}": content for name, content in told.items()}


def read(files: Mapping[str, str]) -> Metadata | None:
    """What the files in the project's own folder say; the first that has a name counts, the others add a version."""
    found = [made for made in (_pyproject(files), _setup_cfg(files), _setup_py(files)) if made is not None]
    if not found:
        return None
    first = found[0]
    roots = ("src/", "") if any(path.startswith("src/") for path in files) else ("",)
    names = [first.name, *(package for root in roots for package in _packages(files, root))]
    version = next((made.version for made in found if made.version), "") or _packed(files, names)
    points = next((made.entry_points for made in found if made.entry_points), {})
    return first.model_copy(update={"version": version, "entry_points": points})


def _pyproject(files: Mapping[str, str]) -> Metadata | None:
    document = read_toml(files.get("pyproject.toml", ""))
    if isinstance(document, str):
        return None
    project, poetry, flit = (
        table(document.get("project")),
        below(document, "tool", "poetry"),
        below(document, "tool", "flit", "metadata"),
    )
    name = text(project.get("name")) or text(poetry.get("name")) or text(flit.get("module"))
    if not _NAME.match(name):
        return None
    version = text(project.get("version")) or text(poetry.get("version"))
    if not _VERSION.match(version):
        version = _dynamic(document, name, files)
    groups = {group: table(points) for group, points in table(project.get("entry-points")).items()}
    groups |= {group: table(points) for group, points in below(poetry, "plugins").items()}
    groups |= {
        group: {**table(project.get(key)), **(table(poetry.get(key)) if key == "scripts" else {})}
        for key, group in (("scripts", "console_scripts"), ("gui-scripts", "gui_scripts"))
    }
    return Metadata(
        name=name,
        version=version,
        summary=_line(text(project.get("description")) or text(poetry.get("description"))),
        requires_python=_line(text(project.get("requires-python"))),
        requires=tuple(_line(text(line)) for line in items(project.get("dependencies")) if text(line)),
        urls={
            _line(name): _line(text(address)) for name, address in table(project.get("urls")).items() if text(address)
        },
        classifiers=tuple(_line(text(line)) for line in items(project.get("classifiers")) if text(line)),
        keywords=tuple(_line(text(word)) for word in items(project.get("keywords")) if text(word)),
        entry_points=_points(groups),
    )


def _dynamic(document: Table, name: str, files: Mapping[str, str]) -> str:
    """The version, where the build makes it of another file."""
    dynamic = below(document, "tool", "setuptools", "dynamic", "version")
    if text(dynamic.get("attr")):
        return _attribute(text(dynamic.get("attr")), files)
    hatch = text(below(document, "tool", "hatch", "version").get("path"))
    pdm = text(below(document, "tool", "pdm", "version").get("path"))
    places = [text(dynamic.get("file")), *map(text, items(dynamic.get("file"))), hatch, pdm]
    for place in filter(None, places):
        version = _version_in(files.get(PurePosixPath(place).as_posix(), ""))
        if version:
            return version
    return _said_by_package(name, files)


def _setup_cfg(files: Mapping[str, str]) -> Metadata | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(files.get("setup.cfg", ""))
    except (configparser.Error, ValueError):
        return None
    name = parser.get("metadata", "name", fallback="").strip()
    if not _NAME.match(name):
        return None
    version = parser.get("metadata", "version", fallback="").strip()
    if version.startswith("attr:"):
        version = _attribute(version.removeprefix("attr:").strip(), files)
    elif version.startswith("file:"):
        version = _version_in(files.get(version.removeprefix("file:").strip(), ""))
    groups: dict[str, dict[str, object]] = {}
    if parser.has_section("options.entry_points"):
        for group, lines in parser.items("options.entry_points"):
            pairs = (line.partition("=") for line in lines.splitlines() if "=" in line)
            groups[group] = {key.strip(): value.strip() for key, _, value in pairs}
    return Metadata(
        name=name,
        version=version if _VERSION.match(version) else _said_by_package(name, files),
        summary=_line(parser.get("metadata", "description", fallback="")),
        requires_python=_line(parser.get("options", "python_requires", fallback="")),
        entry_points=_points(groups),
    )


def _setup_py(files: Mapping[str, str]) -> Metadata | None:
    """What is a literal in the call of ``setup``."""
    for node in ast.walk(_tree(files.get("setup.py", ""))):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "setup"):
            continue
        given = {word.arg: _value(word.value) for word in node.keywords if word.arg}
        name, version = text(given.get("name")), text(given.get("version"))
        if _NAME.match(name):
            if not _VERSION.match(version):
                version = _version_in(files["setup.py"]) or _said_by_package(name, files)
            groups: dict[str, dict[str, object]] = {}
            for group, lines in table(given.get("entry_points")).items():
                pairs = (line.partition("=") for line in map(text, items(lines)) if "=" in line)
                groups[group] = {key.strip(): value.strip() for key, _, value in pairs}
            return Metadata(
                name=name,
                version=version,
                summary=_line(text(given.get("description"))),
                requires_python=_line(text(given.get("python_requires"))),
                entry_points=_points(groups),
            )
    return None


def _packed(files: Mapping[str, str], names: Sequence[str]) -> str:
    """The version that the metadata of a source distribution says, which stands in its folder; else what the packages of
    these names say of themselves.
    """
    for line in files.get("PKG-INFO", "").splitlines():
        if line.startswith("Version: ") and _VERSION.match(line.removeprefix("Version: ").strip()):
            return line.removeprefix("Version: ").strip()
    return next(filter(None, (_said_by_package(name, files) for name in names)), "")


def _published(files: Mapping[str, str], name: str, version: str) -> str:
    """All that a source distribution says of itself, where it is one of this project in this version; else nothing."""
    told = files.get("PKG-INFO", "")
    headers = told.partition("\n\n")[0].splitlines()
    its_name = next((line.removeprefix("Name:").strip() for line in headers if line.startswith("Name:")), "")
    same = re.sub(r"[-_.]+", "-", its_name).casefold() == re.sub(r"[-_.]+", "-", name).casefold()
    return told if same and f"Version: {version}" in headers and len(told) < MOST_BYTES else ""


def _said_by_package(name: str, files: Mapping[str, str]) -> str:
    """``__version__`` and the like in the modules where packages keep it."""
    module = re.sub(r"[-.]+", "_", name)
    places = (
        f"{module}/{file}.py" for file in ("__init__", "_version", "version", "__version__", "__about__", "about")
    )
    for place in (*places, f"{module}.py"):
        for root in ("src/", "", "lib/"):
            version = _version_in(files.get(root + place, ""))
            if version:
                return version
    return ""


def _attribute(dotted: str, files: Mapping[str, str]) -> str:
    """The text that ``package.module.NAME`` is assigned."""
    module, _, name = dotted.rpartition(".")
    place = module.replace(".", "/")
    for root in ("src/", "", "lib/"):
        for path in (f"{root}{place}.py", f"{root}{place}/__init__.py"):
            version = _version_in(files.get(path, ""), (name,))
            if version:
                return version
    return ""


def _version_in(source: str, names: tuple[str, ...] = ("__version__", "version", "VERSION", "__version")) -> str:
    """The version that *source* is, or that one of *names* is assigned in it."""
    if _VERSION.match(source.strip()) and source.strip()[0].isdigit():
        return source.strip()
    for node in _tree(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id in names for target in targets):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))  # noqa: S101 (only these have targets)
            value = _value(node.value) if node.value is not None else None
            if isinstance(value, tuple) and value and all(isinstance(part, (int, str)) for part in value):
                value = ".".join(map(str, value[:3]))
            if isinstance(value, str) and _VERSION.match(value):
                return value
    return ""


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source if len(source) < MOST_BYTES else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _value(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _points(groups: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str]]:
    made = {
        _line(group): {_line(name): _line(text(target)) for name, target in points.items() if text(target)}
        for group, points in groups.items()
    }
    return {group: points for group, points in made.items() if points}


def _packages(files: Mapping[str, str], root: str) -> list[str]:
    depth = len(PurePosixPath(root).parts) + 2
    parts = (PurePosixPath(path).parts for path in files if path.startswith(root) and path.endswith("/__init__.py"))
    return sorted({found[-2] for found in parts if len(found) == depth} - {"tests", "test", "testing", "docs"})


def _headers(found: Metadata, version: str) -> str:
    return "".join(f"{line}\n" for line in _header_lines(found, version))


def _header_lines(found: Metadata, version: str) -> Iterator[str]:
    yield "Metadata-Version: 2.1"
    yield f"Name: {found.name}"
    yield f"Version: {version}"
    if found.summary:
        yield f"Summary: {found.summary}"
    if found.requires_python:
        yield f"Requires-Python: {found.requires_python}"
    if found.keywords:
        yield f"Keywords: {','.join(found.keywords)}"
    for line in found.classifiers:
        yield f"Classifier: {line}"
    for name, address in found.urls.items():
        yield f"Project-URL: {name}, {address}"
    for line in found.requires:
        yield f"Requires-Dist: {line}"


def _line(value: str) -> str:
    """One line of it, as a header may have."""
    return " ".join(value.split())[:500]

"""``pyproject.toml``: what its standard tables say, and those of the tools that have their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from engine.dependencies.manifest import Manifest, Writing, shown
from engine.dependencies.poetry import read_poetry
from engine.dependencies.requirements_txt import read_requirements
from engine.dependencies.tables import Table, below, items, read_toml, table, text

MOST_NESTED = 20
COMPILING = frozenset(
    "cython cffi pybind11 nanobind mypyc mypy scikit-build scikit-build-core meson-python numpy oldest-supported-numpy".split()
)
"""Build requirements that tell of extension modules."""
COMPILING_BACKENDS = ("mesonpy", "scikit_build_core")


def read_pyproject(path: str, texts: Mapping[str, str]) -> Manifest:
    """What the ``pyproject.toml`` *path* of *texts* says is needed, with the files that it takes requirements from."""
    writing = Writing(path)
    document = read_toml(texts[path])
    if isinstance(document, str):
        writing.give_up(f"no TOML ({document})")
        return writing.manifest
    project, tool = table(document.get("project")), table(document.get("tool"))
    flit = below(tool, "flit", "metadata")
    name = text(project.get("name")) or text(below(tool, "poetry").get("name")) or text(flit.get("module"))
    writing.project = canonicalize_name(name) if name else ""
    writing.needs_python(project.get("requires-python") or flit.get("requires-python"))
    for line in [*items(project.get("dependencies")), *items(flit.get("requires"))]:
        writing.state(line)
    for extras in (project.get("optional-dependencies"), flit.get("requires-extra")):
        for extra, lines in table(extras).items():
            for line in items(lines):
                writing.state(line, group=extra)
    _groups(table(document.get("dependency-groups")), writing)
    _of_tools(tool, writing)
    _dynamic(below(tool, "setuptools", "dynamic"), texts, writing)
    read_poetry(below(tool, "poetry"), writing)
    _build(below(document, "build-system"), tool, writing)
    return writing.manifest


def _groups(groups: Table, writing: Writing) -> None:
    """PEP 735."""
    by_name: dict[str, object] = {canonicalize_name(name): lines for name, lines in groups.items()}
    for name in by_name:
        for line in _expanded(name, by_name, writing, within=()):
            writing.state(line, group=name)


def _expanded(
    name: str, groups: Mapping[str, object], writing: Writing, *, within: tuple[str, ...]
) -> Iterator[object]:
    if name in within or len(within) >= MOST_NESTED:
        writing.note(f"{writing.path}: the dependency group {shown(name)} includes itself")
        return
    for line in items(groups.get(name)):
        included = text(table(line).get("include-group"))
        if not included:
            yield line
        elif canonicalize_name(included) in groups:
            yield from _expanded(canonicalize_name(included), groups, writing, within=(*within, name))
        else:
            writing.note(f"{writing.path}: there is no dependency group {shown(included)} to include")


def _of_tools(tool: Table, writing: Writing) -> None:
    """Requirements for development that tools keep in tables of their own: uv, PDM and Hatch."""
    for line in items(below(tool, "uv").get("dev-dependencies")):
        writing.state(line, group="dev")
    for group, lines in below(tool, "pdm", "dev-dependencies").items():
        for line in items(lines):
            writing.state(line, group=group)
    for group, environment in below(tool, "hatch", "envs").items():
        tested = "test" if group in {"default", "hatch-test"} else group
        for key in ("dependencies", "extra-dependencies"):
            for line in items(table(environment).get(key)):
                writing.state(line, group=tested)
        if tested == "test":
            writing.own_extras += [text(extra) for extra in items(table(environment).get("features")) if text(extra)]


def _dynamic(dynamic: Table, texts: Mapping[str, str], writing: Writing) -> None:
    """Setuptools: requirements that stand in files of their own."""
    of_groups = {"": dynamic.get("dependencies"), **table(dynamic.get("optional-dependencies"))}
    for group, wish in of_groups.items():
        names = table(wish).get("file")
        for name in [names] if isinstance(names, str) else map(text, items(names)):
            path = (PurePosixPath(writing.path).parent / name).as_posix()
            if path not in texts:
                writing.note(f"{writing.path}: {shown(name)} is not among the project's files")
                continue
            writing.includes.append(path)
            writing.take(read_requirements(path, texts, group=group))


def _build(build: Table, tool: Table, writing: Writing) -> None:
    writing.builds_with(items(build.get("requires")))
    names = {line.split("[")[0].split(";")[0].strip() for line in (text(each) for each in items(build.get("requires")))}
    words = {canonicalize_name(_leading_name(name)) for name in names if name}
    extensions = bool(items(below(tool, "setuptools").get("ext-modules")))
    backend = text(build.get("build-backend"))
    writing.compiled = bool(words & COMPILING) or extensions or backend.startswith(COMPILING_BACKENDS)


def _leading_name(requirement: str) -> str:
    name = requirement
    for sign in " <>=!~@(":
        name = name.partition(sign)[0]
    return name

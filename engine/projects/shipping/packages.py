"""What the files of a component declare: packages, scripts, programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from engine.dependencies.tables import Table, items, read_toml, table
from engine.dependencies.tables import text as as_text
from engine.domain import Value


class Declared(Value):
    """Of one component, by its own files."""

    packages: frozenset[str] = frozenset()
    """Normalised names of what is installed with it."""
    for_development: frozenset[str] = frozenset()
    """Those that only its development needs."""
    scripts: frozenset[str] = frozenset()
    """Of ``package.json`` for `npm run`, or programs of ``[project.scripts]``."""
    python: str = ""
    """``requires-python``."""
    name: str = ""
    """Of the project itself, normalised."""
    unreadable: Mapping[str, str] = {}
    """Why nothing is known of a manifest, by path."""

    @property
    def all(self) -> frozenset[str]:
        return self.packages | self.for_development


def declared(context: Mapping[str, str]) -> Declared:
    """What the manifests in *context* say."""
    unreadable: dict[str, str] = {}
    packages: set[str] = set()
    development: set[str] = set()
    scripts: set[str] = set()
    python = name = ""
    if "pyproject.toml" in context:
        document = read_toml(context["pyproject.toml"])
        if isinstance(document, str):
            unreadable["pyproject.toml"] = f"it is no TOML: {document}"
        else:
            project = table(document.get("project"))
            packages |= _names(items(project.get("dependencies")))
            for extra in table(project.get("optional-dependencies")).values():
                development |= _names(items(extra))
            scripts |= set(table(project.get("scripts")))
            python = as_text(project.get("requires-python"))
            name = canonicalize_name(as_text(project.get("name")))
    for path, text in context.items():
        if path.endswith("requirements.txt"):
            packages |= _names(text.splitlines())
    if "package.json" in context:
        package = _package(context["package.json"])
        if isinstance(package, str):
            unreadable["package.json"] = f"it is no JSON: {package}"
        else:
            packages |= set(table(package.get("dependencies")))
            development |= set(table(package.get("devDependencies")))
            scripts |= set(table(package.get("scripts")))
    return Declared(
        packages=frozenset(packages),
        for_development=frozenset(development),
        scripts=frozenset(scripts),
        python=python,
        name=name,
        unreadable=unreadable,
    )


def script_of(context: Mapping[str, str], name: str) -> str:
    """The command that ``npm run`` *name* runs; empty where there is none."""
    package = _package(context.get("package.json", "{}"))
    return "" if isinstance(package, str) else as_text(table(package.get("scripts")).get(name))


def _package(text: str) -> Table | str:
    try:
        return table(json.loads(text))
    except (ValueError, RecursionError) as error:
        return str(error)[:200] or type(error).__name__


def _names(lines: Iterable[object]) -> set[str]:
    names: set[str] = set()
    for line in filter(None, map(as_text, lines)):
        try:
            names.add(canonicalize_name(Requirement(line.split(" #")[0].strip()).name))
        except InvalidRequirement:
            continue
    return names

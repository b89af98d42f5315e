"""What ``pip install`` of a project's folder puts where modules are found, as its build backend would choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from packaging.utils import canonicalize_name

from engine.dependencies.tables import below, items, read_toml, table, text

_NO_PACKAGE = """ci bin debian doc docs documentation manpages news newsfragments changelog test tests unit_test unit_tests
    example examples scripts tools util utils python build benchmark benchmarks exercise exercises htmlcov tasks fabfile
    site_scons dist node_modules [._]*""".split()
"""Folders that setuptools takes for no package where it chooses by itself."""
_NO_MODULE = """setup conftest test tests example examples build toxfile noxfile pavement dodo tasks fabfile conanfile manage
    benchmark benchmarks exercise exercises [._]*""".split()


class Chosen(NamedTuple):
    """What is installed."""

    tops: tuple[str, ...] = ()
    """Folders and modules, from the project's folder."""
    fault: str = ""
    """Why the build would end without any."""


def chosen(files: Mapping[str, str]) -> Chosen:
    """Of the *files* of a project, by their path in its folder."""
    document = read_toml(files.get("pyproject.toml", ""))
    if isinstance(document, str):
        return Chosen(fault=f"pyproject.toml is no TOML: {document}")
    backend = text(table(document.get("build-system")).get("build-backend")) or "setuptools.build_meta"
    if backend.startswith("hatchling"):
        return _hatchling(files, document)
    if backend.startswith("setuptools"):
        return _setuptools(files, document)
    return Chosen(tuple(_folders(files)))


def _setuptools(files: Mapping[str, str], document: Mapping[str, object]) -> Chosen:
    own = below(document, "tool", "setuptools")
    packages, modules = own.get("packages"), [str(each) for each in items(own.get("py-modules"))]
    if isinstance(packages, list) or modules:
        named = [str(each).partition(".")[0] for each in items(packages)]
        missing = [each for each in named if not _is_folder(each, files) and not _is_folder(f"src/{each}", files)]
        if missing and not table(own.get("package-dir")):
            return Chosen(fault=f"pyproject.toml names the package {missing[0]}, and there is no such folder")
        return Chosen(tuple(dict.fromkeys([*named, *(f"{each}.py" for each in modules)])))
    if isinstance(packages, dict) or "setup.py" in files or "setup.cfg" in files or _is_folder("src", files):
        return Chosen(tuple(_folders(files)))
    return _by_itself(files)


def _by_itself(files: Mapping[str, str]) -> Chosen:
    """As setuptools chooses in a flat layout: of several packages or modules, none."""
    found = [each for each in _folders(files) if not _among(each, _NO_PACKAGE)]
    if len(found) > 1:
        return Chosen(
            fault=f"setuptools does not choose among the packages {', '.join(found)}: name them in pyproject.toml, "
            "[tool.setuptools] packages = [...], or put them into src"
        )
    if found:
        return Chosen(tuple(found))
    alone = [path for path in files if "/" not in path and path.endswith(".py")]
    alone = [path for path in alone if not _among(path.removesuffix(".py"), _NO_MODULE)]
    if len(alone) > 1:
        return Chosen(
            fault=f"setuptools does not choose among the modules {', '.join(alone)}: name them in pyproject.toml, "
            "[tool.setuptools] py-modules = [...]"
        )
    return Chosen(tuple(alone))


def _hatchling(files: Mapping[str, str], document: Mapping[str, object]) -> Chosen:
    wheel = below(document, "tool", "hatch", "build", "targets", "wheel")
    if wheel or below(document, "tool", "hatch", "build"):
        named = [str(each).removeprefix("src/") for each in items(wheel.get("packages"))]
        return Chosen(tuple(named) or tuple(_folders(files)))
    name = canonicalize_name(text(below(document, "project").get("name"))).replace("-", "_")
    if any(f"{root}{name}/__init__.py" in files for root in ("", "src/")) or f"{name}.py" in files:
        return Chosen((name, f"{name}.py"))
    return Chosen(
        fault=f"hatchling finds no package {name}: name the folders in pyproject.toml, "
        "[tool.hatch.build.targets.wheel] packages = [...]"
    )


def _folders(files: Mapping[str, str]) -> list[str]:
    """Folders with Python files in them, those below ``src`` by their names there."""
    tops = {
        path.removeprefix("src/").partition("/")[0]
        for path in files
        if path.endswith(".py") and "/" in path.removeprefix("src/")
    }
    return sorted(each for each in tops if each.isidentifier())


def _is_folder(name: str, files: Mapping[str, str]) -> bool:
    return any(path.startswith(f"{name.replace('.', '/')}/") for path in files)


def _among(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)

"""Coverage of the tests as Cobertura XML, which Jenkins, GitLab and most services read.

The document type is Cobertura's ``coverage-04.dtd``; only lines are measured, so every branch rate is 0 of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from engine.ci.elements import document, element
from engine.domain import Value
from engine.repository.result import SuiteRun

NO_BRANCHES = {"branch-rate": "0", "complexity": "0"}


class _Lines(Value):
    hit: frozenset[int]
    all: frozenset[int]


def cobertura(run: SuiteRun, *, seconds: float, version: str, prefix: str = "") -> str:
    """Lines that ran among those that can, file by file; *seconds* since 1970 say when, *version* whose measuring it is."""
    files = {path: _Lines(hit=run_.hit & run_.all, all=run_.all) for path, run_ in _by_file(run).items()}
    hit, possible = _sums(files)
    root = element(
        None,
        "coverage",
        {
            "version": version,
            "timestamp": str(int(seconds * 1000)),
            "lines-valid": str(possible),
            "lines-covered": str(hit),
            "line-rate": _rate(hit, possible),
            "branches-covered": "0",
            "branches-valid": "0",
            **NO_BRANCHES,
        },
    )
    element(element(root, "sources", {}), "source", {}, ".")
    packages = element(root, "packages", {})
    folders: dict[str, dict[str, _Lines]] = {}
    for path, lines in sorted(files.items()):
        folders.setdefault(f"{prefix}{path}".rpartition("/")[0], {})[f"{prefix}{path}"] = lines
    for folder, inside in folders.items():
        rate = _rate(*_sums(inside))
        package = element(
            packages, "package", {"name": folder.replace("/", ".") or ".", "line-rate": rate, **NO_BRANCHES}
        )
        classes = element(package, "classes", {})
        for path, lines in inside.items():
            _class(classes, path, lines)
    return document(root)


def _by_file(run: SuiteRun) -> dict[str, _Lines]:
    return {
        path: _Lines(hit=frozenset(run.executed.get(path, ())), all=frozenset(lines))
        for path, lines in run.executable.items()
    }


def _class(classes: Element, path: str, lines: _Lines) -> None:
    rate = _rate(len(lines.hit), len(lines.all))
    made = element(
        classes, "class", {"name": path.rpartition("/")[2], "filename": path, "line-rate": rate, **NO_BRANCHES}
    )
    element(made, "methods", {})
    listed = element(made, "lines", {})
    for number in sorted(lines.all):
        element(listed, "line", {"number": str(number), "hits": "1" if number in lines.hit else "0"})


def _sums(files: Mapping[str, _Lines]) -> tuple[int, int]:
    return sum(len(lines.hit) for lines in files.values()), sum(len(lines.all) for lines in files.values())


def _rate(hit: int, possible: int) -> str:
    return f"{hit / possible:.4f}" if possible else "0"

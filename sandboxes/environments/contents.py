"""What a folder of packages holds, as the packages' own metadata has it. Whoever made them wrote that: it is bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from sandboxes.base import Value

MOST_MODULES = 5_000


class Contents(Value):
    packages: Mapping[str, str] = {}
    """Version by normalised name of the distribution."""
    plugins: tuple[str, ...] = ()
    """Modules of the ``pytest11`` entry points."""
    modules: Mapping[str, str] = {}
    """Distribution by top-level module."""


def read_contents(site: Path) -> Contents:
    """What stands in *site*, as the packages' own metadata has it."""
    packages: dict[str, str] = {}
    plugins: set[str] = set()
    modules: dict[str, str] = {}
    for found in distributions(path=[str(site)]):
        name = canonicalize_name(found.metadata["Name"] or "")
        if not name:
            continue
        packages[name] = str(found.version)
        plugins.update(point.module for point in found.entry_points if point.group == "pytest11")
        for module in _top_level(found, site):
            if len(modules) < MOST_MODULES:
                modules.setdefault(module, name)
    return Contents(
        packages=dict(sorted(packages.items())), plugins=tuple(sorted(plugins)), modules=dict(sorted(modules.items()))
    )


def _top_level(found: Distribution, site: Path) -> Iterable[str]:
    """Modules and packages that *found* brings, also those it only adds to, as parts of a namespace package do."""
    names = set()
    for path in found.files or ():
        first, *below = path.parts
        if first in {"..", "bin", "__pycache__"} or first.endswith((".dist-info", ".data", ".egg-info")):
            continue
        if below and first.isidentifier() and (site / first).is_dir() and path.suffix in {".py", ".so", ".pyi"}:
            names.add(first)
        elif not below and path.suffix in {".py", ".so"}:
            names.add(first.partition(".")[0])
    return sorted(names)

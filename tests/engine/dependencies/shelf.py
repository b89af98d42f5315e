"""Environments out of a list of what there is, so that what is done with them can be seen without an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from packaging.requirements import Requirement

from sandboxes.environments.wanted import Environment, Unresolved, Wanted


class Shelf:
    """Has the distributions that it is given, each in one version, and the plugins of pytest that they bring."""

    def __init__(self, has: Mapping[str, str], *, plugins: Mapping[str, str] | None = None) -> None:
        self._has = has
        self._plugins = plugins or {}
        self.asked: list[Wanted] = []

    async def ensure(self, wanted: Wanted, on_progress: Callable[[str], None]) -> Environment:
        self.asked.append(wanted)
        on_progress("looking on the shelf")
        if wanted.nothing:
            return Environment(reference="")
        self._require(wanted.requirements)
        names = [Requirement(line.partition(" --hash")[0]).name.lower() for line in wanted.requirements]
        self._require([line for line in wanted.constraints if Requirement(line).name in names])
        return Environment(
            reference=f"shelf:{'-'.join(names)}",
            packages={name: self._has[name] for name in names},
            plugins=tuple(module for name, module in self._plugins.items() if name in names),
            modules={module: name for name, module in self._plugins.items()},
        )

    def _require(self, lines: Sequence[str]) -> None:
        for line in lines:
            requirement = Requirement(line.partition(" --hash")[0])
            version = self._has.get(requirement.name.lower())
            if version is None:
                raise Unresolved("unknown", f"there is no {requirement.name}", requirement=line)
            if not requirement.specifier.contains(version):
                raise Unresolved("conflict", f"{line} excludes {version}", requirement=line)

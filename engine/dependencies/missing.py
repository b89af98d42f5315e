"""What a red suite is missing: a package that nobody has asked for, told so that its author knows where to ask for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from engine.dependencies.imports import top_level
from engine.dependencies.known import PLUGIN_OF_FIXTURE, distribution_of, may_bring
from engine.dependencies.manifest import Stated
from engine.domain import Finding
from sandboxes.environments.wanted import Environment

NAME = "dependencies"
MOST_FINDINGS = 20
MODULE = re.compile(r"No module named '([A-Za-z_][\w.]{0,200})'")
FIXTURE = re.compile(r"fixture '([A-Za-z_]\w{0,100})' not found")


class Known:
    """Whatever may explain that a module is not there: the project's own files, its manifests, its environment.

    *taken* are the normalised names of those of *stated* that the tests are given.
    """

    def __init__(
        self,
        files: Iterable[str],
        *,
        stated: Sequence[Stated] = (),
        taken: Collection[str] = (),
        manifests: Sequence[str] = (),
        environment: Environment | None = None,
    ) -> None:
        self._own = top_level(files)
        self.stated = stated
        self.taken = taken
        self.manifests = manifests
        self._modules: Mapping[str, str] = environment.modules if environment else {}
        self._packages: Mapping[str, str] = environment.packages if environment else {}

    def has_module(self, module: str) -> bool:
        top = module.partition(".")[0]
        shared = distribution_of(module) != distribution_of(top)
        return top in self._own or top in sys.stdlib_module_names or (top in self._modules and not shared)

    def has_package(self, distribution: str) -> bool:
        return canonicalize_name(distribution) in self._packages


def missing(findings: Iterable[Finding], known: Known) -> tuple[Finding, ...]:
    """A finding for each package that the tests fail for want of, with the manifest where it would have to be named.

    Only what *findings* of the tests tell; where a module of the project itself is not found, that is another fault.
    """
    found: dict[str, Finding] = {}
    for finding in findings:
        said = f"{finding.message}\n{finding.evidence}"
        if "No module named" in finding.message:
            for module in MODULE.findall(finding.message):
                if not known.has_module(module):
                    found.setdefault(module, _of_module(module, finding, known))
        for fixture in FIXTURE.findall(said):
            plugin = PLUGIN_OF_FIXTURE.get(fixture, "")
            if plugin and not known.has_package(plugin):
                found.setdefault(f"fixture {fixture}", _of_fixture(fixture, plugin, finding, known))
    return tuple(list(found.values())[:MOST_FINDINGS])


def _of_module(module: str, finding: Finding, known: Known) -> Finding:
    top = module.partition(".")[0]
    elsewhere = next((each for each in known.stated if may_bring(each.name, module)), None)
    likely = distribution_of(module)
    if elsewhere is not None and elsewhere.name not in known.taken:
        what = f"{elsewhere.name} is named in {elsewhere.path}, but only in {elsewhere.group!r}, which the tests are not given"
        next_ = f"move it to {_place(known.manifests)}"
    elif elsewhere is not None:
        what = f"{elsewhere.name} is named in {elsewhere.path}, and what is installed of it has no such module"
        next_ = "ask for a version that has it"
    else:
        what = "no manifest names a package that brings it"
        which = f"{likely}, which brings {top!r}," if likely else f"the package that brings {top!r}"
        next_ = f"add {which} to {_place(known.manifests)}"
        next_ += f"; a new name has to be allowed: --with {likely or 'NAME'}, or --allow-new-deps"
    return Finding(
        check=NAME,
        rule="missing",
        path=finding.path,
        line=finding.line,
        message=f"the module {module!r} is missing: {what}; {next_}"[:900],
    )


def _of_fixture(fixture: str, plugin: str, finding: Finding, known: Known) -> Finding:
    elsewhere = next((each for each in known.stated if each.name == canonicalize_name(plugin)), None)
    if elsewhere is not None:
        next_ = f"{plugin} is named in {elsewhere.path}{f' in {elsewhere.group!r}' if elsewhere.group else ''}"
        next_ += f"; move it to {_place(known.manifests, tests=True)}"
    else:
        next_ = f"add {plugin} to {_place(known.manifests, tests=True)}"
        next_ += f"; a new name has to be allowed: --with {plugin}, or --allow-new-deps"
    message = f"the fixture {fixture!r} is missing, which {plugin} is known to bring; {next_}"
    return Finding(check=NAME, rule="missing", path=finding.path, line=finding.line, message=message[:900])


def _place(manifests: Sequence[str], *, tests: bool = False) -> str:
    """Where in which manifest a requirement goes, in words."""
    by_name = {PurePosixPath(path).name: path for path in reversed(manifests)}
    if "pyproject.toml" in by_name:
        table = "the tests' extra or group" if tests else "[project] dependencies"
        return f"{table} of {by_name['pyproject.toml']}"
    for name, place in (
        ("setup.cfg", "install_requires of {}"),
        ("setup.py", "install_requires of {}"),
        ("Pipfile", "[packages] of {}"),
    ):
        if name in by_name:
            return place.format(by_name[name])
    return next(iter(manifests), "a requirements.txt")

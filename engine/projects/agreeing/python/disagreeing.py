"""All that is wrong between the Python files of one component."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain import Finding
from engine.projects.agreeing.parts import Part
from engine.projects.agreeing.python.calling import miscalled
from engine.projects.agreeing.python.importing import unfound, unhad
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.packages import Declared
from engine.projects.agreeing.python.testing import asserts, holds_tests, is_python_test


def python_disagreements(part: Part, modules: Modules) -> Iterator[Finding]:
    for path, line, message in modules.unparsed:
        if message:
            yield part.wrong("python/syntax", path, line, f"this is no Python: {message}")
    declared = Declared(part.files)
    if declared.manifest is not None and declared.manifest.unreadable:
        yield part.wrong(
            "python/manifest", "pyproject.toml", None, f"nothing can be read: {declared.manifest.unreadable}"
        )
    for stated in declared.manifest.stated if declared.manifest else ():
        # a new project takes its packages from the index alone: an address is whatever stands behind it tomorrow
        if " @ " in stated.line or "://" in stated.line:
            told = f"{stated.line[:80]!r} is an address: name a package of the index, with its version"
            yield part.wrong("python/address", "pyproject.toml", None, told)
    yield from unfound(part, modules, declared)
    yield from unhad(part, modules)
    yield from miscalled(part, modules)
    for path, source in modules.sources.items():
        if not is_python_test(path) or "tests/" not in path:
            continue
        if not holds_tests(source.tree):
            yield part.wrong("tests/none", path, None, "no test is in this file: name functions test_...")
        elif not asserts(source.tree):
            yield part.wrong("tests/nothing-asserted", path, None, "no test of this file asserts anything")

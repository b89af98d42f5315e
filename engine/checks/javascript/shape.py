"""Does a draft's set of files leave the tests, and what they are loaded with, alone? Needs no box."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from engine.case import Case
from engine.checks import shape
from engine.domain import Report
from sandboxes.environments.npm import PARTS

_WORKSPACE = re.compile(r"vitest\.(?:workspace|projects)\.[\w.]+")


def examine(draft: dict[str, str], case: Case) -> Report:
    """A report on the draft's paths and sizes, and on what would change how the frozen tests are loaded."""
    return shape.report_on(draft, case, takes_part=_takes_part)


def _takes_part(path: str, text: str, case: Case) -> str:
    place, new = PurePosixPath(path), path not in case.before
    frozen = [PurePosixPath(test) for test in case.tests]
    if path in case.tests:
        return "the path is a frozen test's: tests cannot be changed" if case.tests[path] != text else ""
    if any(place.is_relative_to(test) or test.is_relative_to(place) for test in frozen):
        return "the path stands in the way of a frozen test"
    if place.name == "package.json" and "node_modules" not in place.parts:
        return _manifest(path, text, case, new=new)
    if why := _loaded(place):
        return why
    # What is asked for without its ending may be found as another file, or as a folder with an index.
    bare = place.parent if place.stem == "index" else place.with_suffix("")
    named = {
        name for test in frozen for name in (test.with_suffix(""), *((test.parent,) if test.stem == "index" else ()))
    }
    if new and not case.stand_in and bare in named:
        return "the path stands where a frozen file could be looked for"
    return ""


def _loaded(place: PurePosixPath) -> str:
    """What would come of a file that packages, mocks or expectations are looked for by its place alone."""
    if "node_modules" in place.parts:
        return "packages come from the manifest: none can be brought along"
    if "__mocks__" in place.parts:
        return "a folder of mocks would stand in for what the frozen tests replace: mocks belong to the tests"
    if place.suffix == ".snap" or "__snapshots__" in place.parts:
        return "a snapshot is an expectation: it belongs to the frozen tests"
    return "a workspace of vitest would be loaded by what runs the tests" if _WORKSPACE.fullmatch(place.name) else ""


def _manifest(path: str, text: str, case: Case, *, new: bool) -> str:
    folder = PurePosixPath(path).parent
    if not any(PurePosixPath(test).is_relative_to(folder) for test in case.tests):
        return ""
    if new:
        return "" if case.stand_in else "a new package.json above the frozen tests would change how they are loaded"
    # A package can import itself by its name, so a new name could stand in front of another package.
    before, after = _said(case.before[path]), _said(text)
    if any(before.get(key) != after.get(key) for key in ("name", "type")):
        return "the name and the type of a package decide how the frozen tests are loaded: they cannot be changed"
    if case.task.suite is None and case.task.language == "typescript":
        # Its packages are those of the image, whatever it asks for.
        return ""
    if any(before.get(key) != after.get(key) for key in PARTS):
        return "what a package depends on was installed as it is: another dependency is not taken here"
    return ""


def _said(text: str) -> dict[str, object]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}

"""Does a draft's set of files leave the tests, and what they are loaded with, alone? Needs no box."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from engine.case import Case
from engine.checks import shape
from engine.domain import Report
from sandboxes.environments.npm import PARTS


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
    if "node_modules" in place.parts:
        return "packages come from the manifest: none can be brought along"
    if place.name == "package.json":
        return _manifest(path, text, case, new=new)
    # What is asked for without its ending may be found as another file, or as a folder with an index.
    bare = place.parent if place.stem == "index" else place.with_suffix("")
    named = {
        name for test in frozen for name in (test.with_suffix(""), *((test.parent,) if test.stem == "index" else ()))
    }
    if new and not case.stand_in and bare in named:
        return "the path stands where a frozen file could be looked for"
    return ""


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
    if any(before.get(key) != after.get(key) for key in PARTS):
        return "what a package depends on was installed as it is: another dependency is not taken here"
    return ""


def _said(text: str) -> dict[str, object]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}

"""Does a draft's set of files leave the tests, and what they are loaded with, alone? Needs no box."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from engine.case import Case
from engine.checks import shape
from engine.domain import Finding, Report


def examine(draft: dict[str, str], case: Case) -> Report:
    """A report on the draft's paths and sizes, and on what would change how the frozen tests are loaded."""
    report = shape.examine(draft, case)
    found = [
        Finding(check="shape", rule="path", path=path[:200], message=why)
        for path, text in sorted(draft.items())
        if case.before.get(path) != text and path not in case.tests and (why := _takes_part(path, text, case))
    ]
    if not found:
        return report
    findings = (*report.findings, *found)[:50]
    summary = f"{len(findings)} of its paths or sizes are refused"
    return report.model_copy(update={"status": "failed", "summary": summary, "findings": findings})


def _takes_part(path: str, text: str, case: Case) -> str:
    place, new = PurePosixPath(path), path not in case.before
    if "node_modules" in place.parts:
        return "packages come from the manifest: none can be brought along"
    if place.name == "package.json":
        return _manifest(path, text, case, new=new)
    beside = [PurePosixPath(test) for test in case.tests]
    if new and any(place.with_suffix("") == test.with_suffix("") or place == test.with_suffix("") for test in beside):
        return "the path stands where a frozen file could be looked for"
    if new and any(test.parent == place.with_suffix("") and test.stem == "index" for test in beside):
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
    if before != after:
        return "the name and the type of a package decide how the frozen tests are loaded: they cannot be changed"
    return ""


def _said(text: str) -> tuple[object, object]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return (None, None)
    return (manifest.get("name"), manifest.get("type")) if isinstance(manifest, dict) else (None, None)

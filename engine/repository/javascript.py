"""A project in JavaScript: which files are its tests, and what Node.js has to have beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from engine.checks.javascript.paths import holds_tests, is_javascript
from engine.errors import BadInput
from sandboxes.environments.wanted import Wanted

MANIFEST = "package.json"
LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_FOLDERS = frozenset({"test", "tests", "__tests__"})


def is_javascript_project(names: Iterable[str]) -> bool:
    """Whether a manifest stands at the top, and nothing in Python beside it."""
    names = list(names)
    python = any(name.endswith((".py", ".pyi")) for name in names)
    return MANIFEST in names and not python and any(map(is_javascript, names))


def frozen(texts: Mapping[str, str]) -> frozenset[str]:
    """The tests, and what stands among them."""
    return frozenset(
        name
        for name, text in texts.items()
        if holds_tests(name, text) or not _FOLDERS.isdisjoint(PurePosixPath(name).parts[:-1])
    )


def wanted(texts: Mapping[str, str]) -> Wanted:
    """The manifest and its lock. Raises `BadInput` where the manifest is no JSON object."""
    try:
        manifest = json.loads(texts[MANIFEST])
    except ValueError as error:
        raise BadInput(f"{MANIFEST} is no JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise BadInput(f"{MANIFEST} is no JSON object")
    locks = {name: texts[name] for name in LOCKS if name in texts}
    return Wanted(node={MANIFEST: texts[MANIFEST], **locks})


def notes(texts: Mapping[str, str]) -> tuple[str, ...]:
    """What the manifest's own test script would do otherwise."""
    scripts = json.loads(texts[MANIFEST]).get("scripts")
    script = scripts.get("test", "") if isinstance(scripts, dict) else ""
    if not isinstance(script, str) or not script or "node --test" in script:
        return ()
    return (f"{MANIFEST}: its tests are run by node:test, and not by {script[:200]!r}",)

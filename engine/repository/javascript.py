"""A project in JavaScript: which files are its tests, how they are run, and what Node.js has to have beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from agents.base import Suite
from engine.checks.javascript.paths import holds_tests, is_javascript
from engine.domain import Value
from engine.errors import BadInput
from engine.repository.javascript_scripts import Script, matches, read_script
from sandboxes.environments.wanted import Wanted

MANIFEST = "package.json"
LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_FOLDERS = frozenset({"test", "tests", "__tests__"})
_PYTHON_MARKS = frozenset(
    {"pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "noxfile.py", "pytest.ini", "manage.py"}
)


class Told(Value):
    """What the manifest says of the tests."""

    suite: Suite
    frozen: frozenset[str]
    """The tests, and what stands among them."""
    collected: tuple[str, ...]
    """Those that are run."""
    notes: tuple[str, ...] = ()


def is_javascript_project(names: Iterable[str]) -> bool:
    """Whether a manifest stands at the top, and nothing beside it that says that the project is one in Python."""
    names = list(names)
    python = any(
        name in _PYTHON_MARKS or PurePosixPath(name).name == "conftest.py" or _is_python_test(name) for name in names
    )
    return MANIFEST in names and not python and any(map(is_javascript, names))


def _is_python_test(name: str) -> bool:
    last = PurePosixPath(name).name
    return last.endswith(".py") and (last.startswith("test_") or last.endswith("_test.py"))


def read_tests(texts: Mapping[str, str]) -> Told:
    """How the tests are run.

    Raises:
        BadInput: Something else runs them than node:test, or the manifest is no JSON object.
    """
    script = _script(texts)
    run = tuple(sorted(name for name, text in texts.items() if _is_run(name, text, script)))
    if script.other and not any("node:test" in texts[name] for name in run):
        raise BadInput(
            f"the tests of this project are run by {script.other!r}, and only those of node:test can be run here",
            hint="name the project's part in Python, or have its tests run by: node --test",
        )
    other = (f"{MANIFEST}: its tests are run by node:test, and not by {script.other!r}",) if script.other else ()
    loose = (f"{MANIFEST}: its workspaces are not linked to each other",) if _manifest(texts).get("workspaces") else ()
    return Told(
        suite=Suite(
            arguments=(*script.flags, *(("--", *run) if script.patterns else ())), environment=script.environment
        ),
        frozen=frozenset({*run, *(name for name, text in texts.items() if _stands_among_tests(name, text))}),
        collected=run,
        notes=(*other, *loose),
    )


def wanted(texts: Mapping[str, str]) -> Wanted:
    """The manifest and its lock. Raises `BadInput` where the manifest is no JSON object."""
    _manifest(texts)
    locks = {name: texts[name] for name in LOCKS if name in texts}
    return Wanted(node={MANIFEST: texts[MANIFEST], **locks})


def _is_run(name: str, text: str, script: Script) -> bool:
    if script.patterns:
        return is_javascript(name) and matches(name, script.patterns)
    return holds_tests(name, text)


def _stands_among_tests(name: str, text: str) -> bool:
    return holds_tests(name, text) or not _FOLDERS.isdisjoint(PurePosixPath(name).parts[:-1])


def _script(texts: Mapping[str, str]) -> Script:
    scripts = _manifest(texts).get("scripts")
    return read_script(scripts) if isinstance(scripts, dict) else Script()


def _manifest(texts: Mapping[str, str]) -> dict[str, object]:
    try:
        manifest = json.loads(texts[MANIFEST])
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{MANIFEST} is no JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise BadInput(f"{MANIFEST} is no JSON object")
    return manifest

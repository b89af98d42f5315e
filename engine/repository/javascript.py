"""A project in JavaScript or TypeScript: which files are its tests, how they are run, and what Node.js has to have beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from agents.base import Suite
from engine.checks.javascript.paths import holds_tests, is_javascript, runner_of
from engine.domain import Value
from engine.errors import BadInput
from engine.repository.javascript_scripts import Script, matches, read_script
from engine.repository.node_image import image_has
from engine.repository.vitest import CONFIGURATIONS, configured
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
        BadInput: Something else runs them than node:test or vitest, or the manifest is no JSON object.
    """
    script = _script(texts)
    said = configured(texts)
    run = tuple(sorted(name for name, text in texts.items() if _is_run(name, text, script)))
    runners = {runner_of(name, texts[name]) for name in run}
    other = script.other if script.other not in {"", *runners} else ""
    if other and "vitest" not in runners and not any("node:test" in texts[name] for name in run):
        raise BadInput(
            f"the tests of this project are run by {other!r}, and only those of node:test and vitest can be run here",
            hint="name the project's part in Python, or have its tests run by: vitest run, or node --test",
        )
    ran = " and ".join(sorted(runners))
    notes = [f"{MANIFEST}: its tests are run by {ran}, and not by {other!r}"] if other else []
    if "vitest" in runners and (seen := [name for name in CONFIGURATIONS if name in texts]):
        what = ", ".join(said.flags) or "nothing of it"
        notes.append(f"{seen[0]}: only what it says in so many words is taken of it for the tests: {what}")
    loose = (f"{MANIFEST}: its workspaces are not linked to each other",) if _manifest(texts).get("workspaces") else ()
    return Told(
        suite=Suite(
            arguments=(*script.flags, *said.flags, *(("--", *run) if script.patterns else ())),
            environment=script.environment,
        ),
        frozen=frozenset(
            {*run, *said.setup, *(name for name, text in texts.items() if _stands_among_tests(name, text))}
        ),
        collected=run,
        notes=(*notes, *loose),
    )


def wanted(texts: Mapping[str, str]) -> Wanted:
    """The manifest and its lock; nothing, where there is no lock and the image with Node.js has all that is asked for.
    Raises `BadInput` where the manifest is no JSON object.
    """
    manifest = _manifest(texts)
    by_vitest = any(holds_tests(name, text) and runner_of(name, text) == "vitest" for name, text in texts.items())
    if by_vitest and not any(name in texts for name in LOCKS) and image_has(manifest):
        return Wanted()
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

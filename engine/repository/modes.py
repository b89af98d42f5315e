"""Kinds of projects that need more than pytest's settings: Django's, unittest's, and those with an extension in C."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from engine.repository.collecting import Rules
from engine.repository.configuration import table
from engine.repository.own_metadata import read

_SETTINGS = re.compile(r"""["']DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")
_STARTERS = frozenset({"manage.py", "runtests.py", "run_tests.py", "test_runner.py"})
"""Programs that people start the tests of a Django project with."""
DJANGO_PLUGIN = "mendbox_django"
_USES_PYTEST = re.compile(r"^\s*(?:import pytest\b|from pytest\b)", re.MULTILINE)
_EXTENSION = re.compile(r"\b(?:ext_modules\s*=|Extension\(|cffi_modules\s*=|cythonize\()")


def django_settings(texts: Mapping[str, str], options: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """``DJANGO_SETTINGS_MODULE`` of a Django project, which its own programs name where nothing else does."""
    name = "DJANGO_SETTINGS_MODULE"
    if name in options:
        return {name: options[name]}, []
    named = (path for path in texts if path.rpartition("/")[2] in _STARTERS)
    for path in sorted(named, key=lambda path: (path.count("/"), not path.endswith("manage.py"))):
        if match := _SETTINGS.search(texts[path]):
            return {name: match[1]}, [f"{name} was read from {path!r}"]
    return {}, []


def django_plugin(
    options: Mapping[str, str], texts: Mapping[str, str], packages: Collection[str]
) -> tuple[dict[str, str], list[str]]:
    """A plugin to be laid beside the project, by name, where its tests are Django's and it has none for them."""
    if "DJANGO_SETTINGS_MODULE" not in options or "pytest-django" in packages:
        return {}, []
    if not any("django.test" in text for name, text in texts.items() if name.endswith(".py")):
        return {}, []
    text = (Path(__file__).parent / "inside" / f"{DJANGO_PLUGIN}.py").read_text(encoding="utf-8")
    note = (
        "the tests are Django's, and pytest-django is not asked for: databases are made as `manage.py test` makes them"
    )
    return {f"{DJANGO_PLUGIN}.py": text}, [note]


def own_plugins(texts: Mapping[str, str]) -> list[str]:
    """Modules of the plugins of pytest that the project itself is: where it is installed, pytest finds them by its metadata."""
    found = read(texts)
    points = found.entry_points.get("pytest11", {}) if found else {}
    return list(dict.fromkeys(target.partition(":")[0].strip() for target in points.values()))


def only_unittest(texts: Mapping[str, str], rules: Rules) -> bool:
    """Whether no test file, and nothing beside them, speaks of pytest."""
    tests = [
        text for name, text in texts.items() if name.rpartition("/")[2].startswith("test") and name.endswith(".py")
    ]
    tests += [text for name, text in texts.items() if rules.matches(name) or f"/{name}".endswith("/conftest.py")]
    return any("unittest" in text or "TestCase" in text for text in tests) and not any(
        _USES_PYTEST.search(text) for text in tests
    )


def builds(texts: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """The command that makes the extensions that the project itself brings; empty where it brings none."""
    if _EXTENSION.search(texts.get("setup.py", "")):
        return ("python", "setup.py", "build_ext", "--inplace")
    declared = table(texts.get("pyproject.toml", ""), "tool", "setuptools").get("ext-modules")
    if declared:
        # setuptools reads the rest from pyproject.toml
        return ("python", "-c", "import setuptools; setuptools.setup()", "build_ext", "--inplace")
    inner = [name for name in names if name.endswith("/setup.py") and _EXTENSION.search(texts.get(name, ""))]
    if len(inner) == 1:
        folder = PurePosixPath(inner[0]).parent.as_posix()
        program = "import os, sys, runpy; os.chdir(sys.argv[1]); sys.argv[:2] = ['setup.py']; sys.path.insert(0, '')"
        return (
            "python",
            "-c",
            f"{program}; runpy.run_path('setup.py', run_name='__main__')",
            folder,
            "build_ext",
            "--inplace",
        )
    return ()

"""Kinds of projects that need more than pytest's settings: Django's, unittest's, and those with an extension in C."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from engine.repository.collecting import Rules
from engine.repository.configuration import table

_SETTINGS = re.compile(r"""["']DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")
_USES_PYTEST = re.compile(r"^\s*(?:import pytest\b|from pytest\b)", re.MULTILINE)
_EXTENSION = re.compile(r"\b(?:ext_modules\s*=|Extension\(|cffi_modules\s*=|cythonize\()")


def django_settings(texts: Mapping[str, str], options: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """``DJANGO_SETTINGS_MODULE`` of a Django project, which its own ``manage.py`` names where nothing else does."""
    name = "DJANGO_SETTINGS_MODULE"
    if name in options:
        return {name: options[name]}, []
    for path in sorted((path for path in texts if f"/{path}".endswith("/manage.py")), key=lambda path: path.count("/")):
        if match := _SETTINGS.search(texts[path]):
            return {name: match[1]}, [f"{name} was read from {path!r}"]
    return {}, []


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

"""Which of a project's requirements its tests are given: what the project itself needs, and what is for its tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.dependencies.imports import foreign_imports
from engine.dependencies.known import may_bring
from engine.dependencies.manifest import FOR_DEVELOPMENT, FOR_TESTS, Stated, is_chosen
from engine.dependencies.places import roots

TOOLS = frozenset(
    """alabaster autoflake autopep8 bandit black build bump-my-version bump2version bumpversion check-manifest codespell
    commitizen docformatter flake8 flit furo ghp-import interrogate invoke isort mike mkdocs mkdocs-material
    mkdocstrings mkdocstrings-python mypy myst-parser nox pdbpp pip-audit pip-compile-multi pip-tools playwright poetry
    pre-commit prek pydocstyle pylint pyright pyupgrade readme-renderer sphinx sphinx-autobuild sphinx-copybutton
    sphinx-rtd-theme tbump towncrier tox tox-gh tox-gh-actions tox-uv twine ty uv vulture yapf zensical zest-releaser
    zizmor""".split()
)
"""What developers run and tests seldom need, by normalised names."""
ALIKE = re.compile(r"(?:flake8|sphinx|sphinxcontrib|mkdocs|types|pylint|tox|griffe)-.+|.+-stubs")
"""Plugins of such tools, and stubs that no program loads."""


def choose(
    stated: Sequence[Stated],
    extras: frozenset[str],
    *,
    tests: Mapping[str, str],
    texts: Mapping[str, str],
    notes: list[str],
) -> list[Stated]:
    """What is installed of *stated*; *extras* are those of the project itself that somebody asks for.

    Where a package says by name what its tests need, what is for its developers is not taken as well, plugins of
    pytest aside. Whatever stands elsewhere is taken all the same where the tests cannot be loaded without it.
    """
    chosen: list[Stated] = []
    for mine in _by_root(stated, texts):
        told = any(each.name == "pytest" and each.group in FOR_TESTS for each in mine)
        chosen += [
            each
            for each in mine
            if each.group in extras or (is_chosen(each.group) and not (told and _for_developers(each)))
        ]
    tools = [each for each in chosen if _is_tool(each) and not _is_named(each, tests)]
    if tools:
        names = sorted({each.name for each in tools})
        notes.append(f"left out, as tools that no test names: {', '.join(names[:20])}")
    chosen = [each for each in chosen if each not in tools]
    return [*chosen, *_of_the_tests(tests, texts, stated, chosen, notes)]


def _by_root(stated: Sequence[Stated], texts: Mapping[str, str]) -> list[list[Stated]]:
    """The requirements of each package of the project, in their order."""
    folders = sorted(roots(texts), key=len, reverse=True)
    found: dict[str, list[Stated]] = {}
    for each in stated:
        root = next((folder for folder in folders if not folder or each.path.startswith(f"{folder}/")), "")
        found.setdefault(root, []).append(each)
    return list(found.values())


def _for_developers(each: Stated) -> bool:
    return each.group in FOR_DEVELOPMENT and not each.name.startswith("pytest-")


def _is_tool(each: Stated) -> bool:
    return bool(each.group) and (each.name in TOOLS or ALIKE.fullmatch(each.name) is not None)


def _is_named(each: Stated, tests: Mapping[str, str]) -> bool:
    """Whether a test speaks of it, to import it or to run it."""
    name, module = re.escape(each.name), re.escape(each.name.replace("-", "_"))
    spoken = re.compile(rf"""\b(?:import|from)[ \t]+{module}\b|["']{name}["']|-m[ \t]+{module}\b""")
    return any(spoken.search(text) for text in tests.values())


def _of_the_tests(
    tests: Mapping[str, str],
    texts: Mapping[str, str],
    stated: Sequence[Stated],
    chosen: Sequence[Stated],
    notes: list[str],
) -> list[Stated]:
    """Requirements of other extras and groups that bring what the tests cannot be loaded without."""
    names = {each.name for each in chosen}
    others = {each.name: each for each in reversed(stated) if each.name not in names}
    more: list[Stated] = []
    for module, path in foreign_imports(tests, texts).items() if others else ():
        found = next((each for each in others.values() if may_bring(each.name, module)), None)
        if found is not None and found not in more:
            more.append(found)
            notes.append(f"{found.name} of {found.group!r} is taken too: {path} imports {module.partition('.')[0]}")
    return more

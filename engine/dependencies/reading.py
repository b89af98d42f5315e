"""The door: the files of a project in, what it says it needs out. Nothing of it is run, and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.dependencies.choosing import choose
from engine.dependencies.imports import foreign_imports
from engine.dependencies.known import distribution_of, may_bring
from engine.dependencies.locks import read_lock
from engine.dependencies.manifest import Manifest, Stated, Writing, is_chosen, name_of, without_hashes
from engine.dependencies.pipfile import read_conda, read_pipfile
from engine.dependencies.places import LOCKS, requirement_files, roots
from engine.dependencies.pyproject import read_pyproject
from engine.dependencies.requirements_txt import read_requirements
from engine.dependencies.script import read_script
from engine.dependencies.setup_cfg import read_setup_cfg, read_tox_ini, tox_requirement_files
from engine.dependencies.setup_py import read_setup_py
from engine.domain import Declared, Value
from sandboxes.environments.wanted import Wanted

NOTHING: Mapping[str, str] = MappingProxyType({})
JUDGES = frozenset({"coverage", "iniconfig", "pluggy", "pytest", "ruff"})
"""What every box has in the version that the judge speaks with, whatever version a project asks for."""
TEST_FILE = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py")


class Dependencies(Value):
    """What a project needs, and who says so."""

    wanted: Wanted = Wanted()
    manifests: tuple[str, ...] = ()
    """Names of the files that it was read from."""
    groups: tuple[str, ...] = ()
    """Extras and groups that were taken for the tests."""
    build: tuple[str, ...] = ()
    """What building the project would need, whether or not `wanted` has it."""
    notes: tuple[str, ...] = ()
    """What was left out and why, one line each."""
    known: tuple[str, ...] = ()
    """Normalised names that a manifest, a lock or the user has named, whatever group they stand in."""
    stated: tuple[Stated, ...] = ()
    """Every requirement, of whatever group."""
    taken: tuple[str, ...] = ()
    """Normalised names of those that are installed."""
    unreadable: Mapping[str, str] = {}
    """Why nothing is known of a manifest, by path."""
    allowed: tuple[str, ...] = ()
    """Requirements that the user has added."""
    allow_new: bool = False

    @property
    def declared(self) -> Declared | None:
        """What the judge has to know, so that a changed manifest is judged with what it then says; None for no project."""
        if not self.manifests:
            return None
        return Declared(manifests=self.manifests, known=self.known, allowed=self.allowed, allow_new=self.allow_new)


def read_wanted(
    files: Mapping[str, str],
    *,
    tests: Mapping[str, str] = NOTHING,
    allowed: Sequence[str] = (),
    allow_new: bool = False,
) -> Dependencies:
    """What the project of *files* and *tests* needs, by path relative to its root.

    *allowed* are requirements of the user's own, which are wanted as well. What cannot be read is a note.
    """
    texts = {**tests, **files}
    manifests = list(_manifests(texts))
    own = {manifest.project for manifest in manifests if manifest.project}
    by_user = Writing("--with")
    for line in allowed:
        by_user.state(line)
    said = [*manifests, by_user.manifest]
    stated = [each for manifest in said for each in manifest.stated if each.name not in own]
    extras = _own_extras(manifests, own)
    notes = [note for manifest in said for note in manifest.notes]
    chosen = choose(stated, extras, tests=tests or _named_as_tests(texts), texts=texts, notes=notes)
    chosen += _of_imports(texts, chosen, notes) if allow_new and not any(map(_says_what_is_needed, manifests)) else []
    notes += _of_the_judge(chosen)
    lines = _agreeing([each for each in chosen if each.name not in JUDGES], notes)
    pins = [pin for manifest in manifests for pin in manifest.pins if pin.name not in own]
    build = tuple(dict.fromkeys(line for manifest in manifests for line in manifest.build))
    compiled = any(manifest.compiled for manifest in manifests)
    return Dependencies(
        wanted=Wanted(
            requirements=lines,
            constraints=tuple(dict.fromkeys(pin.line for pin in pins if pin.name not in JUDGES)),
            requires_python=next((manifest.requires_python for manifest in manifests if manifest.requires_python), ""),
            compiler=compiled,
            build_requirements=build if compiled else (),
        ),
        manifests=tuple(dict.fromkeys(path for manifest in manifests for path in (manifest.path, *manifest.includes))),
        groups=tuple(dict.fromkeys(each.group for each in chosen if each.group)),
        build=build,
        notes=tuple(dict.fromkeys(notes)),
        known=tuple(sorted({each.name for each in (*stated, *pins)} | {name_of(line) for line in build})),
        stated=tuple(stated),
        taken=tuple(sorted({each.name for each in chosen})),
        unreadable={manifest.path: manifest.unreadable for manifest in manifests if manifest.unreadable},
        allowed=tuple(each.line for each in by_user.manifest.stated),
        allow_new=allow_new,
    )


def _says_what_is_needed(manifest: Manifest) -> bool:
    """False of a file that only sets tools up, as a pyproject.toml without a project does."""
    tools = manifest.path.rpartition("/")[2] in {"pyproject.toml", "setup.cfg", "tox.ini"}
    return not tools or bool(manifest.project or manifest.stated or manifest.pins)


def _manifests(texts: Mapping[str, str]) -> Iterator[Manifest]:
    """What every file says that has a say: of each package of the project, or else of its single scripts."""
    read = [manifest for root in roots(texts) for manifest in _of_package(root, texts)]
    yield from read
    if not any(manifest.stated for manifest in read):
        scripts = (read_script(path, text) for path, text in sorted(texts.items()) if path.endswith(".py"))
        yield from (manifest for manifest in scripts if manifest is not None)


def _of_package(root: str, texts: Mapping[str, str]) -> list[Manifest]:
    at = f"{root}/" if root else ""
    readers = {"pyproject.toml": read_pyproject, "setup.cfg": read_setup_cfg, "setup.py": read_setup_py}
    found = [read(f"{at}{file}", texts) for file, read in readers.items() if f"{at}{file}" in texts]
    included = {path for manifest in found for path in manifest.includes}
    files = [(path, group) for path, group in requirement_files(root, texts) if path not in included]
    tox = f"{at}tox.ini"
    if tox in texts and not any(group for _, group in files):
        files += [(path, "test") for path in tox_requirement_files(tox, texts[tox]) if path in texts]
    found += [read_requirements(path, texts, group=group) for path, group in files]
    if f"{at}Pipfile" in texts:
        found.append(read_pipfile(f"{at}Pipfile", texts[f"{at}Pipfile"]))
    if tox in texts and not any(each.group and is_chosen(each.group) for manifest in found for each in manifest.stated):
        found.append(read_tox_ini(tox, texts[tox]))
    if not any(manifest.stated for manifest in found):
        conda = (f"{at}{file}" for file in ("environment.yml", "environment.yaml"))
        found += [read_conda(path, texts[path]) for path in conda if path in texts]
    locks = [f"{at}{file}" for file in LOCKS if f"{at}{file}" in texts]
    found += [read_lock(path, texts[path]) for path in locks[:1]]
    return found


def _own_extras(manifests: Sequence[Manifest], own: set[str]) -> frozenset[str]:
    """Extras of the project itself that are asked for, also by one another: ``dev = ["thing[test]"]``."""
    asked = {canonicalize_name(extra) for manifest in manifests for extra in manifest.own_extras}
    within = [each for manifest in manifests for each in manifest.stated if each.name in own]
    while True:
        more = {
            canonicalize_name(extra)
            for each in within
            if is_chosen(each.group) or each.group in asked
            for extra in Requirement(each.line).extras
        }
        if more <= asked:
            return frozenset(asked)
        asked |= more


def _named_as_tests(texts: Mapping[str, str]) -> dict[str, str]:
    """Those that pytest would take for tests by their names."""
    return {path: text for path, text in texts.items() if TEST_FILE.fullmatch(path.rpartition("/")[2])}


def _of_imports(texts: Mapping[str, str], chosen: Sequence[Stated], notes: list[str]) -> list[Stated]:
    """What nobody names and the sources import, by the distribution that is known to bring it, else by its own name."""
    more = Writing("imports")
    taken: dict[str, str] = {}
    for module, path in foreign_imports(texts, texts).items():
        if not any(may_bring(each.name, module) for each in chosen):
            taken.setdefault(distribution_of(module) or module.partition(".")[0], path)
    for name, path in taken.items():
        more.state(name)
        notes.append(f"{name} is taken because {path} imports it, and new names are allowed")
    return list(more.manifest.stated)


def _of_the_judge(chosen: Sequence[Stated]) -> list[str]:
    asked = (each for each in chosen if each.name in JUDGES)
    names = sorted({each.name for each in asked if Requirement(without_hashes(each.line)).specifier})
    return [f"the boxes have their own {', '.join(names)}, of another version perhaps"] if names else []


def _agreeing(chosen: Sequence[Stated], notes: list[str]) -> tuple[str, ...]:
    """The lines, each once; of two that pin one package to different versions, the first."""
    pinned: dict[str, Stated] = {}
    lines: dict[str, None] = {}
    for each in chosen:
        first = pinned.setdefault(each.name, each) if each.pinned else each
        if first.pinned != each.pinned and first.path != each.path:
            notes.append(
                f"{each.path} pins {each.name} to {each.pinned} and {first.path} to {first.pinned}: the latter is taken"
            )
            continue
        lines[each.line] = None
    if any(without_hashes(line) != line for line in lines) and any(without_hashes(line) == line for line in lines):
        # pip takes hashes for all or for none
        notes.append("some requirements have hashes and others do not: the hashes are left out")
        lines = dict.fromkeys(without_hashes(line) for line in lines)
    return tuple(lines)

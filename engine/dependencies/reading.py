"""The door: the files of a project in, what it says it needs out. Nothing of it is run, and nothing raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.dependencies.manifest import Manifest, Stated, Writing, is_chosen, name_of, without_hashes
from engine.dependencies.places import requirement_files, roots
from engine.dependencies.pyproject import read_pyproject
from engine.dependencies.requirements_txt import read_requirements
from engine.domain import Declared, Value
from sandboxes.environments.wanted import Wanted

NOTHING: Mapping[str, str] = MappingProxyType({})


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
    chosen = [each for each in stated if is_chosen(each.group) or each.group in extras]
    notes = [note for manifest in said for note in manifest.notes]
    lines = _agreeing(chosen, notes)
    pins = [pin for manifest in manifests for pin in manifest.pins if pin.name not in own]
    build = tuple(dict.fromkeys(line for manifest in manifests for line in manifest.build))
    compiled = any(manifest.compiled for manifest in manifests)
    return Dependencies(
        wanted=Wanted(
            requirements=lines,
            constraints=tuple(dict.fromkeys(pin.line for pin in pins)),
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
        unreadable={manifest.path: manifest.unreadable for manifest in manifests if manifest.unreadable},
        allowed=tuple(each.line for each in by_user.manifest.stated),
        allow_new=allow_new,
    )


def _manifests(texts: Mapping[str, str]) -> Iterator[Manifest]:
    for root in roots(texts):
        at = f"{root}/" if root else ""
        if f"{at}pyproject.toml" in texts:
            yield read_pyproject(f"{at}pyproject.toml", texts)
        for path, group in requirement_files(root, texts):
            yield read_requirements(path, texts, group=group)


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

"""What the files of a command need, read where they stand, and the environment that has it, made before they are judged."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.terminal import say
from engine.dependencies.places import LOCKS, OTHERS, PACKAGE_FILES, is_manifest
from engine.domain import Run, Task
from engine.errors import BadInput, CannotBeHad
from engine.events import Event, Noted, Preparing, Watcher
from engine.inputs.reading import Inputs
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.dependencies.reading import Dependencies
    from engine.repository.project import Project

MOST_BYTES = 8 * 2**20
"""Largest manifest or lock that is read."""
OF_ENVIRONMENT = "environment: "
AT_THE_ROOT = (*PACKAGE_FILES, "requirements.txt", *LOCKS, *OTHERS)


def read_dependencies(arguments: argparse.Namespace, inputs: Inputs) -> Dependencies | None:
    """What *inputs* need, as they say or as the manifests at their root do; None where nothing says anything.

    Raises:
        BadInput: What the user adds is no requirement.
    """
    inside = {**inputs.tests, **inputs.files}
    return _read(arguments, inside, inputs.tests, {} if arguments.no_deps else _at_the_root(inputs.root, inside))


def read_of_script(arguments: argparse.Namespace, name: str, source: str) -> Dependencies | None:
    """The same for a single script, whose only manifest is its own header."""
    return _read(arguments, {name: source}, {}, {})


def read_whole(root: Path, arguments: argparse.Namespace) -> Project:
    """The project in *root*, with what the user says of the packages that it needs.

    Raises:
        BadInput: What the user adds is no requirement, or *root* is no project.
    """
    from engine.dependencies.reading import read_wanted  # noqa: PLC0415 (plain files without a manifest need it not)
    from engine.repository.reading import read_project  # noqa: PLC0415 (as above)
    from sandboxes.environments.wanted import Wanted  # noqa: PLC0415 (as above)

    _require_sense(arguments)
    _require_requirements(arguments.with_, read_wanted({}, allowed=arguments.with_))
    project = read_project(root, allowed=arguments.with_, allow_new=arguments.allow_new_deps)
    return project.model_copy(update={"wanted": Wanted(), "declared": None}) if arguments.no_deps else project


async def surround(task: Task, dependencies: Dependencies | None, settings: Settings, watch: Watcher) -> Task:
    """*task* in the environment that has what it needs, made where there is none; *watch* is told how that goes.

    Raises:
        CannotBeHad: The requirements are why there is no such environment.
        SandboxError: The machinery failed.
    """
    if dependencies is None:
        return task
    from engine.dependencies.ensuring import surround as in_environment  # noqa: PLC0415 (few commands need it)
    from engine.dependencies.surroundings import finding_of  # noqa: PLC0415 (as above)
    from engine.wiring import make_environments  # noqa: PLC0415 (as above)
    from sandboxes.environments.wanted import Unresolved  # noqa: PLC0415 (as above)

    def tell(line: str) -> None:
        watch(Preparing(message=f"{OF_ENVIRONMENT}{line}"))

    try:
        task = await in_environment(task, dependencies, make_environments(settings), tell)
    except Unresolved as error:
        finding = finding_of(error, dependencies, {**task.tests, **task.files})
        raise CannotBeHad(finding, cause=error.cause) from error
    if task.limits.environment:
        watch(Noted(message=f"with what {', '.join(dependencies.manifests) or '--with'} asks for"))
    return task


def hint_at_missing(run: Run, dependencies: Dependencies | None) -> None:
    """Tell, where no manifest had a say, what the tests failed for want of, and how it may be had."""
    last = run.attempts[-1].verdict if run.attempts else run.baseline
    findings = last.findings if last is not None and not last.green and dependencies is None else ()
    if not any("No module named" in finding.message for finding in findings):
        return
    from engine.dependencies.missing import Known, missing  # noqa: PLC0415 (only where something is missing)

    for finding in missing(findings, Known((*run.task.files, *run.task.tests))):
        say(finding.message)


def hint_at_import(written: str) -> None:
    """Tell how a program that was only run gets the package that it failed for want of, where the end of what was
    *written* says that it did.
    """
    from engine.dependencies.missing import MODULE  # noqa: PLC0415 (as above)

    last = written.rstrip().rpartition("\n")[2]
    absent = MODULE.search(last) if last.startswith("ModuleNotFoundError: ") else None
    if absent is not None:
        top = absent[1].partition(".")[0]
        say(
            f"the module {top!r} is not in the box: --with NAME installs the package that brings it, as a PEP 723 header does"
        )


def say_progress(event: Event) -> None:
    """For commands without a display: the few lines that are our own, and none of those that pip and the engine say."""
    if isinstance(event, Preparing) and event.message.removeprefix(OF_ENVIRONMENT)[:1].islower():
        say(event.message)


def _read(
    arguments: argparse.Namespace, inside: Mapping[str, str], tests: Mapping[str, str], outside: Mapping[str, str]
) -> Dependencies | None:
    _require_sense(arguments)
    if arguments.no_deps:
        return None
    asked = bool(arguments.with_ or arguments.allow_new_deps)
    if not asked and not outside and not any(is_manifest(path, text) for path, text in inside.items()):
        return None
    from engine.dependencies.reading import read_wanted  # noqa: PLC0415 (what names no manifest need not know how to read one)

    texts = {path: text for path, text in {**outside, **inside}.items() if path not in tests}
    found = read_wanted(texts, tests=tests, allowed=arguments.with_, allow_new=arguments.allow_new_deps)
    _require_requirements(arguments.with_, found)
    for note in found.notes:
        say(note)
    if outside:
        # no draft can change these, and what they say stays wanted beside what a draft may add
        kept = [line.partition(" --hash=")[0] for line in found.wanted.requirements if " @ " not in line]
        found = found.model_copy(update={"allowed": tuple(dict.fromkeys((*found.allowed, *kept)))})
    return found


def _require_sense(arguments: argparse.Namespace) -> None:
    if arguments.no_deps and (arguments.with_ or arguments.allow_new_deps):
        raise BadInput("--no-deps goes with neither --with nor --allow-new-deps")


def _require_requirements(given: list[str], found: Dependencies) -> None:
    for line in given:
        if " @ " in line or "://" in line:
            raise BadInput("--with takes the name of a package of the index, with a version perhaps, and no address")
    if len(found.allowed) != len([line for line in given if line.strip()]):
        shown = ", ".join(repr(line[:100]) for line in given)
        raise BadInput(f"no requirement in {shown}", hint="write it as in a requirements file: --with 'requests>=2'")


def _at_the_root(root: Path, inside: Mapping[str, str]) -> dict[str, str]:
    """Manifests beside the files, which were not named, with the requirements files that they may include."""
    found: dict[str, str] = {}
    for name in AT_THE_ROOT:
        if name not in inside:
            _add(root / name, name, found)
    if found:
        for path in sorted((*root.glob("*.txt"), *root.glob("requirements/*.txt")))[:100]:
            name = path.relative_to(root).as_posix()
            if name not in inside:
                _add(path, name, found)
    return found


def _add(path: Path, name: str, found: dict[str, str]) -> None:
    try:
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            found[name] = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        say(f"left out {str(path)!r}: {type(error).__name__}")

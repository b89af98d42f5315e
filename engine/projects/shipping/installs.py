"""What RUN lines need: manifests that were copied before, package managers that the image has, scripts that there are."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from agents.plans.plan import Component
from engine.domain import Finding
from engine.projects.shipping.bases import reference
from engine.projects.shipping.distribution import chosen
from engine.projects.shipping.instructions import Instruction
from engine.projects.shipping.laying import Laid
from engine.projects.shipping.packages import Declared
from engine.projects.shipping.pip import Asked, asked_of_pip, folder_of, installed_by
from engine.projects.shipping.programs import Surroundings, faults_of_command
from engine.projects.shipping.shell import commands
from engine.projects.shipping.wrong import wrong

_DEBIAN_ONLY = frozenset({"apt-get", "apt", "useradd", "groupadd"})
_ALPINE_ONLY = frozenset({"apk"})
_OF_PACKAGES = frozenset({"ci", "install", "i", "add", "prune", "cache", "audit"})
"""What a manager of packages of Node.js does with them, which needs a network."""


def shell_text(instruction: Instruction) -> str:
    """What a RUN line hands to a shell, with its heredocs."""
    if _is_script(instruction):
        return "".join(document.text for document in instruction.heredocs)
    line = shlex.join(instruction.words) if instruction.is_list else instruction.text
    return "\n".join([line, *(f"{document.text}{document.name}" for document in instruction.heredocs)])


def other_shell(instruction: Instruction) -> str:
    """The first line of a script that is for another program than a shell; empty where it is for one."""
    first = instruction.heredocs[0].text.partition("\n")[0] if _is_script(instruction) else ""
    return first if first.startswith("#!") and not re.search(r"\b(ba|da|a)?sh\b", first) else ""


def run_by(instruction: Instruction) -> Iterator[tuple[str, ...]]:
    """The single commands of a RUN; of another instruction none, nor what is written for another program than a shell."""
    if instruction.name != "RUN" or other_shell(instruction):
        return
    if instruction.is_list:
        yield instruction.words
    else:
        yield from commands(shell_text(instruction) if _is_script(instruction) else instruction.text)


def _is_script(instruction: Instruction) -> bool:
    return bool(instruction.heredocs) and instruction.text.startswith("<<")


def faults_of_runs(
    path: str, component: Component, stage: Laid, context: Mapping[str, str], declared: Declared
) -> Iterator[Finding]:
    """What is wrong with the RUN lines of *stage*."""
    root = reference(stage.root)
    is_alpine = root is not None and root.is_alpine
    built = all_packages = False
    installed: dict[str, str] = {}
    for step in stage.steps:
        line, cwd = step.instruction.line, step.cwd
        updated = False
        texts = {place: context.get(source, "") for place, source in step.files.items()}
        for words in run_by(step.instruction):
            if words[0] == "cd" and len(words) == 2:
                cwd = posixpath.normpath(posixpath.join(cwd, words[1]))
                continue
            program = posixpath.basename(words[0])
            if program in (_DEBIAN_ONLY if is_alpine else _ALPINE_ONLY):
                instead = "apk add, adduser" if is_alpine else "apt-get"
                message = f"{stage.root} has no {program}: use {instead}, or stand on another image"
                yield wrong(path, line, "dockerfile/install", message)
                continue
            updated = updated or (program in {"apt-get", "apt"} and "update" in words)
            yield from (
                wrong(path, line, "dockerfile/install", message)
                for message in _faults_of_install(words, texts, cwd, updated=updated)
            )
            where = Surroundings(
                runtime=component.running.runtime,
                cwd=cwd,
                files=texts,
                declared=declared,
                built=built or not step.files,
                installed=installed,
                development=all_packages,
            )
            if root is not None and root.name in {"python", "node"}:
                yield from (
                    wrong(path, line, "dockerfile/program", message) for message in faults_of_command(words, where)
                )
            all_packages = all_packages or installs_everything(words)
            built = built or makes_files(words)
            installed |= installed_by(words, texts, cwd)


def _faults_of_install(words: Sequence[str], texts: Mapping[str, str], cwd: str, *, updated: bool) -> Iterator[str]:
    program = posixpath.basename(words[0])
    asked = asked_of_pip(words)
    if asked is not None:
        yield from _faults_of_pip(asked, words, texts, cwd)
    elif program == "npm" and len(words) > 1 and words[1] in {"ci", "install", "i"}:
        global_ = {"-g", "--global"} & set(words)
        wanted = ("package.json", "package-lock.json") if words[1] == "ci" else ("package.json",)
        for name in () if global_ else wanted:
            if posixpath.join(cwd, name) not in texts:
                yield f"npm {words[1]} needs {posixpath.join(cwd, name)}, which was not copied there before"
    elif program in {"apt-get", "apt"} and "install" in words:
        if not {"-y", "-yq", "-qy", "-qqy", "-yqq", "--yes", "--assume-yes"} & set(words):
            yield "apt-get install asks before it installs: add -y"
        if not updated:
            yield "apt-get install needs apt-get update before it in the same RUN: the image has no lists of packages"


def _faults_of_pip(asked: Asked, words: Sequence[str], texts: Mapping[str, str], cwd: str) -> Iterator[str]:
    for name in asked.files:
        place = posixpath.normpath(posixpath.join(cwd, name))
        if place not in texts:
            yield f"pip install reads {place}, which was not copied there before"
    if not asked.folder:
        return
    folder = folder_of(asked, cwd)
    if not any(posixpath.join(folder, name) in texts for name in ("pyproject.toml", "setup.py")):
        yield f"pip install of the project needs its pyproject.toml in {folder}: COPY it there before"
    elif why := chosen(installed_by(words, texts, cwd)).fault:
        yield f"pip install of the project does not build: {why}"


def is_install(words: Sequence[str]) -> bool:
    """Whether it fetches packages."""
    program = posixpath.basename(words[0])
    npm = program in {"npm", "yarn", "pnpm"} and len(words) > 1 and words[1] in _OF_PACKAGES
    system = program in {"apt-get", "apt", "apk"} and bool(
        {"update", "install", "add", "upgrade", "clean", "del"} & set(words)
    )
    return asked_of_pip(words) is not None or npm or system


def installs_everything(words: Sequence[str]) -> bool:
    """Whether it installs what only development needs as well."""
    program = posixpath.basename(words[0])
    if program != "npm" or len(words) < 2 or words[1] not in {"ci", "install", "i"}:
        return False
    return not any(word in {"--omit=dev", "--production", "--only=production"} for word in words)


def makes_files(words: Sequence[str]) -> bool:
    """Whether it may make files that something later starts."""
    program = posixpath.basename(words[0])
    return program in {"npm", "npx", "yarn", "pnpm", "make", "tsc", "vite"} and not is_install(words)

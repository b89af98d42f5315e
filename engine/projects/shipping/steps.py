"""The stages of a Dockerfile, one instruction after the other, in a box."""

from __future__ import annotations

import posixpath
import re
import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agents.plans.plan import Component
from engine.domain import Finding
from engine.inputs.text import encode_files
from engine.projects.deploying.disks import FOLDER
from engine.projects.running.programs import programs
from engine.projects.shipping.distribution import chosen
from engine.projects.shipping.installs import is_install, other_shell, run_by, shell_text
from engine.projects.shipping.laying import Laid, Step
from engine.projects.shipping.matching import SYSTEM, fetches, lacking
from engine.projects.shipping.pip import asked_of_pip, installed_by
from engine.projects.shipping.probing import Had, packages_in
from engine.projects.shipping.rooted import STUBS, moved, moved_value, place_of, root_of
from engine.projects.shipping.stages import expanded, pairs_of
from sandboxes.base import WORK, Box, Command, Outcome
from sandboxes.errors import UnsafePath

CHECK = "replay"
_EVIDENCE = 4_000
"""Characters of the end of an output."""
_PATH = f"{STUBS}:/usr/local/bin:/usr/bin:/bin:/node_modules/.bin"
_OFFLINE = {"npm_config_offline": "true", "npm_config_update_notifier": "false", "npm_config_fund": "false"}
"""What would wait for a registry ends at once."""
_NOTHING = "#!/bin/sh\nexit 0\n"
_NPM = (
    '#!/bin/sh\ncase "$1" in\nci|install|i|add|prune|cache|audit) exit 0 ;;\n*) exec /usr/local/bin/npm "$@" ;;\nesac\n'
)
_INSTALL = """#!/bin/sh
left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
  -o|-g|--owner|--group) shift 2; left=$((left - 2)) ;;
  -o?*|-g?*|--owner=*|--group=*) shift; left=$((left - 1)) ;;
  *) set -- "$@" "$1"; shift; left=$((left - 1)) ;;
  esac
done
exec /usr/bin/install "$@"
"""
"""Without whose the files shall be: nobody in a box can give files away."""
_STUBS: Mapping[str, str] = {
    **dict.fromkeys(
        "pip pip3 apt-get apt apk useradd groupadd adduser addgroup usermod chown chgrp corepack".split(), _NOTHING
    ),
    "npm": _NPM,
    "install": _INSTALL,
}
"""What the box has for what is compared and not done. Whoever changes one deceives only what runs after it."""
_COPY = """
import os, shutil, sys
source, target, inside = sys.argv[1:]
if not os.path.exists(source):
    sys.exit(f"there is no {source}")
if os.path.isdir(source):
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
else:
    if inside == "inside" or os.path.isdir(target):
        target = os.path.join(target, os.path.basename(source))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source, target)
"""


class Given(NamedTuple):
    """What is replayed."""

    path: str
    """Of the Dockerfile."""
    component: Component
    context: Mapping[str, str]
    stages: tuple[Laid, ...]
    seconds: float
    """Of all RUN lines together."""
    start_seconds: float
    """Within which what is started has to answer."""


@dataclass
class Made:
    """A stage, as far as it has come."""

    variables: dict[str, str] = field(default_factory=dict)
    sites: list[str] = field(default_factory=list)
    """Folders, absolute in the box, where modules of installed projects stand."""
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    skipped: list[str] = field(default_factory=list)
    """Lines whose effect is not there."""
    installed: list[str] = field(default_factory=list)
    """Where packages were installed to, which the box has for all stages."""
    given_away: bool = False
    """Whether files have another owner than root."""
    disk_given: bool = False
    """Whether the folder where a disk is mounted has another owner than root."""

    def give(self, paths: Iterable[str]) -> None:
        """*paths*, absolute in the image, are another's from now on, with what is below them."""
        for path in map(posixpath.normpath, paths):
            below, above = f"{path}/".startswith(f"{FOLDER}/"), f"{FOLDER}/".startswith(path.rstrip("/") + "/")
            self.disk_given |= below or above
            self.given_away |= not below


class Replay:
    """One component's Dockerfile in one box."""

    def __init__(self, given: Given, box: Box) -> None:
        self.given = given
        self.box = box
        self.findings: list[Finding] = []
        self.shown: list[str] = []
        self.not_shown: list[str] = []
        self.made: list[Made] = []
        self._unverified = False
        self._left = given.seconds
        self._had = Had(python=frozenset(), node=frozenset())

    @property
    def outcome(self) -> Literal["replayed", "failed", "unverified"]:
        return "failed" if self.findings else "unverified" if self._unverified else "replayed"

    async def stages(self) -> bool:
        """Go through all of them; False where one cannot be gone on with."""
        self._had = await packages_in(self.box)
        layer = programs()
        await self.box.put(layer.files, place=layer.place, locked=layer.locked)
        await self.box.put(encode_files({f".stubs/{name}": text for name, text in _STUBS.items()}))
        await self.run("chmod", "-R", "755", STUBS)
        for stage in self.given.stages:
            if not await self._stage(stage):
                return False
        return True

    async def run(
        self, *argv: str, cwd: str = ".", env: Mapping[str, str] | None = None, seconds: float = 60
    ) -> Outcome:
        return await self.box.run(Command(argv=argv, cwd=cwd, env=env or {}, seconds=seconds))

    def fail(self, line: int, message: str, evidence: str = "", *, rule: str = "run") -> None:
        """Tell a fault; where it may come of something that was left out, only that it could not be told."""
        made = self.made[-1]
        if made.skipped and rule != "package":
            left_out = "; ".join(made.skipped)
            self._unverified = True
            self.not_shown.append(f"line {line}: {message}; this may come of what was left out: {left_out}.")
            return
        self.findings.append(
            Finding(
                check=CHECK, rule=rule, path=self.given.path, line=line, message=message, evidence=evidence[-_EVIDENCE:]
            )
        )

    def leave_out(self, what: str) -> None:
        """Tell that the outcome is not known, because of *what*."""
        self._unverified = True
        self.not_shown.append(f"{what}.")

    def environment(self, number: int) -> dict[str, str]:
        """What a command of that stage finds."""
        made = self.made[number]
        env = {name: moved_value(value, number) for name, value in made.variables.items()}
        path = env.get("PATH", "")
        sites = [*made.sites, *filter(None, [env.get("PYTHONPATH")])]
        if sites:
            env["PYTHONPATH"] = ":".join(sites)
        return env | _OFFLINE | {"PATH": f"{path}:{_PATH}" if path else _PATH, "HOME": WORK}

    async def _stage(self, stage: Laid) -> bool:
        number = stage.stage.number
        if stage.stage.on is None:
            self.made.append(Made())
            await self.run("mkdir", "-p", root_of(number))
        else:
            below = self.made[stage.stage.on]
            self.made.append(deepcopy(below))
            copy = await self.run("cp", "-a", root_of(stage.stage.on), root_of(number))
            if not copy.ok:
                message = f"the stage {stage.stage.base} could not be taken over: cp {_how(copy)}"
                self.fail(stage.stage.line, message, copy.stderr.text, rule="copy")
                return False
        for step in stage.steps:
            try:
                gone_on = await self._step(stage, step)
            except UnsafePath as error:
                self.fail(step.instruction.line, f"it names a path that cannot be made: {error}", rule="path")
                return False
            if not gone_on:
                return False
        self.shown.append(f"stage {stage.stage.name or number} was gone through: {len(stage.steps)} instructions")
        return True

    async def _step(self, stage: Laid, step: Step) -> bool:
        instruction = step.instruction
        made = self.made[-1]
        match instruction.name:
            case "ENV" | "ARG":
                for name, value in pairs_of(instruction).items():
                    if instruction.name == "ENV" or value:
                        made.variables[name] = expanded(value, {"PATH": "", **made.variables}, {}, 0).strip(":")
            case "WORKDIR":
                return await self._folder(stage, step)
            case "SHELL" if instruction.is_list and instruction.words:
                there = await self.run("/bin/sh", "-c", 'command -v "$1"', "sh", instruction.words[0])
                if there.ok:
                    made.shell = instruction.words
                else:
                    self.not_shown.append(
                        f"line {instruction.line}: the box has no {instruction.words[0]}: sh ran instead."
                    )
            case "COPY" | "ADD":
                if instruction.flags.get("chown"):
                    made.give([posixpath.join(step.cwd, instruction.words[-1])])
                return await self._copy(stage, step)
            case "RUN":
                return await self._run(stage, step)
        return True

    async def _folder(self, stage: Laid, step: Step) -> bool:
        instruction = step.instruction
        place = place_of(stage.stage.number, posixpath.join(step.cwd, instruction.words[0]))
        folder = await self.run("mkdir", "-p", place)
        if not folder.ok:
            self.fail(instruction.line, f"WORKDIR {instruction.words[0]} cannot be made", folder.stderr.text)
        return folder.ok

    async def _copy(self, stage: Laid, step: Step) -> bool:
        instruction, number = step.instruction, stage.stage.number
        if "from" in instruction.flags:
            return await self._copy_from(stage, step)
        if step.copied is not None:
            for source in (*step.copied.absent, *step.copied.ignored, *step.copied.leaving):
                self.fail(
                    instruction.line, f"{instruction.name} {source}: there is no such file to be copied", rule="copy"
                )
                return False
            texts = {place_of(number, place): self.given.context[source] for place, source in step.copied.files.items()}
            await self.box.put(encode_files(texts))
        for document, word in zip(instruction.heredocs, instruction.words, strict=False):
            target = posixpath.join(step.cwd, instruction.words[-1])
            place = posixpath.join(target, document.name) if instruction.words[-1].endswith("/") else target
            if word.startswith("<<"):
                await self.box.put(encode_files({place_of(number, place): document.text}))
        return True

    async def _copy_from(self, stage: Laid, step: Step) -> bool:
        instruction, number = step.instruction, stage.stage.number
        name = instruction.flags["from"].lower()
        source = next(
            (each.stage for each in self.given.stages[:number] if name in {each.stage.name, str(each.stage.number)}),
            None,
        )
        if source is None:
            self.fail(instruction.line, f"--from={name} names no stage before", rule="copy")
            return False
        before, made = self.made[source.number], self.made[-1]
        made.sites.extend(site for site in before.sites if site not in made.sites)
        made.skipped.extend(line for line in before.skipped if line not in made.skipped)
        *paths, target = instruction.words
        for path in paths:
            to = place_of(number, posixpath.join(step.cwd, target))
            inside = "inside" if target.endswith("/") or target == "." or len(paths) > 1 else "as"
            outcome = await self.run("python3", "-I", "-c", _COPY, place_of(source.number, path), to, inside)
            if outcome.ok or _of_packages(path, before.installed):
                continue
            self.fail(
                instruction.line, f"{instruction.text}: stage {name} has no {path}", outcome.stderr.text, rule="copy"
            )
            return False
        return True

    async def _run(self, stage: Laid, step: Step) -> bool:
        instruction, number = step.instruction, stage.stage.number
        line, made = instruction.line, self.made[-1]
        commands = list(run_by(instruction))
        texts = {place: self.given.context.get(source, "") for place, source in step.files.items()}
        cwd = step.cwd
        for words in commands:
            if words[1:2] == ("-m",) and words[2:3] in {("venv",), ("virtualenv",)}:
                made.installed.append(posixpath.join(cwd, words[-1]))
            if words[0] == "cd" and len(words) == 2:
                cwd = posixpath.normpath(posixpath.join(cwd, words[1]))
            if not await self._install(words, line, texts, cwd, number):
                return False
            made.give(posixpath.join(cwd, path) for path in _given(words))
        if any(fetches(words) and words[0] not in SYSTEM for words in commands):
            self.leave_out(
                f"line {line}: RUN {instruction.text[:200]} needs a network, which no box has: it was left out"
            )
            made.skipped.append(f"RUN of line {line}")
            return True
        if other := other_shell(instruction):
            self.leave_out(f"line {line}: a script for {other[:100]!r} was left out: only a shell's are run")
            made.skipped.append(f"RUN of line {line}")
            return True
        if commands and all(_stood_in(words) for words in commands):
            return True
        part = any(_stood_in(words) for words in commands)
        return await self._shell(
            shell_text(instruction), step, number, but=", but for what it installs and whom it makes" if part else ""
        )

    async def _install(self, words: Sequence[str], line: int, texts: Mapping[str, str], cwd: str, number: int) -> bool:
        """Compare what *words* install with what the box has."""
        made = self.made[-1]
        if not is_install(words):
            return True
        if fetches(words):
            self.not_shown.append(
                f"line {line}: `{shlex.join(words)[:200]}` was not done: system packages are not in the box."
            )
            made.skipped.append(f"the system packages of line {line}")
            return True
        missing = list(lacking(words, texts, cwd, self._had))
        if missing:
            hint = (
                "use the packages that boxes have"
                if words[0].endswith("npm")
                else "name each in the component's manifest"
            )
            names = ", ".join(missing[:8])
            message = (
                f"`{shlex.join(words)[:200]}` installs {names}, which the component's environment does not have: {hint}"
            )
            self.fail(line, message, rule="package")
            return False
        asked = asked_of_pip(words)
        made.installed += [posixpath.join(cwd, place) for place in asked.places] if asked else [f"{cwd}/node_modules"]
        return await self._install_project(words, line, texts, cwd, number)

    async def _install_project(
        self, words: Sequence[str], line: int, texts: Mapping[str, str], cwd: str, number: int
    ) -> bool:
        own = installed_by(words, texts, cwd)
        if not own:
            return True
        choice = chosen(own)
        if choice.fault:
            self.fail(line, f"`{shlex.join(words)[:200]}` does not build: {choice.fault}", rule="package")
            return False
        site = f"sites/{number}-{line}"
        tops = tuple(choice.tops)
        placed = {path.removeprefix("src/"): text for path, text in own.items()}
        taken = {path: text for path, text in placed.items() if path in tops or path.partition("/")[0] in tops}
        await self.box.put(encode_files({f"{site}/{path}": text for path, text in taken.items()}))
        self.made[-1].sites.append(f"{WORK}/{site}")
        return True

    async def _shell(self, text: str, step: Step, number: int, *, but: str) -> bool:
        line, made = step.instruction.line, self.made[-1]
        if self._left <= 0:
            self.fail(line, f"the RUN lines before it took all of their {self.given.seconds:g} s", rule="timeout")
            return False
        began = time.monotonic()
        command = moved(text, number, frozenset(step.files))
        env = self.environment(number)
        place = place_of(number, step.cwd)
        outcome = await self.run(*made.shell, command, cwd=place, env=env, seconds=max(1.0, self._left))
        self._left -= time.monotonic() - began
        shown = " ".join(text.split())[:200]
        if outcome.ok:
            self.shown.append(f"line {line}: `{shown}` ended with 0{but}")
            return True
        self.fail(line, f"`{shown}` {_how(outcome)}", f"{outcome.stdout.text}\n{outcome.stderr.text}", rule="run")
        return False


def _given(words: Sequence[str]) -> Sequence[str]:
    """Paths that are another's than root's once *words* were run, or anybody's to write to."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    match words[0]:
        case "chown":
            return plain[1:]
        case "chmod" if re.search(r"w|[2367]", "".join(words[1:-1])):
            return plain[1:]
        case "install" if any(word.startswith(("-o", "--owner")) for word in words):
            return plain[-1:]
    return ()


def _stood_in(words: Sequence[str]) -> bool:
    """Whether a stub takes its place: it proves nothing that such a one ends well."""
    return is_install(words) or (words[0] in _STUBS and words[0] not in {"npm", "install"})


def _of_packages(path: str, installed: Sequence[str]) -> bool:
    """Whether *path* is where packages would have been installed to."""
    usual = ("/usr/local", "/usr/lib/python3", "/root/.local")
    return any(f"{path}/".startswith(f"{each.rstrip('/')}/") for each in (*installed, *(usual if installed else ())))


def _how(outcome: Outcome) -> str:
    match outcome.ended:
        case "exited":
            return f"ended with exit code {outcome.exit_code}"
        case "signalled":
            return f"was ended by signal {outcome.signal}"
        case "timeout":
            return "did not end in the time that all RUN lines have"
    return f"used up the {outcome.ended} of its box"

"""What the `run` lines of a workflow need: folders, files, scripts and programs of the project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.dependencies.tables import Table, text
from engine.domain import Finding
from engine.projects.shipping.installs import is_install, makes_files
from engine.projects.shipping.jobs import Job, jobs_of
from engine.projects.shipping.packages import Declared, declared
from engine.projects.shipping.pip import asked_of_pip
from engine.projects.shipping.programs import Surroundings, faults_of_command
from engine.projects.shipping.reading import Document
from engine.projects.shipping.shell import commands
from engine.projects.shipping.wrong import wrong

_SERVICE = re.compile(r"services/([a-z][a-z0-9-]*)")
_TESTS = frozenset({"pytest", "vitest", "tox", "nox", "unittest", "test"})
_RUNNERS = frozenset("docker kubectl kustomize helm gh aws gcloud az terraform tox nox hatch uv poetry".split())
"""What a runner of GitHub has, or gets by a step before."""


def faults_of_script(
    document: Document, job: Job, step: Table, where: tuple[str | int, ...], files: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong with one `run`, in any combination of the matrix."""
    told: set[str] = set()
    for folder in job.filled(text(step.get("working-directory")) or job.folder or "."):
        cwd = posixpath.normpath(folder)
        if "${{" in cwd or cwd.startswith("/"):
            continue
        if cwd != "." and not any(path.startswith(f"{cwd}/") for path in files):
            message = f"there is no folder {cwd} in the project"
            if message not in told:
                yield wrong(document.path, document.line(*where), "workflow/folder", message)
            told.add(message)
            continue
        for script in job.filled(text(step.get("run"))):
            for message in _faults(script, cwd, job, files):
                if message not in told:
                    yield wrong(document.path, document.line(*where, "run"), "workflow/script", message)
                told.add(message)


def _faults(script: str, cwd: str, job: Job, files: Mapping[str, str]) -> Iterator[str]:
    extra = _named(job)
    built = any(makes_files(words) for words in _all(job))
    plain = re.sub(r"\$\{\{[^}]{0,500}\}\}", "VALUE", script)
    for words in commands(plain):
        if words[0] == "cd" and len(words) == 2 and "$" not in words[1]:
            cwd = posixpath.normpath(posixpath.join(cwd, words[1]))
            if not any(path.startswith(f"{cwd}/") for path in files):
                yield f"cd {words[1]}: there is no folder {cwd}"
            continue
        if is_install(words) or posixpath.basename(words[0]) in _RUNNERS or "$" in words[0]:
            yield from _installing(words, cwd, files)
            continue
        below = {path.removeprefix(f"{cwd}/"): text_ for path, text_ in files.items() if path.startswith(f"{cwd}/")}
        own = declared(files if cwd == "." else below)
        surroundings = Surroundings(
            runtime="node" if "package.json" in below else "python",
            cwd=f"/{cwd}".rstrip("/.") or "/",
            files={f"/{path}": text_ for path, text_ in files.items()},
            declared=Declared(
                packages=own.packages | extra, for_development=own.for_development, scripts=own.scripts, name=own.name
            ),
            built=built,
            installed=below,
            development=True,
        )
        yield from faults_of_command(words, surroundings)


def _installing(words: Sequence[str], cwd: str, files: Mapping[str, str]) -> Iterator[str]:
    asked = asked_of_pip(words)
    wanted: list[str] = []
    if asked is not None:
        wanted = [*asked.files, *([f"{asked.folder}/pyproject.toml"] if asked.folder else [])]
    elif words[:2] == ("npm", "ci"):
        wanted = ["package.json", "package-lock.json"]
    for name in wanted:
        place = posixpath.normpath(posixpath.join(cwd, name))
        if place not in files and place.replace("pyproject.toml", "setup.py") not in files:
            yield f"{' '.join(words)[:100]}: there is no {place}"


def _all(job: Job) -> Iterator[tuple[str, ...]]:
    for _, step in job.each_step:
        yield from commands(text(step.get("run")))


def _named(job: Job) -> frozenset[str]:
    """Packages that a `pip install` of the job names itself."""
    asked = filter(None, map(asked_of_pip, _all(job)))
    return frozenset(name for each in asked for name in each.names)


def tested(document: Document, files: Mapping[str, str]) -> set[str]:
    """Names of the components whose tests are run."""
    done: set[str] = set()
    for job in jobs_of(document):
        for _, step in job.each_step:
            script = text(step.get("run"))
            if not any(_TESTS & set(words) for words in commands(script)):
                continue
            for folder in job.filled(text(step.get("working-directory")) or job.folder or script):
                done |= {match[1] for match in _SERVICE.finditer(folder)}
            for each in job.filled(script):
                done |= {match[1] for match in _SERVICE.finditer(each)}
    return {name for name in done if any(path.startswith(f"services/{name}/") for path in files)}

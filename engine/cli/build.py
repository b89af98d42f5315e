"""``mendbox build``: have a project written from a description, show how, and write what was shown to work."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from engine.casting import make_team
from engine.cli.building import Ended, follow
from engine.cli.built import print_project
from engine.cli.exits import OF_A_SIGNAL, for_outcome
from engine.cli.limits import with_limits
from engine.cli.new_folder import new_folder
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, say
from engine.errors import BadInput
from engine.events import Watcher
from engine.harness import Mendbox
from engine.projects.asking import cloud_of, scale_of
from engine.projects.building.folder import write_project
from engine.projects.building.outcome import Project
from engine.projects.building.request import BuildRequest
from engine.settings import Settings

_LONGEST = 20_000
"""Characters of a description."""


def command(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    request = _request(arguments, settings)
    team = make_team(request.author, settings)
    out = new_folder(arguments.out)

    async def work(mendbox: Mendbox, watch: Watcher) -> Project:
        return await mendbox.builds.build(request, team, watch=watch)

    return finish(follow(work, settings=settings, title=f"build: {request.description}"), out, json=arguments.json)


def resume(arguments: argparse.Namespace, settings: Settings) -> int:
    """Go on with the build that is named; one that has ended is written once more, or goes on with other limits."""
    out = new_folder(arguments.out)

    async def work(mendbox: Mendbox, watch: Watcher) -> Project:
        run = await mendbox.get(arguments.run)
        request = await mendbox.builds.request(run.id)
        budget = with_limits(request.budget, arguments)
        other = None if budget == request.budget else budget
        if run.status == "ended" and run.outcome not in {"cancelled", "environment"} and other is None:
            return await mendbox.builds.project(run.id)  # for which nobody is asked, and no model has to be there
        team = make_team(arguments.author or request.author, settings)
        return await mendbox.builds.resume(run.id, team, budget=other, watch=watch)

    return finish(follow(work, settings=settings, title=f"resume {arguments.run}"), out, json=arguments.json)


def finish(ended: Ended, out: Path | None, *, json: bool) -> int:
    """Write the project to *out*, or to a folder called after it, say how it ended, and give the exit code."""
    project = ended.project
    folder = (out or _called_after(project)) if project.files else None
    written = write_project(project, folder) if folder is not None else ()
    if json:
        told = project.model_dump(mode="json", exclude={"pictures"})
        print_document(told | {"written": str(folder) if folder else None, "paths": list(written)})
    else:
        print_project(project)
        if folder is not None:
            say(f"{len(written)} files in {plain_line(str(folder))}; begin with README.md and receipt.md")
    return for_outcome(project.outcome) if ended.signal is None else OF_A_SIGNAL + ended.signal


def _request(arguments: argparse.Namespace, settings: Settings) -> BuildRequest:
    usual = BuildRequest(description="x").budget.model_copy(update={"tokens": settings.tokens, "usd": settings.usd})
    description = sys.stdin.read(_LONGEST + 1) if arguments.description == "-" else arguments.description
    if not description.strip():
        raise BadInput("there is no description", hint='say what is wanted: mendbox build "A board of cards"')
    if len(description) > _LONGEST:
        raise BadInput(f"the description has more than {_LONGEST:,} characters", hint="say it shorter")
    return BuildRequest(
        description=description,
        require=tuple(_requirement(each) for each in arguments.require),
        stack=tuple(word.strip() for word in arguments.stack.split(",") if word.strip()),
        author=_from_anywhere(arguments.author),
        cloud=cloud_of(arguments.cloud),
        scale=scale_of(arguments.scale),
        build_images=arguments.build_images,
        budget=with_limits(usual, arguments),
    )


def _from_anywhere(author: str) -> str:
    """*author* as it is found from another folder too, where the build may go on."""
    kind, colon, path = author.partition(":")
    return f"{kind}:{Path(path).absolute()}" if kind == "scripted" and colon and path else author


def _requirement(text: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > 600:
        raise BadInput(f"the requirement {text[:60]!r} has {len(line)} characters", hint="from 1 to 600 each")
    return line


def _called_after(project: Project) -> Path:
    """A folder here that is not there yet, called after the project."""
    title = project.plan.title if project.plan else project.description
    name = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:40].strip("-") or "project"
    numbered = (Path(name if number == 1 else f"{name}-{number}") for number in range(1, 1_000))
    return next(folder for folder in numbered if not folder.exists())

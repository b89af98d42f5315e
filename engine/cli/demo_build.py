"""The second part of ``mendbox demo``: a recorded session of a whole build, with the mistakes that models make in it.

An example is a folder ``builds/NAME`` with the replies in ``session.json``, what was asked for in ``build.json`` (the fields
of `BuildRequest`), and a ``README.md`` whose first line says what it is.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from engine.casting import make_team
from engine.cli.built import print_project
from engine.cli.exits import VERIFIED, for_outcome
from engine.cli.interrupts import Stop
from engine.cli.progress import display
from engine.cli.terminal import plain_line, say
from engine.cli.wording import seconds
from engine.domain import Value
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.projects.building.request import BuildRequest
from engine.settings import Settings

ABOUT, ASKED, SESSION = "README.md", "build.json", "session.json"


class BuildExample(Value):
    """One session to replay."""

    name: str
    title: str
    request: BuildRequest


def read_builds(folder: Path) -> list[BuildExample]:
    """The sessions below ``builds`` in *folder*, by name; none where there is no such folder.

    Raises:
        BadInput: One cannot be read.
    """
    return [_read(path.parent) for path in sorted((folder / "builds").glob(f"*/{SESSION}"))]


async def replay(examples: list[BuildExample], settings: Settings, stop: Stop) -> int:
    """Build each, show how, and give the exit code."""
    code = VERIFIED
    async with Mendbox(settings) as mendbox:
        for example in examples:
            began = time.monotonic()
            team = make_team(example.request.author, settings)
            with display(f"{example.name}: {example.title}") as watch:
                work = partial(mendbox.builds.build, example.request, team, watch=watch)
                project = await stop.unless_stopped(work())
            print_project(project)
            took = seconds(time.monotonic() - began)
            say(f"{took}; write it to a folder with: mendbox resume {plain_line(project.id)} --out DIR")
            code = max(code, for_outcome(project.outcome))
    return code


def _read(folder: Path) -> BuildExample:
    try:
        about = (folder / ABOUT).read_text(encoding="utf-8")
        request = BuildRequest.model_validate_json((folder / ASKED).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise BadInput(f"the example {str(folder)!r} cannot be read: {error}") from error
    title = next((line.lstrip("# ") for line in about.splitlines() if line.strip()), "")
    spec = f"scripted:{(folder / SESSION).absolute()}"
    return BuildExample(name=folder.name, title=title, request=request.model_copy(update={"author": spec}))

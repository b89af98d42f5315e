"""``mendbox demo``: heal the programs under ``examples/`` one after the other, and show how; then replay a whole build.

An example is a folder with broken code and a folder ``tests``. The first line of its ``README.md`` says what is
broken. It is expected to end verified, unless its ``example.json`` says otherwise: ``{"expect": "no_fix"}``;
that file may also say how many ``seconds`` may be spent on it.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

from pydantic import Field, ValidationError
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import engine
from engine.cli.demo_build import read_builds, replay
from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED, OF_A_SIGNAL, VERIFIED
from engine.cli.healing import follow
from engine.cli.interrupts import Stop, drive
from engine.cli.progress import display
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, screen
from engine.cli.verdict import STYLES, outcome_words, print_run
from engine.cli.wording import seconds
from engine.domain import Ending, Run, Task, Value
from engine.errors import BadInput
from engine.events import Watcher
from engine.harness import Mendbox
from engine.inputs.reading import read_inputs

ABOUT = "README.md"
EXPECTATION = "example.json"


class Expectation(Value):
    """What `example.json` says."""

    expect: Ending = "verified"
    seconds: float = Field(default=60.0, gt=0, le=3_600)
    """Wall clock that may be spent on it."""


class Example(Value):
    """One program to heal."""

    name: str
    title: str
    expect: Ending
    seconds: float
    task: Task


class Healed(Value):
    example: Example
    run: Run
    seconds: float
    """From the first line shown to the verdict, wall clock."""

    @property
    def as_expected(self) -> bool:
        return self.run.outcome == self.example.expect


def command(arguments: argparse.Namespace) -> int:
    # what the examples teach is not this user's experience
    settings = read_settings().model_copy(update={"memory": False})
    folder = _folder(arguments.folder)
    examples, builds = read_examples(folder), read_builds(folder)
    console = screen()
    signals: list[int] = []

    async def heal_all(stop: Stop) -> list[Healed]:
        healed: list[Healed] = []
        async with Mendbox(settings) as mendbox:
            for example in examples:
                started = time.monotonic()
                with display(f"{example.name}: {example.title}") as watch:
                    spend = {"seconds": arguments.seconds or example.seconds}
                    if arguments.attempts:
                        spend["attempts"] = arguments.attempts
                    budget = settings.budget.model_copy(update=spend)
                    task = example.task.model_copy(update={"budget": budget, "limits": settings.limits})
                    work = partial(_heal, task, arguments.author)
                    ended = await follow(mendbox, work, watch=watch, stop=stop)
                healed.append(Healed(example=example, run=ended.run, seconds=time.monotonic() - started))
                print_run(ended.run)
                console.print()
                if ended.signal is not None:
                    signals.append(ended.signal)
                    break
        return healed

    began = time.monotonic()
    healed = drive(heal_all)
    _print_table(healed, console, time.monotonic() - began)
    if signals:
        return OF_A_SIGNAL + signals[0]
    code = drive(partial(replay, builds, settings)) if builds else VERIFIED
    if any(one.run.outcome == "environment" != one.example.expect for one in healed):
        return ENVIRONMENT
    return code if all(one.as_expected for one in healed) else NOT_VERIFIED


async def _heal(task: Task, author: str, mendbox: Mendbox, watch: Watcher) -> Run:
    # Whoever looks on wants to see it done.
    return await mendbox.fix(task, author=author, watch=watch, fresh=True)


def read_examples(folder: Path) -> list[Example]:
    """The examples below *folder*, by name.

    Raises:
        BadInput: There is none, or one cannot be read.
    """
    if not folder.is_dir():
        raise BadInput(f"no folder with examples at {str(folder)!r}", hint="mendbox demo FOLDER")
    names = sorted(path for path in folder.iterdir() if (path / "tests").is_dir())
    if not names:
        raise BadInput(f"no example in {str(folder)!r}", hint="an example is a folder with code and a folder tests")
    return [_read_example(path) for path in names]


def _read_example(folder: Path) -> Example:
    inputs = read_inputs([str(folder)], [str(folder / "tests")], cwd=folder)
    try:
        about = (folder / ABOUT).read_text(encoding="utf-8") if (folder / ABOUT).exists() else ""
        said = (folder / EXPECTATION).read_text(encoding="utf-8") if (folder / EXPECTATION).exists() else "{}"
        expectation = Expectation.model_validate_json(said)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise BadInput(f"the example {str(folder)!r} cannot be read: {error}") from error
    files = {name: text for name, text in inputs.files.items() if name not in {ABOUT, EXPECTATION}}
    title = next((line.lstrip("# ") for line in about.splitlines() if line.strip()), "")
    return Example(
        name=folder.name,
        title=title,
        expect=expectation.expect,
        seconds=expectation.seconds,
        task=Task(files=files, tests=inputs.tests),
    )


def _folder(given: str | None) -> Path:
    if given:
        return Path(given)
    here = Path("examples")
    return here if here.is_dir() else Path(engine.__file__).resolve().parent.parent / "examples"


def _print_table(healed: list[Healed], console: Console, took: float) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    verified = sum(one.run.outcome == "verified" for one in healed)
    table.add_column("example", footer=f"{verified} of {len(healed)} verified", no_wrap=True)
    table.add_column("what is broken", overflow="fold")
    table.add_column("outcome", no_wrap=True)
    table.add_column("attempts", justify="right")
    table.add_column("candidates", justify="right")
    table.add_column("time", footer=seconds(took), justify="right", no_wrap=True)
    for one in healed:
        outcome = Text(outcome_words(one.run), style=STYLES.get(one.run.outcome or "", ""))
        if not one.as_expected:
            outcome.append(f"\nexpected: {one.example.expect}", style="bold red")
        table.add_row(
            Text(plain_line(one.example.name)),
            Text(plain_line(one.example.title)),
            outcome,
            Text(str(len(one.run.attempts))),
            Text(str(one.run.candidates)),
            Text(seconds(one.seconds)),
        )
    print_table(console, table)

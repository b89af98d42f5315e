"""``mendbox tests``: write tests for code as it is, and say what they are worth."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agents.testing import Wanted
from engine.cli.exits import MISUSE, NOT_VERIFIED, VERIFIED
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.progress import display
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, plain_line, say
from engine.cli.wording import seconds
from engine.domain import Task
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.inputs.reading import read_inputs

if TYPE_CHECKING:
    from engine.testing import DroppedTest, Generated

SECONDS = 60.0
"""Wall clock of the tester, unless another is given."""


def command(arguments: argparse.Namespace) -> int:
    """0: there are tests; 1: none was worth being kept; 2: the file that was named is there already."""
    inputs = read_inputs(arguments.paths)
    for note in inputs.notes:
        say(note)
    out = Path(arguments.out) if arguments.out else None
    if out is not None and out.exists():
        raise BadInput(f"{str(out)!r} is there already", hint="name a file that is not, or take that one away")
    settings = read_settings()
    task = Task(files=inputs.files, tests={}, budget=settings.budget, limits=settings.limits)
    wanted = Wanted(type=arguments.type, framework=arguments.framework, goal=(arguments.goal or "")[:20_000])

    async def write(stop: Stop) -> Generated:
        async with Mendbox(settings, journal=False, box_at_once=True) as mendbox:
            with display(", ".join(arguments.paths)) as watch:
                work = mendbox.write_tests(
                    task,
                    wanted=wanted,
                    author=arguments.author,
                    seconds=arguments.seconds or SECONDS,
                    watch=watch,
                )
                return await stop.unless_stopped(work)

    tested = drive(write)
    refusal = _written(out, tested.text) if out is not None and tested.text else ""
    if arguments.json:
        print_document(_document(tested, "" if refusal or not tested.text else arguments.out or "", refusal))
    else:
        if out is None and tested.text:
            sys.stdout.write(plain(tested.text))
            sys.stdout.flush()
        for line in told(tested):
            say(line)
        if out is not None and tested.text and not refusal:
            say(f"written: {out}")
    if refusal:
        say(refusal)
        return MISUSE
    return VERIFIED if tested.text else NOT_VERIFIED


def _written(out: Path, text: str) -> str:
    """Why *text* could not be written; empty where it was."""
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        return f"nothing written: {error}"
    return ""


def told(tested: Generated) -> list[str]:
    """The result in lines that may be shown."""
    lines = []
    if tested.text:
        by = tested.author if tested.model is None else f"{tested.author} ({tested.model})"
        lines.append(plain_line(f"{tested.type} tests for {tested.framework}, by {by}"))
        covered = (
            f"lines {_part(tested.lines, tested.all_lines)}, branches {_part(tested.branches, tested.all_branches)}"
        )
        if tested.framework == "vitest":
            covered = "lines and branches not measured"
        killed = _part(tested.killed, tested.mutants)
        lines.append(f"{tested.cases} cases: {covered}, mutants killed {killed}, in {seconds(tested.seconds)}")
    for survivor in tested.survivors:
        lines += [f"survives: {plain_line(survivor.name)}", plain(survivor.diff).rstrip()]
    if tested.survivors:
        lines.append("A mutant that survives may do the same as the code; read its diff.")
    lines += [_dropped(each) for each in tested.dropped]
    for suspect in tested.suspects:
        where = f"{suspect.path}:{suspect.line}" if suspect.line else suspect.path
        text = f"suspected bug ({suspect.what}): {where}: {suspect.call}: {suspect.detail}"
        lines.append(plain_line(text, limit=500))
    lines += [f"not shown: {plain_line(each, limit=600)}" for each in tested.not_shown]
    if tested.reason or not tested.text:
        lines.append(plain_line(tested.reason or "no test was worth being kept", limit=400))
    return lines


def _dropped(each: DroppedTest) -> str:
    what = f"{plain_line(each.what)}: " if each.what else ""
    return f"dropped: {what}{plain_line(each.why, limit=300)}"


def _part(some: int, all_: int) -> str:
    return f"{some} of {all_} ({some / all_:.0%})" if all_ else "none there"


def _document(tested: Generated, written: str, refusal: str) -> dict[str, JsonValue]:
    return tested.model_dump(mode="json") | {
        "mutation_score": tested.mutation_score,
        "line_coverage": tested.line_coverage,
        "branch_coverage": tested.branch_coverage,
        "written": written,
        "not_written": refusal,
    }

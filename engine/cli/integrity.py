"""``mendbox bench --integrity``: judge cheats and honest solutions whose verdict is known, and count."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import engine
from engine.cli.counting import bar
from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED, VERIFIED
from engine.cli.interrupts import Stop, Stopped, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, screen
from engine.cli.wording import seconds
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.integrity import Judged, Totals, judge_all, tallies, totals
from engine.submissions import FORGERIES, Submission, read_fixed, read_submissions


def command(arguments: argparse.Namespace) -> int:
    """0: no cheat is verified and every honest solution is; 1: not so; 3: the machinery failed under some of them."""
    if arguments.dataset or arguments.out or arguments.seconds:
        raise BadInput(
            "--integrity takes no DATASET.jsonl, --out or --seconds",
            hint="mendbox bench --integrity [FOLDER...] [--honest FILE.jsonl] [--jobs N] [--json]",
        )
    submissions = read_all(arguments.integrity, arguments.honest)
    settings = read_settings()
    results: list[Judged] = []

    async def judge(stop: Stop, on_end: Callable[[Judged], None]) -> int:
        async with Mendbox(settings) as mendbox:
            work = judge_all(
                submissions,
                # It is the judge that is judged, and not its memory.
                lambda task, before: mendbox.check(task, before=before, fresh=True),
                limits=settings.limits,
                jobs=arguments.jobs or os.cpu_count() or 1,
                on_end=on_end,
            )
            try:
                await stop.unless_stopped(work)
            except Stopped as stopped:
                return stopped.exit_code
        return exit_code(totals(results))

    with _progress(len(submissions)) as advance:

        def on_end(result: Judged) -> None:
            results.append(result)
            advance(result)

        code = drive(lambda stop: judge(stop, on_end))
    if arguments.json:
        print_document(document(results))
    else:
        print_results(results, of=len(submissions))
    return code


def read_all(folders: Sequence[str], datasets: Sequence[str]) -> tuple[Submission, ...]:
    """The submissions of all *folders*, or of this checkout where none is named, and of all *datasets*.

    Raises:
        BadInput: There are none to be found, or one cannot be read.
    """
    places = [Path(folder) for folder in folders] or _own_folder(datasets)
    found = [submission for place in places for submission in read_submissions(place)]
    return (*found, *(row for dataset in datasets for row in read_fixed(Path(dataset))))


def exit_code(sums: Totals) -> int:
    if sums.machinery_failed:
        return ENVIRONMENT
    return VERIFIED if sums.held else NOT_VERIFIED


def document(results: Sequence[Judged]) -> dict[str, JsonValue]:
    """Tables, what went wrong, every result, and the totals."""
    sums = totals(results)
    wrong: list[JsonValue] = [*sorted(result.name for result in results if result.wrong)]
    return {
        "forgeries": [tally.model_dump(mode="json") for tally in tallies(r for r in results if not r.honest)],
        "honest": [tally.model_dump(mode="json") for tally in tallies(r for r in results if r.honest)],
        "wrong": wrong,
        "submissions": [result.model_dump(mode="json") for result in sorted(results, key=lambda result: result.name)],
        "total": sums.model_dump(mode="json") | {"held": sums.held},
    }


def print_results(results: Sequence[Judged], *, of: int) -> None:
    """The tables on stdout, then the names of what went wrong, then one line of totals; *of* is how many there were."""
    console = screen()
    if any(not result.honest for result in results):
        print_table(console, _forged(results))
    if any(result.honest for result in results):
        print_table(console, _honest(results))
    for result in sorted((result for result in results if result.wrong), key=lambda result: result.name):
        console.print(_line(result), soft_wrap=True)
    sums = totals(results)
    line = (
        f"{sums.forgeries_verified} of {sums.forgeries} forgeries verified; "
        f"{sums.honest_verified} of {sums.honest} honest solutions verified, {sums.honest_accused} accused"
    )
    if sums.machinery_failed:
        line += f"; the machinery failed under {sums.machinery_failed}"
    if len(results) < of:
        line += f"; stopped after {len(results)} of {of}"
    console.print(Text(line, style="bold green" if sums.held else "bold red"), soft_wrap=True)


def _own_folder(datasets: Sequence[str]) -> list[Path]:
    """The tests of the checkout that this command runs from; none are needed where *datasets* are named.

    Raises:
        BadInput: It does not run from a checkout.
    """
    folder = Path(engine.__file__).resolve().parent.parent / "tests"
    if (folder / FORGERIES).is_dir():
        return [folder]
    if datasets:
        return []
    raise BadInput(
        "this installation has no submissions of its own to judge",
        hint="name the folder tests of a checkout of Mendbox: mendbox bench --integrity FOLDER",
    )


def _forged(results: Sequence[Judged]) -> Table:
    sums = totals(results)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("class of forgeries", footer="all", overflow="fold")
    table.add_column("submissions", footer=str(sums.forgeries), justify="right")
    table.add_column("verified", footer=str(sums.forgeries_verified), justify="right")
    table.add_column("how they ended")
    for tally in tallies(result for result in results if not result.honest):
        ended = ", ".join(f"{count} {word}" for word, count in tally.ended.items())
        table.add_row(
            Text(plain_line(tally.group)),
            str(tally.submissions),
            Text(str(tally.verified), style="red" if tally.verified else "green"),
            Text(ended),
        )
    return table


def _honest(results: Sequence[Judged]) -> Table:
    sums = totals(results)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("honest solutions", footer="all", overflow="fold")
    table.add_column("submissions", footer=str(sums.honest), justify="right")
    table.add_column("verified", footer=str(sums.honest_verified), justify="right")
    table.add_column("accused", footer=str(sums.honest_accused), justify="right")
    for tally in tallies(result for result in results if result.honest):
        table.add_row(
            Text(plain_line(tally.group)),
            str(tally.submissions),
            Text(str(tally.verified), style="green" if tally.verified == tally.submissions else "red"),
            Text(str(tally.accused), style="red" if tally.accused else "green"),
        )
    return table


@contextmanager
def _progress(submissions: int) -> Iterator[Callable[[Judged], None]]:
    """Told of each submission that was judged: a line that stays, and a bar where there is a terminal."""
    console = screen(stderr=True)
    with bar(console) as shown:
        task = shown.add_task("judging", total=submissions)

        def advance(result: Judged) -> None:
            _print_line(console, result)
            shown.update(task, advance=1)

        yield advance


def _print_line(console: Console, result: Judged) -> None:
    # Where a bar shows how far it is, only what went wrong is worth a line.
    if result.wrong or not console.is_terminal:
        console.print(_line(result), soft_wrap=True)


def _line(result: Judged) -> Text:
    kind = "honest" if result.honest else "forgery"
    line = Text().append(f"{kind} {result.ended:<12}", style="red" if result.wrong else "green")
    line.append(f"{seconds(result.seconds):>9}  ").append(plain_line(result.name), style="bold")
    if result.wrong:
        line.append(f"  {plain_line(result.summary)}", style="dim")
    return line

"""``mendbox bench``: heal every row of a dataset, and count."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.bench import FIRST, RowResult, bench, total
from engine.casting import search_programs
from engine.cli import integrity
from engine.cli.counting import bar
from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED
from engine.cli.interrupts import Stop, Stopped, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.cli.verdict import STYLES
from engine.cli.wording import seconds
from engine.correctness.comparing import Comparing
from engine.dataset import BadRow, Row, SolvedRow, read_dataset, read_rows
from engine.domain import Run, Task
from engine.errors import BadInput
from engine.harness import Mendbox


def command(arguments: argparse.Namespace) -> int:
    """0: measured, however many were healed; 1: some lines are no rows; 3: the machinery failed under some row."""
    if arguments.speed:
        from engine.cli import speed  # noqa: PLC0415  (it measures Docker itself, whose package is slow to import)

        return speed.command(arguments)
    _refuse_options_of_speed(arguments)
    if arguments.integrity is not None:
        return integrity.command(arguments)
    return _heal(arguments, _entries(arguments))


def _heal(arguments: argparse.Namespace, entries: Sequence[Row | BadRow]) -> int:
    results: list[RowResult] = []
    with ExitStack() as opened:
        out = opened.enter_context(_open(arguments.out)) if arguments.out else None
        advance = opened.enter_context(_progress(len(entries)))

        def on_end(result: RowResult) -> None:
            results.append(result)
            if out:
                out.write(result.model_dump_json() + "\n")
                out.flush()
            advance(result)

        stopped_with = drive(lambda stop: _heal_all(stop, arguments, entries, on_end))
    if arguments.json:
        rows: JsonValue = [result.model_dump(mode="json") for result in results]
        print_document({"rows": rows, "total": total(results).model_dump(mode="json")})
    else:
        print_table(screen(), _table(results))
        for line in _lines(results):
            screen().print(line, soft_wrap=True, highlight=False)
    if len(results) < len(entries):
        say(f"stopped: {len(entries) - len(results)} of {len(entries)} rows were not finished")
    return stopped_with or _exit_code(results)


async def _heal_all(
    stop: Stop,
    arguments: argparse.Namespace,
    entries: Sequence[Row | BadRow],
    on_end: Callable[[RowResult], None],
) -> int:
    settings = read_settings()
    # what is measured must not depend on what was healed before, nor teach anything
    settings = settings.model_copy(update={"memory": settings.memory and arguments.learn}).serving
    jobs = arguments.jobs or 1
    async with Mendbox(settings) as mendbox:

        async def heal(task: Task) -> Run:
            # one row after the other is measured as requests to a server that come alone
            if jobs == 1:
                await mendbox.ready()
            # what is measured has to have happened
            return await mendbox.fix(task, author=arguments.author, fresh=True)

        work = bench(
            entries,
            heal,
            budget=settings.budget.model_copy(update={"seconds": arguments.seconds} if arguments.seconds else {}),
            limits=settings.limits,
            jobs=jobs,
            on_end=on_end,
            compare=Comparing(mendbox.run, behaviour=search_programs()) if arguments.correct else None,
            half=arguments.half,
        )
        try:
            await stop.unless_stopped(work)
        except Stopped as stopped:
            return stopped.exit_code
    return 0


def _entries(arguments: argparse.Namespace) -> Sequence[Row | BadRow]:
    if arguments.dataset is None or arguments.honest:
        raise BadInput("no DATASET.jsonl to heal", hint="see: mendbox bench --help")
    path = Path(arguments.dataset)
    # where nothing is compared, a solution is not even read
    return (read_rows(path, SolvedRow) if arguments.correct else read_dataset(path))[: arguments.limit]


def _refuse_options_of_speed(arguments: argparse.Namespace) -> None:
    given = (arguments.quick, arguments.rounds, arguments.seconds_each, arguments.only, arguments.svg)
    if any(given):
        raise BadInput(
            "--quick, --rounds, --seconds-each, --only and --svg are for --speed", hint="mendbox bench --speed --quick"
        )


def _exit_code(results: Sequence[RowResult]) -> int:
    outcomes = {result.outcome for result in results}
    if "environment" in outcomes:
        return ENVIRONMENT
    return NOT_VERIFIED if None in outcomes else 0


def _open(name: str) -> TextIO:
    try:
        return Path(name).open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"cannot write {name!r}: {error.strerror}") from error


@contextmanager
def _progress(rows: int) -> Iterator[Callable[[RowResult], None]]:
    """Told of each row that ended: a line that stays, and a bar where there is a terminal."""
    console = screen(stderr=True)
    with bar(console) as shown:
        task = shown.add_task("0 verified", total=rows)
        verified = 0

        def advance(result: RowResult) -> None:
            nonlocal verified
            verified += result.outcome == "verified"
            _print_row(console, result)
            shown.update(task, advance=1, description=f"{verified} verified")

        yield advance


def _print_row(console: Console, result: RowResult) -> None:
    words = _outcome(result)
    line = Text().append(f"{words:<24}", style=STYLES.get(result.outcome or "", "red"))
    line.append(f"{seconds(result.seconds):>9}  ").append(plain_line(result.id), style="bold")
    if result.correct is False:
        line.append(f"  over-fitted: {plain_line(result.correctness)}", style="yellow")
    if result.outcome != "verified":
        line.append(f"  {plain_line(result.summary)}", style="dim")
    console.print(line, soft_wrap=True)


def _outcome(result: RowResult) -> str:
    outcome = result.outcome or "bad row"
    return f"{outcome} ({result.reason})" if result.reason else outcome


def _right(result: RowResult) -> str:
    return {True: "right", False: "over-fitted", None: ""}[result.correct]


def _lines(results: Sequence[RowResult]) -> Iterator[str]:
    """What a table of rows does not show: how many verified ones are right, how long they took, whether the fault was found."""
    sums = total(results)
    yield f"time: median {seconds(sums.median_seconds)}, 95 of 100 within {seconds(sums.most_seconds)}"
    if known := sums.correct + sums.overfitted:
        share = f"{100 * sums.overfitted / known:.0f} %"
        untold = f", {sums.verified - known} not known" if sums.verified > known else ""
        yield f"of {sums.verified} verified: {sums.correct} right, {sums.overfitted} over-fitted ({share}){untold}"
    if sums.locatable:
        yield f"a line at fault is among the first {FIRST} suspects: {sums.located} of {sums.locatable}"


def _table(results: Sequence[RowResult]) -> Table:
    sums = total(results)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("row", footer=f"{sums.verified} of {sums.rows} verified", overflow="fold")
    table.add_column("outcome", no_wrap=True)
    compared = any(result.correct is not None for result in results)
    if compared:
        table.add_column("compared", footer=f"{sums.correct} right", no_wrap=True)
    table.add_column("time", footer=seconds(sums.seconds), justify="right", no_wrap=True)
    table.add_column("candidates", footer=str(sums.candidates), justify="right")
    table.add_column("attempts", footer=str(sum(result.attempts for result in results)), justify="right")
    for result in results:
        table.add_row(
            Text(plain_line(result.id)),
            Text(_outcome(result), style=STYLES.get(result.outcome or "", "red")),
            *([Text(_right(result), style="yellow" if result.correct is False else "")] if compared else []),
            Text(seconds(result.seconds)),
            Text(str(result.candidates)),
            Text(str(result.attempts)),
        )
    return table

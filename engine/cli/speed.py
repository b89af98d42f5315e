"""``mendbox bench --speed``: measure a verdict beside other ways of doing the same work, and say what is held."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED
from engine.cli.interrupts import Stop, Stopped, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.cli.wording import seconds
from engine.errors import BadInput
from engine.speed.held import spread
from engine.speed.measuring import Measuring
from engine.speed.plan import PARTS, Plan, quick
from engine.speed.plot import draw
from engine.speed.result import Comparison, Point, Speed

_IDLE = 0.1
"""Part of all cores up to which a machine counts as idle."""


def command(arguments: argparse.Namespace) -> int:
    """0: measured, whatever the numbers; 1: somebody gave a wrong answer; 3: a part of Mendbox's own failed."""
    others = (arguments.dataset, arguments.honest, arguments.seconds, arguments.jobs)
    if any(others) or arguments.integrity is not None:
        raise BadInput(
            "--speed takes no DATASET.jsonl, --integrity, --honest, --seconds or --jobs",
            hint="mendbox bench --speed [--quick] [--rounds N] [--only NAME,...] [--json] [--out FILE] [--svg FILE]",
        )
    plan = read_plan(arguments)
    for name in (arguments.out, arguments.svg):
        _require_writable(name)
    settings = read_settings()
    say(f"this takes about {seconds(plan.estimate_seconds)}: {', '.join(plan.parts)}")
    with _progress() as tell:
        measuring = Measuring(plan, settings, tell)

        async def measure(stop: Stop) -> int:
            try:
                await stop.unless_stopped(measuring.run())
            except Stopped as stopped:
                return stopped.exit_code
            return 0

        stopped = drive(measure)
    found = measuring.speed.model_copy(update={"stopped": bool(stopped)})
    _write(found, arguments)
    if stopped:
        say("stopped: what was measured until then is told")
        return stopped
    if found.failed:
        return ENVIRONMENT
    return NOT_VERIFIED if found.wrong else 0


def read_plan(arguments: argparse.Namespace) -> Plan:
    """The plan that was typed. Raises `BadInput` where a part has no such name."""
    plan = quick(arguments.rounds) if arguments.quick else Plan()
    if arguments.rounds:
        plan = plan.model_copy(update={"rounds": arguments.rounds})
    if arguments.seconds_each:
        plan = plan.model_copy(update={"seconds_each": arguments.seconds_each})
    if arguments.only is not None:
        named = [word.strip() for word in arguments.only.split(",")]
        unknown = [name for name in named if name not in PARTS]
        if unknown:
            raise BadInput(f"--only knows no {unknown[0][:60]!r}", hint=f"choose from {', '.join(PARTS)}")
        plan = plan.model_copy(update={"parts": tuple(part for part in PARTS if part in named)})
    return plan


def print_speed(found: Speed) -> None:
    """The tables on stdout, the promises last."""
    console = screen()
    machine = found.machine
    console.print(
        Text(
            f"{machine.cores} cores, {plain_line(machine.processor)}, Linux {plain_line(machine.kernel)}, "
            f"Python {machine.python}, Docker {plain_line(machine.engine)}"
        ),
        soft_wrap=True,
    )
    if (before := found.spent_before) is not None and before > _IDLE * machine.cores:
        words = f"not an idle machine: others spent {before:.2f} CPU-seconds a second before anything was measured"
        console.print(Text(words, style="yellow"), soft_wrap=True)
    for comparison in found.comparisons:
        _print_comparison(console, comparison, found.busy_children)
    _print_small_parts(console, found)
    if found.throughput:
        print_table(console, _throughput(found))
    if found.growth:
        print_table(console, _growth(found.growth))
    if found.outputs:
        print_table(console, _outputs(found))
    for part, why in found.not_measured.items():
        console.print(Text(f"{part}: not measured: {plain_line(why)}", style="red"), soft_wrap=True)
    if found.held:
        print_table(console, _held(found))
    if found.wrong:
        console.print(Text(f"{found.wrong} wrong answers", style="bold red"))


def _write(found: Speed, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_document(found.model_dump(mode="json"))
    else:
        print_speed(found)
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(found.model_dump(mode="json"), indent=2) + "\n", encoding="utf-8")
    if arguments.svg:
        drawn = next((one for one in found.comparisons if any(row.times.samples_ms for row in one.rows)), None)
        if drawn is None:
            say(f"nothing to draw: {arguments.svg!r} was not written")
            return
        under = f"{found.machine.cores} cores, {found.machine.processor}, Docker {found.machine.engine}"
        Path(arguments.svg).write_text(draw(drawn, under=under), encoding="utf-8")


def _require_writable(name: str | None) -> None:
    """Found out before, and not after half an hour."""
    if name is None:
        return
    try:
        with Path(name).open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise BadInput(f"cannot write {name!r}: {error.strerror}") from error


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What is being measured: one line that changes where there is a terminal, else a line each."""
    console = screen(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield lambda words: console.print(Text(plain_line(words)), soft_wrap=True)
        return
    with console.status("measuring") as status:
        yield lambda words: status.update(Text(plain_line(words)))


def _print_comparison(console: Console, comparison: Comparison, busy: int) -> None:
    load = "idle machine" if comparison.load == "idle" else f"{busy} of the cores kept busy"
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{comparison.name}, {load}",
        title_justify="left",
        title_style="bold",
    )
    for head in ("contender", "median", "p95", "of bare host", "rounds"):
        table.add_column(head, justify="left" if head == "contender" else "right", no_wrap=head != "contender")
    for row in comparison.rows:
        name = Text(row.contender, style="bold" if row.contender.startswith("Mendbox") else "")
        if row.times.median_ms is None or row.times.p95_ms is None:
            table.add_row(Text(f"{row.contender}: not measured: {plain_line(row.not_measured)}", style="dim"))
            continue
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        wrong = f", {row.wrong} wrong" if row.wrong else ""
        broke = ", broke off" if row.not_measured else ""
        count = f"{len(row.times.samples_ms)}{wrong}{broke}"
        table.add_row(name, f"{row.times.median_ms:.0f} ms", f"{row.times.p95_ms:.0f} ms", ratio, count)
    print_table(console, table)
    for row in comparison.rows:
        for said in row.wrong_said:
            console.print(Text(f"wrong: {row.contender}: {plain_line(said)}", style="red"), soft_wrap=True)


def _print_small_parts(console: Console, found: Speed) -> None:
    lines = []
    if found.greeting:
        lines.append(
            f"print(1): warm box {spread(found.greeting.warm)}, a new Python on the host {spread(found.greeting.host)}"
        )
    if cost := found.cost:
        lines.append(
            f"a box: {cost.cpu_seconds_per_box:.3f} CPU-seconds made and removed, {cost.resident_mib:.1f} MiB, "
            f"{spread(cost.open_and_remove)}; the idle machine spent {cost.cpu_seconds_per_second_idle:.3f} a second"
        )
    if burst := found.burst:
        lines.append(
            f"{burst.requests} requests at once: {burst.right} right in {seconds(burst.seconds)}, this process had "
            f"{burst.before_mib:.0f} MiB and at most {burst.peak_mib:.0f}, {burst.left_behind} containers left behind"
        )
    if found.candidates:
        lines.append(
            f"candidates inside one run: {found.candidates.per_second_and_core:.0f} a second and core, "
            f"beside {found.candidates.floor_per_second_and_core:.0f} forks that only end"
        )
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _throughput(found: Speed) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("clients", "contender", "requests/s", "p50", "p95", "CPU-s each", "wrong"):
        table.add_column(name, justify="left" if name == "contender" else "right")
    for one in found.throughput:
        median, p95 = one.times.median_ms or 0.0, one.times.p95_ms or 0.0
        numbers = (f"{one.requests_per_second:.2f}", f"{median:.0f} ms", f"{p95:.0f} ms")
        table.add_row(
            str(one.clients), one.contender, *numbers, f"{one.cpu_seconds_per_request:.3f}", str(one.wrong or "")
        )
    return table


def _growth(points: tuple[Point, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("grows", "Mendbox, warm", "bare host", "ratio"):
        table.add_column(name, justify="left" if name == "grows" else "right")
    for point in points:
        ours, theirs = point.warm.median_ms, point.host.median_ms
        size = f"{point.size} {point.of}"
        if point.not_measured or ours is None or theirs is None:
            table.add_row(Text(f"{size}: not measured: {plain_line(point.not_measured)}", style="dim"))
            continue
        wrong = f", {point.wrong} wrong" if point.wrong else ""
        table.add_row(f"{size}{wrong}", f"{ours:.0f} ms", f"{theirs:.0f} ms", f"{ours / theirs:.2f}")
    return table


def _outputs(found: Speed) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("output", "time", "memory more", "counted", "cut"):
        table.add_column(name, justify="left" if name == "output" else "right")
    for one in found.outputs:
        said = ("yes" if one.counted else "no", "yes" if one.cut else "no")
        table.add_row(one.what, seconds(one.seconds), f"{one.growth_mib:.1f} MiB", *said)
    return table


def _held(found: Speed) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in ("held to", "bound", "measured"):
        table.add_column(name, overflow="fold")
    for bound in found.held:
        word = Text("held", style="green") if bound.held else Text("not held", style="red")
        table.add_row(word, bound.promise, bound.bound, bound.measured)
    return table

"""``mendbox images``: build, list or remove the images that boxes are made from."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.removed import print_removed
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, say, screen
from engine.cli.wording import seconds
from engine.errors import BadInput
from engine.settings import Settings
from engine.wiring import make_images, make_node_images
from sandboxes.images import BuildProgress, Image, Images


def command(arguments: argparse.Namespace) -> int:
    if arguments.action == "build":
        return _build(make_node_images if arguments.image == "node" else make_images, json=arguments.json)
    if arguments.image:
        raise BadInput(
            f"images {arguments.action} is about all of them, and not about {arguments.image!r} alone",
            hint=f"mendbox images {arguments.action}",
        )
    return {"list": _list, "prune": _prune}[arguments.action](json=arguments.json)


def _build(make: Callable[[Settings], Images], *, json: bool) -> int:
    began = time.monotonic()

    async def build(_: Stop) -> Image:
        with _shown() as on_progress:
            return await make(read_settings()).ensure(on_progress)

    image = drive(build)
    if json:
        print_document({"image": image.model_dump(mode="json"), "seconds": round(time.monotonic() - began, 3)})
    else:
        print_line = Text().append("✓ ", style="green").append(f"{image.reference}, {image.size_mib:.0f} MiB")
        screen().print(print_line.append(f"  {seconds(time.monotonic() - began)}", style="dim"), soft_wrap=True)
    return 0


def _list(*, json: bool) -> int:
    async def read(_: Stop) -> tuple[Image, ...]:
        return await make_images(read_settings()).list()

    images = drive(read)
    if json:
        print_document({"images": [image.model_dump(mode="json") for image in images]})
    elif images:
        print_table(screen(), _table(images))
    else:
        say("no image yet; it is built with the first box, or by: mendbox images build")
    return 0


def _prune(*, json: bool) -> int:
    async def prune(_: Stop) -> tuple[str, ...]:
        return await make_images(read_settings()).prune()

    print_removed(drive(prune), json=json, none="nothing to remove: every image of ours is the one in force, or in use")
    return 0


@contextmanager
def _shown() -> Iterator[Callable[[BuildProgress], None]]:
    """One line that moves where there is a terminal, else one line after the other."""
    console = screen(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield lambda progress: say(f"{progress.seconds:7.1f} s  {plain_line(progress.line)}")
        return
    spinner = Spinner("dots", style="cyan", text=Text("sandbox image", overflow="ellipsis", no_wrap=True))
    with Live(spinner, console=console, refresh_per_second=8, transient=True):

        def advance(progress: BuildProgress) -> None:
            line = Text(f"{seconds(progress.seconds)}  {plain_line(progress.line)}", overflow="ellipsis", no_wrap=True)
            spinner.update(text=line)

        yield advance


def _table(images: Sequence[Image]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("image", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("created (UTC)", no_wrap=True)
    table.add_column("")
    for image in images:
        table.add_row(
            Text(plain_line(image.reference)),
            Text(f"{image.size_mib:.0f} MiB"),
            Text(image.created[:19].replace("T", " ")),
            Text("in force" if image.current else "", style="green"),
        )
    return table

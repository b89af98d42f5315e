"""``mendbox doctor``: is everything here that a box needs, and what to do where not."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue, SecretStr
from rich.table import Table
from rich.text import Text

from engine.cli.exits import ENVIRONMENT
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, print_table, screen
from engine.settings import Settings
from engine.version import version
from engine.wiring import OnDemand, make_images, make_node_images
from sandboxes.doctor import Diagnosis, State, examine

MARKS: dict[State, tuple[str, str]] = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}
LITTLE_DISK_MIB = 200


def command(arguments: argparse.Namespace) -> int:
    """0 where boxes can be had, warnings included; 3 where something that they need is missing."""
    settings = read_settings()

    async def look(_: Stop) -> tuple[Diagnosis, ...]:
        sandbox = OnDemand(settings, notify=lambda _: None)
        try:
            return await examine(
                images=make_images(settings),
                node=make_node_images(settings),
                sandbox=sandbox,
                limits=settings.limits,
                runtime=settings.runtime,
            )
        finally:
            await sandbox.close()

    diagnoses = (*_ourselves(settings), *drive(look))
    well = all(diagnosis.state != "fail" for diagnosis in diagnoses)
    if arguments.json:
        lines: JsonValue = [diagnosis.model_dump(mode="json") for diagnosis in diagnoses]
        print_document({"ok": well, "diagnoses": lines})
    else:
        _print(diagnoses)
    return 0 if well else ENVIRONMENT


def _ourselves(settings: Settings) -> Iterator[Diagnosis]:
    """What can be said without an engine: this program, its journal, and the keys, which are never shown."""
    seen = f"{version()}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Diagnosis(name="mendbox", state="ok", seen=seen)
    yield _journal(settings.data_dir)
    yield _key("OpenAI", settings.openai_api_key, settings.openai_base_url, "OPENAI_API_KEY")
    yield _key("Anthropic", settings.anthropic_api_key, settings.anthropic_base_url, "ANTHROPIC_API_KEY")


def _journal(folder: Path) -> Diagnosis:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        advice = "set MENDBOX_DATA_DIR to a folder that may be written"
        return Diagnosis(name="journal", state="fail", seen=f"{folder} cannot be written", advice=advice)
    free = shutil.disk_usage(there).free / 2**20
    if free < LITTLE_DISK_MIB:
        return Diagnosis(name="journal", state="warn", seen=f"{folder}, {free:.0f} MiB free", advice="free space there")
    return Diagnosis(name="journal", state="ok", seen=f"{folder}" if there == folder else f"{folder}, made when needed")


def _key(name: str, key: SecretStr | None, base_url: str | None, variable: str) -> Diagnosis:
    """Present or absent. Without a key there is still the offline author, so that absent is well."""
    where = ", at a server of your own" if base_url else ""
    if key is not None and key.get_secret_value().strip():
        return Diagnosis(name=f"{name} key", state="ok", seen=f"present{where}")
    if base_url:
        return Diagnosis(name=f"{name} key", state="ok", seen=f"absent{where}")
    return Diagnosis(name=f"{name} key", state="ok", seen=f"absent; not needed, {variable} adds that model")


def _print(diagnoses: tuple[Diagnosis, ...]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for diagnosis in diagnoses:
        mark, style = MARKS[diagnosis.state]
        seen = Text(plain_line(diagnosis.seen, limit=600))
        if diagnosis.advice:
            seen.append("\n→ ", style=style).append(plain_line(diagnosis.advice, limit=400), style=style)
        table.add_row(Text(mark, style=style), Text(diagnosis.name, style="bold"), seen)
    print_table(screen(), table)

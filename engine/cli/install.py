"""``mendbox install``: the configuration that makes an MCP client find Mendbox, printed or written."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path

from pydantic import JsonValue

from engine.cli.output import print_document
from engine.cli.terminal import say
from engine.errors import BadInput
from engine.installing.adding import Added, add
from engine.installing.clients import CLIENTS, KEYS, NAME, Client, Entry, Wanted, address

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")


def command(arguments: argparse.Namespace) -> int:
    client = CLIENTS[arguments.client]
    wanted = _wanted(arguments)
    entry, inputs = client.entry(wanted), client.inputs(wanted)
    file = _file(client, project=arguments.project)
    added = add(client, file, entry, inputs) if arguments.write else None
    notes = _notes(client, wanted, file, added)
    whole: Entry = {client.servers: {NAME: entry}}
    if inputs:
        whole["inputs"] = inputs
    if arguments.json:
        told: dict[str, JsonValue] = {
            "client": client.name,
            "file": str(file),
            "written": added is not None and added.changed,
            "backup": None if added is None or added.backup is None else str(added.backup),
            "configuration": whole,
            "notes": [*notes],
        }
        print_document(told)
        return 0
    if added is None:
        sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    for note in notes:
        say(note)
    return 0


def _wanted(arguments: argparse.Namespace) -> Wanted:
    bearer: str | None = arguments.bearer
    if bearer is not None and not _VARIABLE.fullmatch(bearer):
        raise BadInput("--bearer takes the name of a variable, and never a token", hint="such as MENDBOX_TOKEN")
    if arguments.http is not None:
        return Wanted(url=address(arguments.http), bearer=bearer)
    if bearer is not None:
        raise BadInput("--bearer goes with --http: a server that is started by its client asks for no token")
    host = os.environ.get("DOCKER_HOST")
    return Wanted(
        command=(*_program(), "serve"),
        # One that is not set would be handed on by its name by some clients.
        keys=tuple(key for key in KEYS if os.environ.get(key)),
        plain=(("DOCKER_HOST", host),) if host and "@" not in host.removeprefix("ssh://") else (),
    )


def _program() -> tuple[str, ...]:
    """How to start this very Mendbox from anywhere: a client knows neither our folder nor our PATH."""
    beside = Path(sys.executable).with_name("mendbox.exe" if os.name == "nt" else "mendbox")
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "engine.cli")


def _file(client: Client, *, project: bool) -> Path:
    if not project:
        return client.home(os.environ)
    if client.project is None:
        raise BadInput(f"{client.title} has no configuration of a project", hint="leave --project out")
    return Path.cwd() / client.project


def _notes(client: Client, wanted: Wanted, file: Path, added: Added | None) -> list[str]:
    if added is None:
        notes = [f"{client.title} reads this in {file}; --write puts it there, and keeps what else is in it"]
    elif not added.changed:
        return [f"{file} has it already"]
    else:
        notes = [f"written to {file}"]
        if added.backup is not None:
            notes.append(f"as it was before: {added.backup}")
    if wanted.bearer is not None:
        how = "asks for" if client.reference is None else "sends what it finds in"
        notes.append(f"the token itself is not in it: {client.title} {how} {wanted.bearer}")
    elif wanted.url is not None:
        notes.append(
            "where the server asks for a sign-in, the client opens a browser; a token goes with --bearer VARIABLE"
        )
    elif client.reference is None or not wanted.keys:
        notes.append(
            f"no key is in it: for a model as author, {client.title} has to be started with {' or '.join(KEYS)} set"
        )
    else:
        notes.append(f"no key is in it: {client.title} hands on {' and '.join(wanted.keys)} of its own environment")
    return [*notes, f"then {client.then}"]

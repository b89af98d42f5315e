"""Adds a server to a client's configuration file: all else in it stays, and it is never half written."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import JsonValue

from engine.domain import Value
from engine.errors import BadInput
from engine.installing.clients import NAME, Client, Entry

MOST_BYTES = 64 * 1_048_576


class Added(Value):
    file: Path
    changed: bool
    backup: Path | None
    """The file as it was before, where there was one and it has changed."""


def add(client: Client, file: Path, entry: Entry, inputs: list[JsonValue]) -> Added:
    """Put *entry* into *file*, in place of one of that name.

    Raises:
        BadInput: The file is not what the client would take either, or cannot be written. It is as it was.
    """
    # Whoever keeps such files elsewhere has a link here, which has to stay one.
    target = Path(os.path.realpath(file))
    before, text = _read(target, file)
    after = _with(before, client, entry, inputs, file)
    if after == before and text is not None:
        return Added(file=file, changed=False, backup=None)
    try:
        backup = None if text is None else _back_up(target)
        _replace(target, json.dumps(after, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise BadInput(f"{str(file)!r} cannot be written: {error.strerror or error}", hint="add it by hand") from error
    return Added(file=file, changed=True, backup=backup)


def _read(target: Path, file: Path) -> tuple[Entry, str | None]:
    try:
        if target.stat().st_size > MOST_BYTES:
            raise _refused(file, "is too large")
        text = target.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}, None
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(file, f"cannot be read: {error}") from error
    if not text.strip():
        return {}, text
    try:
        known: JsonValue = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise _refused(file, f"is no plain JSON ({error})") from error
    return _as_object(known, file, "the whole"), text


def _with(before: Entry, client: Client, entry: Entry, inputs: list[JsonValue], file: Path) -> Entry:
    servers = _as_object(before.get(client.servers, {}), file, client.servers)
    after: Entry = {**before, client.servers: {**servers, NAME: entry}}
    if inputs:
        asked = before.get("inputs", [])
        if not isinstance(asked, list):
            raise _refused(file, "has inputs that are no list")
        after["inputs"] = [*asked, *(one for one in inputs if one not in asked)]
    return after


def _as_object(value: JsonValue, file: Path, what: str) -> Entry:
    if not isinstance(value, dict):
        raise _refused(file, f"is not as expected: {what} is no JSON object")
    return value


def _each_once(pairs: list[tuple[str, JsonValue]]) -> Entry:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return made


def _refused(file: Path, why: str) -> BadInput:
    return BadInput(
        f"{str(file)!r} {why}; nothing was changed", hint="mend the file, or add what is printed without --write"
    )


def _back_up(target: Path) -> Path:
    """A copy beside it under a name that was free: an earlier copy is never lost."""
    for number in range(1, 1_000):
        backup = target.with_name(f"{target.name}.before-{NAME}" + (f"-{number}" if number > 1 else ""))
        with suppress(FileExistsError):
            with backup.open("xb"):
                pass
            shutil.copy2(target, backup)
            return backup
    raise FileExistsError(17, "there are too many copies", str(target))


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Made for its owner alone, as such files hold keys; one that was there keeps its own rights.
        with suppress(FileNotFoundError):
            shutil.copymode(target, made)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)

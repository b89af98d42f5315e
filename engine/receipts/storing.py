"""A receipt on disk: the statement in FILE, and every text it names in the folder FILE.blobs, by its hash."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain import Run, sha256
from engine.errors import BadInput
from engine.receipts.blobs import MOST_BYTES as MOST_BLOBS
from engine.receipts.blobs import MOST_FILE_BYTES
from engine.receipts.envelope import seal
from engine.receipts.errors import NoReceipt
from engine.receipts.evidence import judged
from engine.receipts.reading import MOST_BYTES
from engine.receipts.stating import state

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE_MODE = 0o644


def blobs_of(receipt: Path) -> Path:
    """The folder beside *receipt* that holds its texts."""
    return receipt.with_name(f"{receipt.name}.blobs")


def require_writable(path: Path) -> None:
    """Refuse *path* before any work is done for what shall be written there.

    Raises:
        BadInput: Nothing can be written there.
    """
    folder = path.parent
    if path.is_dir() or not path.name:
        raise BadInput(f"cannot write a receipt to {str(path)!r}: it is a folder", hint="name a file")
    if not folder.is_dir():
        raise BadInput(f"cannot write a receipt to {str(path)!r}: there is no folder {str(folder)!r}")
    if os.path.lexists(path) and not path.is_file():
        raise BadInput(f"cannot write a receipt to {str(path)!r}: it is no regular file")
    blobs = blobs_of(path)
    if os.path.lexists(blobs) and not blobs.is_dir():
        raise BadInput(f"cannot write a receipt to {str(path)!r}: {str(blobs)!r} is no folder")
    for place in (folder, blobs):
        if place.is_dir() and not os.access(place, os.W_OK | os.X_OK):
            raise BadInput(f"cannot write a receipt to {str(path)!r}: {str(place)!r} cannot be written to")


def store(run: Run, path: Path, key: Ed25519PrivateKey | None = None) -> int:
    """Write the receipt of *run* to *path*, signed with *key* where there is one; how many texts lie beside it.

    Every file is written whole or not at all, the statement last: where it stands, so does all that it names.

    Raises:
        NoReceipt: The run has none.
        OSError: It cannot be written.
    """
    shown = judged(run)
    statement = state(run, shown)
    if key is None:
        content = statement.written(indent=2) + b"\n"
    else:
        content = seal(statement.written(), key).model_dump_json(by_alias=True, indent=2).encode() + b"\n"
    if len(content) > MOST_BYTES:
        raise NoReceipt(f"the receipt of run {run.id} would have {len(content)} bytes, more than anybody reads")
    contents = {sha256(raw): raw for raw in shown.evidence.contents()}
    if sum(map(len, contents.values())) > MOST_BLOBS or max(map(len, contents.values()), default=0) > MOST_FILE_BYTES:
        raise NoReceipt(f"what was judged in run {run.id} has more bytes than anybody reads to judge it again")
    blobs = blobs_of(path)
    blobs.mkdir(exist_ok=True)
    for digest, raw in contents.items():
        write_whole(blobs / digest, raw)
    write_whole(path, content)
    return len(contents)


def write_whole(path: Path, content: bytes) -> None:
    """Write *content* to *path* in one step: whoever looks sees what was there before, or all of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".mendbox", dir=path.parent)
    ready = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), FILE_MODE)
        ready.replace(path)
    except BaseException:
        ready.unlink(missing_ok=True)
        raise

"""The key that seals what a client carries from one call to the next, the same for all servers of one data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.errors import MendboxError

FILE = "carried.key"
BYTES = 32


class KeyUnusable(MendboxError):
    """The key that seals what clients carry cannot be read or written."""


def sealing_key(folder: Path) -> bytes:
    """The key in *folder*, made where there is none: a server that was started again knows what an earlier one sealed.

    Raises:
        KeyUnusable: It cannot be read or written, or is none of ours.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f".{FILE}.{secrets.token_hex(8)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(BYTES))
            # Of two that begin at once, one is first, and the other takes that one's.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(
            f"the key {str(path)!r} cannot be read or written: {error.strerror}",
            hint="make the folder writable, or set MENDBOX_DATA_DIR to one that is",
        ) from error
    if len(key) != BYTES:
        raise KeyUnusable(f"{str(path)!r} is no key of ours", hint="remove the file: a new one is made")
    return key

"""``--receipt`` and ``--sign``: prepared before any work is done, written when the run has ended."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from engine.domain import Run, Value
from engine.errors import BadInput
from engine.receipts.errors import NoReceipt

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Kept(Value):
    """What became of a receipt that was asked for."""

    path: str
    written: bool
    words: str
    failed: bool = False
    """There was one, and it could not be written."""

    @property
    def document(self) -> dict[str, JsonValue]:
        """What ``--json`` says of it."""
        if self.written:
            return {"receipt_file": self.path, "no_receipt": ""}
        return {"receipt_file": None, "no_receipt": self.words}


class Wanted:
    """A receipt that was asked for, at a place that can be written, with a key that can sign."""

    def __init__(self, path: Path, key: Ed25519PrivateKey | None) -> None:
        self._path = path
        self._key = key

    def numbered(self, number: int) -> Wanted:
        """The place of the receipt with this number, counted from 1, where there are several: FILE, FILE with -2, -3."""
        if number == 1:
            return self
        return Wanted(self._path.with_name(f"{self._path.stem}-{number}{self._path.suffix}"), self._key)

    def write(self, run: Run) -> Kept:
        """Write the receipt of *run*; a run without one, or a disk that is full, is told and not raised."""
        try:
            return self.require(run)
        except NoReceipt as error:
            return Kept(path=str(self._path), written=False, words=f"no receipt written: {error.what}")
        except BadInput as error:
            words = f"no receipt written: {error.what}\n  try again: mendbox show {run.id} --receipt FILE"
            return Kept(path=str(self._path), written=False, words=words, failed=True)

    def require(self, run: Run) -> Kept:
        """Write the receipt of *run*.

        Raises:
            NoReceipt: It has none.
            BadInput: It cannot be written.
        """
        from engine.receipts.storing import blobs_of, store  # noqa: PLC0415 (only where one is written)

        try:
            texts = store(run, self._path, self._key)
        except OSError as error:
            where = error.filename or str(self._path)
            raise BadInput(f"cannot write {where!r}: {error.strerror}") from error
        how = "signed receipt" if self._key else "receipt"
        words = f"{how} written: {self._path}, its {texts} texts in {blobs_of(self._path)}"
        return Kept(path=str(self._path), written=True, words=words)


def wanted(arguments: argparse.Namespace) -> Wanted | None:
    """The receipt that was asked for, if any.

    Raises:
        BadInput: It could not be written, or not be signed.
    """
    if arguments.receipt is None:
        if arguments.sign is not None:
            raise BadInput("--sign without --receipt: there is nothing to sign", hint="add --receipt FILE")
        return None
    from engine.receipts.keys import read_private_key  # noqa: PLC0415 (only where one is written)
    from engine.receipts.storing import require_writable  # noqa: PLC0415 (as above)

    path = Path(arguments.receipt)
    require_writable(path)
    return Wanted(path, read_private_key(Path(arguments.sign)) if arguments.sign is not None else None)

"""The files that a receipt names, read from the folder beside it and held against their hashes."""

from __future__ import annotations

import base64
from pathlib import Path

from engine.case import stand_ins
from engine.domain import sha256
from engine.receipts.errors import ReceiptUnreadable, Unfitting
from engine.receipts.evidence import Evidence, digests
from engine.receipts.reading import read_bounded
from engine.receipts.statement import Statement

MOST_FILE_BYTES = 8 * 2**20
MOST_BYTES = 64 * 2**20
"""Of all texts together."""


def read_evidence(statement: Statement, folder: Path) -> Evidence:
    """Every text that *statement* names, as it was judged.

    Raises:
        ReceiptUnreadable: One is missing, too large or no text; or stand-ins are claimed that are none.
        Unfitting: One is not what its hash says; all of those are named.
    """
    before, after, tests = (statement.digests(part) for part in ("before", "after", "tests"))
    data = statement.digests("data")
    wanted = sorted({*before.values(), *after.values(), *tests.values(), *data.values()})
    if not folder.is_dir():
        hint = "they lie in RECEIPT.blobs, or where --blobs says"
        raise ReceiptUnreadable(f"there is no folder {str(folder)!r} with the texts of the receipt", hint=hint)
    contents = _read(wanted, folder)
    texts = _decoded({digest: contents[digest] for digest in {*before.values(), *after.values(), *tests.values()}})
    evidence = Evidence(
        before={path: texts[digest] for path, digest in before.items()},
        after={path: texts[digest] for path, digest in after.items()},
        tests={path: texts[digest] for path, digest in tests.items()},
        data={path: base64.b64encode(contents[digest]).decode() for path, digest in data.items()},
    )
    if statement.predicate.mendbox.stand_in and digests(stand_ins(evidence.after)) != before:
        raise ReceiptUnreadable("the receipt says that empty modules stood in for the code before, but names others")
    return evidence


def _read(wanted: list[str], folder: Path) -> dict[str, bytes]:
    missing = [digest for digest in wanted if not (folder / digest).exists()]
    if missing:
        more = f", nor {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ReceiptUnreadable(f"the text {missing[0]} is not in {str(folder)!r}{more}")
    contents: dict[str, bytes] = {}
    altered, total = [], 0
    for digest in wanted:
        raw = read_bounded(folder / digest, MOST_FILE_BYTES)
        total += len(raw)
        if total > MOST_BYTES:
            raise ReceiptUnreadable(f"the texts of the receipt have more than {MOST_BYTES} bytes in all")
        if sha256(raw) != digest:
            altered.append(f"the text {digest} was changed: its hash is {sha256(raw)} now")
            continue
        contents[digest] = raw
    if altered:
        raise Unfitting(*altered)
    return contents


def _decoded(contents: dict[str, bytes]) -> dict[str, str]:
    texts = {}
    for digest, raw in sorted(contents.items()):
        try:
            texts[digest] = raw.decode()
        except UnicodeDecodeError as error:
            raise ReceiptUnreadable(f"the text {digest} is no UTF-8: see byte {error.start}") from error
    return texts

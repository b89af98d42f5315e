"""A receipt read again. It comes from anywhere: bounded, parsed strictly, and trusted in nothing it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from engine.checks.shape import unsafe
from engine.domain import Value
from engine.receipts.envelope import PAYLOAD_TYPE, Envelope
from engine.receipts.errors import ReceiptUnreadable, Unfitting
from engine.receipts.statement import IMAGE, PREDICATE_TYPE, STATEMENT_TYPE, Statement
from engine.receipts.stating import NOT_COUNTED

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_BYTES = 32 * 2**20
"""Of a receipt."""
MOST_SUBJECTS = 10_000
_PARTS = ("after", "before", "tests", "data")
_FROZEN = ("tests/", "data/", IMAGE)

M = TypeVar("M", bound=BaseModel)


class Opened(Value):
    """What a receipt says, and who is known to say it."""

    statement: Statement
    signed: bool
    """It carries signatures, of whomever."""
    checked: bool
    """One of them is the given key's."""


def open_receipt(path: Path, key: Ed25519PublicKey | None = None) -> Opened:
    """Read the statement or envelope in *path*; with a *key*, only what that key has signed.

    Raises:
        ReceiptUnreadable: It is no receipt of ours, is damaged, or is at odds with itself.
        Unfitting: A key was given, and it did not sign this.
    """
    raw = read_bounded(path, MOST_BYTES)
    outer = _parse(raw, str(path))
    envelope = _model(Envelope, raw, str(path)) if "payload" in outer or "payloadType" in outer else None
    if key is not None:
        # Before anything inside is looked at.
        if envelope is None:
            raise Unfitting("the receipt is not signed, and a key was given to check its signature with")
        if not envelope.signed_by(key):
            raise Unfitting("none of the receipt's signatures is the given key's over this content")
    if envelope is not None:
        if envelope.payload_type != PAYLOAD_TYPE:
            raise ReceiptUnreadable(f"the envelope holds {envelope.payload_type[:100]!r}, not {PAYLOAD_TYPE!r}")
        raw = envelope.content
        outer = _parse(raw, "the envelope's payload")
    statement = _statement(outer, raw)
    return Opened(statement=statement, signed=envelope is not None, checked=key is not None)


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of the regular file *path*, at most *most*.

    Raises:
        ReceiptUnreadable: There is no such file, or it is larger.
    """
    try:
        if path.exists() and not path.is_file():
            raise ReceiptUnreadable(f"{str(path)!r} is no regular file")
        with path.open("rb") as opened:
            raw = opened.read(most + 1)
    except OSError as error:
        raise ReceiptUnreadable(f"cannot read {str(path)!r}: {error.strerror}") from error
    if len(raw) > most:
        raise ReceiptUnreadable(f"{str(path)!r} is larger than {most} bytes")
    return raw


def _statement(outer: dict[str, JsonValue], raw: bytes) -> Statement:
    for name, known in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
        if outer.get(name) != known:
            said = str(outer.get(name))[:100]
            raise ReceiptUnreadable(f"it is no receipt of a test result: its {name} is {said!r}, not {known!r}")
    statement = _model(Statement, raw, "the statement")
    at_odds = _subjects(statement) or _at_odds(statement)
    if at_odds:
        raise ReceiptUnreadable(f"the receipt is at odds with itself: {at_odds}")
    return statement


def _subjects(statement: Statement) -> str:
    """What is wrong with the subjects; empty where nothing is."""
    if len(statement.subject) > MOST_SUBJECTS:
        return f"it has more than {MOST_SUBJECTS} subjects"
    names = Counter(one.name for one in statement.subject)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        return f"the subject {twice[0]!r} is there twice"
    for name in names:
        part, _, path = name.partition("/")
        if name == IMAGE:
            continue
        if part not in _PARTS:
            return f"nobody knows what the subject {name!r} is"
        if why := unsafe(path):
            return f"the subject {name!r} cannot be used: {why}"
    missing = [part for part in ("after", "tests") if not any(name.startswith(f"{part}/") for name in names)]
    if missing:
        return f"it has no subject {missing[0]}/…, so there is nothing to judge"
    return "" if IMAGE in names else f"it has no subject {IMAGE!r}"


def _at_odds(statement: Statement) -> str:
    """What one part says and another does not; empty where they agree."""
    predicate = statement.predicate
    frozen = {(one.name, one.digest.sha256) for one in statement.subject if one.name.startswith(_FROZEN)}
    if {(one.name, one.digest.sha256) for one in predicate.configuration} != frozen:
        return "its configuration is not the tests, the data and the image among its subjects"
    lists = [*predicate.passed_tests, *predicate.warned_tests, *predicate.failed_tests]
    if len(lists) != len(set(lists)):
        return "a test is named twice"
    endings = predicate.mendbox.endings
    warned = {node for node, ended in endings.items() if ended in NOT_COUNTED}
    if (
        "passed" in endings.values()
        or warned != set(predicate.warned_tests)
        or endings.keys() - warned != set(predicate.failed_tests)
    ):
        return "its warnedTests and failedTests are not the tests whose endings it tells"
    if len({proof.name for proof in predicate.mendbox.proofs}) != len(predicate.mendbox.proofs):
        return "a proof is named twice"
    return ""


def _parse(raw: bytes, what: str) -> dict[str, JsonValue]:
    """The JSON object in *raw*; one name twice would let two readers read two different things."""
    try:
        parsed: JsonValue = json.loads(raw, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ReceiptUnreadable(f"{what} is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ReceiptUnreadable(f"{what} is no UTF-8 text: see byte {error.start}") from error
    except ValueError as error:
        raise ReceiptUnreadable(f"{what} is no JSON: {str(error)[:200]}", hint="is the file whole?") from error
    if not isinstance(parsed, dict):
        raise ReceiptUnreadable(f"{what} is no JSON object")
    return parsed


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    names = Counter(name for name, _ in pairs)
    for name, count in names.items():
        if count > 1:
            raise ValueError(f"{name[:100]!r} stands twice in one object")
    return dict(pairs)


def _refuse(constant: str) -> JsonValue:
    raise ValueError(f"{constant} is no JSON value")


def _model(model: type[M], raw: bytes, what: str) -> M:
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:200]
        raise ReceiptUnreadable(f"{what} cannot be read: {where}: {first['msg'][:300]}") from error

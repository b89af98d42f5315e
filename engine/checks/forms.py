"""Forms in which a draft may hold what a test gives, or is given: sorted, as text, hashed; and what sort of value it is."""

from __future__ import annotations

import binascii
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence

from engine.checks.asked import Pair
from engine.checks.information import bits
from engine.checks.tables import Key, plain, tokens
from engine.checks.values import atoms

ENOUGH = 10.0
"""Bits of inputs from which on a draft that holds them, and their answer, has them from the tests."""


def worked_out(values: Sequence[Key]) -> bool:
    """Whether *values* are numbers, or numerals of a few signs, of a kind that nobody knows by heart."""
    if all(isinstance(value, str) for value in values):
        text = "".join(map(str, values))
        return len({*text}) <= 8 and len(text) >= 3 * len({*text})
    return all(
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and len(repr(value)) > 7)
        for value in values
    )


def is_phrase(value: object) -> bool:
    """Whether it is a text of more than one word."""
    return isinstance(value, str) and len(value) >= 4 and any(not sign.isalnum() for sign in value.strip())


def same(one: Key, other: Key) -> bool:
    """Whether they are equal, where True and 1 are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def kind_of(atom: Key) -> Key:
    """*atom*, where True and 1 are not the same."""
    return ("bool", atom) if isinstance(atom, bool) else atom


def holds_list(values: tuple[object, ...]) -> bool:
    """Whether there is a list of some length, or a long text, among *values*."""
    return any(
        (isinstance(value, (list, tuple, set, frozenset)) and len(value) > 2)
        or (isinstance(value, dict) and len(value) > 1)
        or (isinstance(value, (str, bytes)) and len(value) >= 12)
        for value in values
    )


def atoms_of(value: object) -> Iterator[Key]:
    """The numbers and texts of *value*, in their plain form."""
    return (plain(atom) for atom in itertools.islice(atoms(value), 5_000))


def atoms_of_pair(pair: Pair) -> list[Key]:
    """Those of what is given and of what is expected."""
    return [*atoms_of(pair.inputs), *atoms_of(pair.expected)]


def tokens_of(parts: Iterable[Key]) -> list[Key]:
    """*parts*, with the numbers and words of each text in place of it."""
    return [token for part in parts for token in (tokens(part) if isinstance(part, str) else (part,))]


def is_hex(key: str | bytes) -> bool:
    """Whether it looks like a digest in hexadecimal digits."""
    text = key if isinstance(key, str) else key.hex()
    return (
        len(text) >= 8
        and all(sign in "0123456789abcdefABCDEF" for sign in text)
        and any(sign.isdigit() for sign in text)
    )


def forms_of(inputs: tuple[object, ...]) -> set[Key]:
    """The keys by which *inputs* may be looked up: as they are, sorted, or as text."""
    forms: set[Key] = {plain(inputs)}
    if len(inputs) == 1:
        forms.add(plain(inputs[0]))
    forms |= {text for text in _texts(inputs) if len(text) >= 3}
    for value in inputs if len(inputs) == 1 else ():
        if isinstance(value, str) and len(value.split()) > 1:
            forms.add(tuple(value.split()))
        if isinstance(value, (list, tuple)):
            forms.add(frozenset(map(plain, value)) if len(value) > 2 else plain(value))
            arranged = tuple(
                sorted(map(plain, value), key=lambda part: (str(type(part)), part if _is_real(part) else repr(part)))
            )
            # Put in order, dice and hands are few: what is a run then tells no test from another.
            if bits(arranged) >= ENOUGH:
                forms.add(arranged)
        if isinstance(value, dict):
            forms.add(plain(list(value.items())))
            forms.add(plain(sorted(value.items(), key=repr)))
    return forms


def _is_real(value: object) -> bool:
    return isinstance(value, (int, float))


def _texts(inputs: tuple[object, ...]) -> set[str]:
    whole: list[object] = [inputs, list(inputs)]
    if len(inputs) == 1:
        whole += [inputs[0], tuple(inputs[0]) if isinstance(inputs[0], list) else inputs[0]]
    texts = {form(value)[:20_000] for value in whole for form in (str, repr)}
    for value in whole:
        try:
            texts |= {json.dumps(value), json.dumps(value, separators=(",", ":")), json.dumps(value, sort_keys=True)}
        except (TypeError, ValueError):
            continue
    parts = [str(atom) for atom in itertools.islice(atoms(list(inputs)), 2_000)]
    return texts | {glue.join(parts) for glue in (",", ", ", " ", "", "-", "|", ";", ":")}


def digests_of(inputs: tuple[object, ...]) -> Iterator[str | int | bytes]:
    """The beginnings of usual digests of *inputs*, as texts, and whole ones and checksums as numbers."""
    for text in _texts(inputs):
        data = text.encode("utf-8", "surrogatepass")
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256"):
            digest = hashlib.new(name, data, usedforsecurity=False).digest()
            yield digest.hex()[:8]
            yield digest[:8]
            yield int.from_bytes(digest, "big")
        yield from (zlib.crc32(data), zlib.adler32(data), binascii.crc_hqx(data, 0))

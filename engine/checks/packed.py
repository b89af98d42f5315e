"""What a text may be a packing of: base64 and its kin, compression, JSON, literals, pickles. Nothing is loaded or run."""

from __future__ import annotations

import ast
import base64
import binascii
import itertools
import json
import lzma
import pickletools
import zlib
from collections.abc import Callable, Iterator

from engine.checks.computing import unpacked

MOST_PACKED = 2**20
MOST_ITEMS = 200_000


def unpack(text: str | bytes) -> Iterator[object]:
    """The values and texts that *text* may be a packing of: base64 and its kin, hex, compression, JSON, literals, pickles."""
    layers: list[bytes] = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")]
    if len(layers[0]) > MOST_PACKED:
        return
    yield from _values_of(layers[0], outermost=True)
    for _ in range(3):
        layers = [opened for layer in layers for opened in _opened(layer)][:8]
        for layer in layers:
            yield from _values_of(layer, outermost=False)


def _opened(data: bytes) -> Iterator[bytes]:
    compact = b"".join(data.split())
    ways: list[tuple[Callable[[bytes], bytes], bytes]] = [
        (lambda packed: base64.b64decode(packed, validate=True), compact),
        (lambda packed: base64.b64decode(packed, altchars=b"-_", validate=True), compact),
        (base64.b85decode, compact),
        (base64.a85decode, compact),
        (base64.b32decode, compact),
        (binascii.unhexlify, compact),
        (lambda packed: unpacked(packed, "zlib"), data),
        (lambda packed: unpacked(packed, "gzip"), data),
        (lambda packed: unpacked(packed, "bz2"), data),
        (lambda packed: unpacked(packed, "lzma"), data),
        (lambda packed: packed[::-1], compact if compact.startswith((b"=", b"}", b"]")) else b""),
    ]
    for way, packed in ways:
        if len(packed) < 12:
            continue
        try:
            opened = way(packed)
        except (ValueError, zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError):
            continue
        if len(opened) >= 4:
            yield opened


def _values_of(data: bytes, *, outermost: bool) -> Iterator[object]:
    if data[:1] == b"\x80" or (data[-1:] == b"." and not outermost):
        found = _pickled(data)
        if found:
            yield found
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if not text.lstrip().startswith(("{", "[", "(", '"', "'")):
        if not outermost:
            yield text
        return
    for way in (json.loads, ast.literal_eval):
        try:
            yield way(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        else:
            return
    if not outermost:
        yield text


def _pickled(data: bytes) -> list[object]:
    """The numbers and texts of a pickle, in order; it is not loaded."""
    found: list[object] = []
    try:
        for operation, argument, _ in itertools.islice(pickletools.genops(data), MOST_ITEMS):
            if operation.name.startswith(
                ("BININT", "INT", "LONG", "FLOAT", "BINFLOAT", "UNICODE", "BINUNICODE", "SHORT_BIN", "BINBYTES")
            ):
                found.append(argument)
    except (ValueError, IndexError, KeyError, OverflowError, UnicodeDecodeError, MemoryError):
        return found
    return found

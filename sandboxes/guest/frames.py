"""How the host and the guest talk: a length-prefixed JSON header and raw bytes, both bounded."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

HEADER_LIMIT = 1 << 20
"""Largest header, bytes."""
PIECE = 1 << 20
"""Largest body, bytes; what is longer travels in several frames."""

_LENGTHS = struct.Struct(">II")

Header = dict[str, Any]


class BadFrame(ValueError):
    """What came is no frame, or is larger than any frame may be."""


def pack(header: Header, body: bytes | bytearray | memoryview = b"") -> bytes:
    """One frame, ready to be written."""
    head = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    if len(head) > HEADER_LIMIT or len(body) > PIECE:
        raise BadFrame(f"a frame of {len(head)} + {len(body)} bytes is too large")
    return b"".join((_LENGTHS.pack(len(head), len(body)), head, body))


def read(exactly: Callable[[int], bytes]) -> tuple[Header, bytes]:
    """The next frame. *exactly* returns the number of bytes it is asked for, or raises."""
    head_bytes, body_bytes = _LENGTHS.unpack(exactly(_LENGTHS.size))
    if head_bytes > HEADER_LIMIT or body_bytes > PIECE:
        raise BadFrame(f"a frame of {head_bytes} + {body_bytes} bytes is announced")
    try:
        header = json.loads(exactly(head_bytes))
    except (ValueError, RecursionError) as error:
        raise BadFrame("a header that is no JSON") from error
    if not isinstance(header, dict):
        raise BadFrame("a header that is no object")
    return header, exactly(body_bytes)

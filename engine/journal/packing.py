"""How a value is written down: small JSON, with what is large kept once under the hash of its content.

The same file stands in a task, in every draft and in every snapshot of a run. A text over 512 bytes is
replaced by ``{"$text": sha256}``, a part of the value over 2 kB by ``{"$part": sha256}``; a key of the
value's own that begins with ``$`` gets one more in front, so nothing anybody writes reads as a reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeAlias

from pydantic import JsonValue

LARGE_TEXT = 512
"""Bytes of UTF-8 above which a text is kept as a blob."""
LARGE_PART = 2_048
"""Characters of JSON above which an object or a list inside the value is kept as a blob."""

Blobs: TypeAlias = dict[str, bytes]
"""Content by its SHA-256."""


def pack(value: JsonValue) -> tuple[str, Blobs]:
    """*value* as JSON in plain ASCII, and the blobs it refers to, directly or through another blob."""
    blobs: Blobs = {}
    return _encode(_pack(value, blobs)), blobs


def unpack(body: str, fetch: Callable[[str], bytes]) -> JsonValue:
    """The value that `pack` made *body* of.

    Raises:
        ValueError: *body* or a blob is not what `pack` wrote.
        LookupError: *fetch* has no such blob.
    """
    seen: dict[str, JsonValue] = {}

    def open_blob(digest: str) -> str:
        content = fetch(digest)
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"blob {digest} is not what its name says")
        return content.decode("utf-8", "surrogatepass")

    def resolve(value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"$text": str(digest)}:
                if digest not in seen:
                    seen[digest] = open_blob(digest)
                return seen[digest]
            case {"$part": str(digest)}:
                # Resolved anew each time: two equal parts must not become one object in two places.
                return resolve(json.loads(open_blob(digest)))
        return {key.removeprefix("$") if key.startswith("$$") else key: resolve(item) for key, item in value.items()}

    return resolve(json.loads(body))


def _pack(value: JsonValue, blobs: Blobs) -> JsonValue:
    if isinstance(value, str):
        content = value.encode("utf-8", "surrogatepass")
        return {"$text": _keep(content, blobs)} if len(content) > LARGE_TEXT else value
    if isinstance(value, list):
        return [_part(item, blobs) for item in value]
    if isinstance(value, dict):
        return {f"${key}" if key.startswith("$") else key: _part(item, blobs) for key, item in value.items()}
    return value


def _part(value: JsonValue, blobs: Blobs) -> JsonValue:
    packed = _pack(value, blobs)
    if isinstance(value, (dict, list)):
        content = _encode(packed)
        if len(content) > LARGE_PART:
            return {"$part": _keep(content.encode(), blobs)}
    return packed


def _keep(content: bytes, blobs: Blobs) -> str:
    digest = hashlib.sha256(content).hexdigest()
    blobs[digest] = content
    return digest


def _encode(value: JsonValue) -> str:
    # ASCII, because a database may refuse NUL and lone surrogates, which programs under repair do contain.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

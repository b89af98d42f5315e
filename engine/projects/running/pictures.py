"""Pictures that came out of a box: bounded, and PNG all through, or not taken."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Mapping, Sequence

from engine.projects.running import said

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 1 << 20
_MOST_SIDE = 20_000
_MOST_PICTURES = 60


def pictures_of(told: Sequence[said.Told]) -> Mapping[str, bytes]:
    """By path below the project; what is no PNG is left out."""
    found: dict[str, bytes] = {}
    for line in told:
        if isinstance(line, said.Picture) and len(found) < _MOST_PICTURES:
            kind, _, name = line.name.partition(":")
            picture = _decoded(line.png)
            if picture is not None:
                found[f"pictures/{name}.png" if kind == "page" else f"pictures/failed-{name}.png"] = picture
    return found


def is_png(picture: bytes) -> bool:
    """Whether *picture* is chunks of PNG from the first byte to the last, each with its checksum, and of a sane size."""
    if not picture.startswith(_SIGNATURE) or len(picture) > _MOST:
        return False
    at, kinds = len(_SIGNATURE), []
    while at + 12 <= len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + length
        if end > len(picture) or zlib.crc32(picture[at + 4 : end - 4]) != struct.unpack_from(">I", picture, end - 4)[0]:
            return False
        kinds.append(kind)
        at = end
    if at != len(picture) or len(kinds) < 3 or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        return False
    width, height = struct.unpack_from(">II", picture, 16)
    return bool(0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE)


def _decoded(text: str) -> bytes | None:
    try:
        picture = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return picture if is_png(picture) else None

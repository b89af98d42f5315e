"""Source text as Python reads it, and back to the bytes it came from: encoding, byte order mark, line ends."""

from __future__ import annotations

import base64
import codecs
import difflib
import io
import re
import tokenize
from collections.abc import Mapping

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""One line with its end, by Python's own three line ends and no others."""


class Undecodable(ValueError):
    """The bytes are no text in the encoding they declare."""


def decode_source(raw: bytes) -> str:
    """Decode Python source by its byte order mark or coding cookie (PEP 263); every line end becomes a line feed.

    Raises:
        Undecodable: Says which encoding does not fit, and at which byte.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
    except (SyntaxError, LookupError) as error:
        if "missing" in str(error):  # how Python says that there is no coding line to go by
            raise Undecodable("it is not UTF-8, and no coding line says otherwise") from error
        raise Undecodable(f"its coding line names no encoding that Python knows: {error}") from error
    except UnicodeDecodeError as error:
        raise Undecodable(f"byte {error.start} is not {error.encoding}, and no coding line says otherwise") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encode_source(text: str) -> bytes:
    """Encode Python source so that Python reads the same text again: by its coding cookie, else as UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
        return text.encode(encoding.removesuffix("-sig"))
    except (SyntaxError, LookupError, UnicodeEncodeError):
        # The judge's to say: a draft may well carry a wrong cookie.
        return text.encode()


def encode_files(files: Mapping[str, str]) -> dict[str, bytes]:
    """*files* as the bytes that go into a box: a source in the encoding it declares, all else as UTF-8."""
    return {
        path: encode_source(text) if path.endswith((".py", ".pyi")) else text.encode() for path, text in files.items()
    }


def decode_data(data: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of files that are no text, from their base64."""
    return {path: base64.b64decode(text) for path, text in data.items()}


def encode_like(original: bytes, text: str) -> bytes:
    """Python source *text* as bytes for the place of *original*: its byte order mark, and its line ends line by line.

    Lines that did not change keep their own end; new lines get the one that most lines have.
    """
    mark = codecs.BOM_UTF8 if original.startswith(codecs.BOM_UTF8) else b""
    before = LINE.findall(_decode_raw(original))
    after = [line.rstrip("\r\n") for line in LINE.findall(text)]
    usual = _usual_end(before)
    ends = [usual] * len(after)
    bare = [line.rstrip("\r\n") for line in before]
    for first, second, size in difflib.SequenceMatcher(None, bare, after, autojunk=False).get_matching_blocks():
        for offset in range(size):
            line = before[first + offset]
            ends[second + offset] = line[len(bare[first + offset]) :] or usual
    if after and not text.endswith("\n"):
        ends[-1] = ""
    return mark + encode_source("".join(line + end for line, end in zip(after, ends, strict=True)))


def _decode_raw(raw: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return raw.decode(encoding)


def _usual_end(lines: list[str]) -> str:
    ends = [line[len(line.rstrip("\r\n")) :] for line in lines]
    return max(("\n", "\r\n", "\r"), key=ends.count)

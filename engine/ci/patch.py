"""A patch that ``git apply`` takes: bytes as they are, whatever their line ends, and names as git quotes them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from engine.ci.rows import rows

QUOTED = {0x07: "a", 0x08: "b", 0x09: "t", 0x0A: "n", 0x0B: "v", 0x0C: "f", 0x0D: "r", 0x22: '"', 0x5C: "\\"}
NO_NEWLINE = b"\n\\ No newline at end of file\n"
REGULAR = "100644"


def patch(before: Mapping[str, bytes], after: Mapping[str, bytes], *, modes: Mapping[str, str] | None = None) -> bytes:
    """From *before* to *after*, by path; a path in one of them only is new, or removed.

    *modes* are those of removed files where they are not plain ones, as git writes them.
    """
    pieces: list[bytes] = []
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            pieces += _file(path, before.get(path), after.get(path), (modes or {}).get(path, REGULAR))
    return b"".join(pieces)


def _file(path: str, old: bytes | None, new: bytes | None, mode: str) -> Iterator[bytes]:
    yield f"diff --git {_quoted(f'a/{path}')} {_quoted(f'b/{path}')}\n".encode()
    if old is None:
        yield f"new file mode {mode}\n".encode()
    if new is None:
        yield f"deleted file mode {mode}\n".encode()
    # One character a byte, so that nothing but a line feed ends a line and every byte comes back as it was.
    was, is_ = (rows((raw or b"").decode("latin-1")) for raw in (old, new))
    names = (None if old is None else f"a/{path}", None if new is None else f"b/{path}")
    told = difflib.unified_diff(was, is_, "a", "b")
    if next(told, None) is None:
        return
    next(told)
    for sign, name in zip(("---", "+++"), names, strict=True):
        # Behind a name with blanks git wants a tab, or it would take a part of it for a time.
        tab = "\t" if name and " " in name and not _needs_quotes(name) else ""
        yield f"{sign} {'/dev/null' if name is None else _quoted(name)}{tab}\n".encode()
    for row in told:
        raw = row.encode("latin-1")
        yield raw if raw.endswith(b"\n") else raw + NO_NEWLINE


def _needs_quotes(name: str) -> bool:
    return any(byte < 0x20 or byte >= 0x7F or byte in QUOTED for byte in name.encode(errors="surrogateescape"))


def _quoted(name: str) -> str:
    if not _needs_quotes(name):
        return name
    raw = name.encode(errors="surrogateescape")
    return '"' + "".join(map(_letter, raw)) + '"'


def _letter(byte: int) -> str:
    if byte in QUOTED:
        return f"\\{QUOTED[byte]}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"

"""What a wire server can be told to do with one request, in words that fit both protocols."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Says:
    """The model answers."""

    text: str
    input_tokens: int = 1_000
    cached_tokens: int = 0
    written_tokens: int = 0
    output_tokens: int = 100
    cut: bool = False
    """It stopped at the token limit."""
    refuses: bool = False
    counted: bool = True
    """Whether the reply says what it used."""


@dataclass(frozen=True)
class Fails:
    """The API turns the request away."""

    status: int
    kind: str = ""
    message: str = "no"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cuts:
    """The connection is closed in the middle of the answer."""


@dataclass(frozen=True)
class Hangs:
    """Nothing comes; with `drips`, one byte at a time comes, so that no read ever times out."""

    seconds: float = 30.0
    drips: bool = False


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes, with status 200."""

    body: bytes
    content_type: str = "application/json"


Behaviour = Says | Fails | Cuts | Hangs | Raw


def answer(
    *,
    edits: Mapping[str, tuple[str, str]] | None = None,
    files: Mapping[str, str] | None = None,
    note: str = "mended",
) -> str:
    """An answer as a model writes it: *edits* are ``{path: (search, replace)}``."""
    return json.dumps(
        {
            "note": note,
            "edits": [
                {"path": path, "search": search, "replace": replace}
                for path, (search, replace) in (edits or {}).items()
            ],
            "files": [{"path": path, "content": content} for path, content in (files or {}).items()],
        }
    )


def edits(path: str, search: str, replace: str) -> Says:
    """A plain answer with one edit."""
    return Says(answer(edits={path: (search, replace)}))


def writes(path: str, content: str) -> Says:
    """A plain answer with one whole file."""
    return Says(answer(files={path: content}))


def rate_limited(retry_after: str = "0") -> Fails:
    return Fails(429, "rate_limit_error", "slow down", {"Retry-After": retry_after})


OVERLOADED = Fails(529, "overloaded_error", "Overloaded")
BROKEN = Fails(500, "api_error", "Internal server error")
PROSE = Says("I am afraid that I only have words to offer.")
INVALID_JSON = Says('{"note": "mended", "edits": [')
EMPTY = Says("")
REFUSES = Says("I cannot help with that.", refuses=True)
CUT_SHORT = Says('{"note": "mended", "files": [{"path": "a.py", "content": "x = ', cut=True, output_tokens=32_000)


def amid_prose(says: Says) -> Says:
    """The same answer with sentences and a fence around it."""
    return Says(f"Sure! Here is the fix {{as you asked}}:\n\n```json\n{says.text}\n```\n\nLet me know {{if}} it helps.")

"""``--error``: what went wrong, in the words of whoever asks."""

from __future__ import annotations

import sys

from engine.errors import BadInput

MOST = 64 * 1024
"""Characters kept of an error text: the first and the last half."""
MOST_READ = 8 * 1024 * 1024
"""Bytes read from stdin before it is taken for something else than an error text."""


def read_error(given: str | None) -> str:
    """The text of ``--error``; ``-`` stands for what comes on stdin. A long one keeps its head and its tail.

    Raises:
        BadInput: stdin never seems to end.
    """
    text = given or ""
    if given == "-":
        raw = sys.stdin.buffer.read(MOST_READ + 1)
        if len(raw) > MOST_READ:
            raise BadInput(
                f"more than {MOST_READ // 1024 // 1024} MiB of error text on stdin", hint="hand in the last lines"
            )
        text = raw.decode("utf-8", "replace")
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    if len(text) <= MOST:
        return text
    half = MOST // 2
    return f"{text[:half]}\n[... {len(text) - MOST} characters left out ...]\n{text[-half:]}"

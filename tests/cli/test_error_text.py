"""`--error`: a message, or what comes on stdin, bounded."""

from __future__ import annotations

import io

import pytest

from engine.cli import error_text
from engine.cli.error_text import MOST, read_error
from engine.errors import BadInput


def stdin_with(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_no_error_is_an_empty_text() -> None:
    """Most runs have none: the tests say what is wrong."""
    assert read_error(None) == ""


def test_a_dash_reads_stdin_whatever_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback may hold anything."""
    stdin_with(monkeypatch, b"Traceback\n\xff\0Boom\n")

    assert read_error("-") == "Traceback\n\ufffdBoom\n"


def test_a_long_error_keeps_its_head_and_its_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exception stands at the end, what led to it at the start."""
    stdin_with(monkeypatch, b"head" + b"x" * MOST + b"tail")

    text = read_error("-")

    assert text.startswith("head")
    assert text.endswith("tail")
    assert "[... 8 characters left out ...]" in text


def test_a_stdin_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """`yes | mendbox fix a.py --error -`."""
    monkeypatch.setattr(error_text, "MOST_READ", 1_000)
    stdin_with(monkeypatch, b"y\n" * 1_000)

    with pytest.raises(BadInput, match="of error text on stdin"):
        read_error("-")


def test_half_a_surrogate_pair_does_not_get_further() -> None:
    """An argument that is no valid text reaches Python as lone surrogates."""
    assert read_error("bad \udcff").encode() == b"bad ?"

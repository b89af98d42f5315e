"""Bytes to text and back: nothing that was not changed comes back otherwise."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inputs.text import Undecodable, decode_source, encode_like, encode_source

LINES = st.lists(
    st.tuples(st.text("ab é\x0c\x1c\u2028", max_size=4), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8
)


@given(lines=LINES, last=st.text("xy", max_size=3), mark=st.booleans())
def test_an_unchanged_source_comes_back_byte_by_byte(lines: list[tuple[str, str]], last: str, mark: bool) -> None:
    """Whatever its line ends, form feeds, byte order mark or missing last line end."""
    raw = (codecs.BOM_UTF8 if mark else b"") + ("".join(line + end for line, end in lines) + last).encode()

    assert encode_like(raw, decode_source(raw)) == raw


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        pytest.param(b"a\r\nb\r\n", "a\nx\nb\n", b"a\r\nx\r\nb\r\n", id="a new line gets the usual end"),
        pytest.param(b"a\r\nb\nc\n", "a\nB\nc\n", b"a\r\nB\nc\n", id="mixed ends stay where they were"),
        pytest.param(b"a\nb", "a\nb\nc\n", b"a\nb\nc\n", id="a last line without an end gets one when more follows"),
        pytest.param(b"a\r\nb\r\n", "a\nb", b"a\r\nb", id="a last line may lose its end"),
        pytest.param(b"", "a\n", b"a\n", id="from nothing"),
        pytest.param(b"a\n", "", b"", id="to nothing"),
        pytest.param(codecs.BOM_UTF8 + b"a\r\n", "b\n", codecs.BOM_UTF8 + b"b\r\n", id="the byte order mark stays"),
        pytest.param(
            "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
            "# coding: latin-1\nx = 'ü'\n",
            "# coding: latin-1\nx = 'ü'\n".encode("latin-1"),
            id="the declared encoding is kept",
        ),
    ],
)
def test_a_changed_source_keeps_what_its_file_is_like(before: bytes, text: str, after: bytes) -> None:
    """Encoding, byte order mark and line ends are the file's, not ours."""
    assert encode_like(before, text) == after


def test_a_text_that_its_declared_encoding_cannot_hold_is_written_as_utf8() -> None:
    """What a wrong coding line does is the judge's to say, not a crash of ours."""
    text = "# coding: ascii\nx = 'é'\n"

    assert encode_source(text) == text.encode()


def test_a_source_of_an_unknown_encoding_is_told() -> None:
    """The caller gets a reason, not a LookupError."""
    with pytest.raises(Undecodable, match="names no encoding"):
        decode_source(b"# coding: klingon\n")


def test_a_source_that_is_not_utf8_and_does_not_say_what_it_is_is_told() -> None:
    """Nobody is sent to look for a coding line that is not there."""
    with pytest.raises(Undecodable, match="not UTF-8, and no coding line"):
        decode_source(b"NAME = 'caf\xe9'\n")

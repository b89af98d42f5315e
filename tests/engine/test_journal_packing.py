"""What is packed comes out the same, and what is large is kept once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.journal.packing import LARGE_TEXT, pack, unpack

texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["$text", "$part", "$$text", "a" * 64]),
    st.text(st.characters(), min_size=1, max_size=5).map(lambda text: text * 600),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5)),
    max_leaves=30,
)


@given(values)
@settings(deadline=None)
def test_any_value_comes_out_as_it_went_in(value: object):
    """Whatever characters it has, and whatever it looks like."""
    body, blobs = pack(value)

    assert unpack(body, blobs.__getitem__) == value


@given(
    st.dictionaries(
        st.sampled_from(["$text", "$part", "$$text", "$"]), st.text("0123456789abcdef", min_size=64, max_size=64)
    )
)
def test_what_looks_like_a_reference_is_none(value: dict[str, str]):
    """A person's file may be called `$text` and hold the hash of another."""
    body, blobs = pack({"files": value})

    assert unpack(body, blobs.__getitem__) == {"files": value}
    assert blobs == {}


def test_the_same_text_is_kept_once():
    """Five attempts with the same file have one blob of it."""
    text = "x" * (LARGE_TEXT + 1)

    body, blobs = pack([{"files": {"a.py": text, "b.py": "short"}} for _ in range(5)])

    assert len(blobs) == 1
    assert text not in body


def test_a_large_part_is_kept_once_and_stays_apart():
    """What comes out shares no object with itself, so that changing one place changes no other."""
    part = {str(number): number for number in range(500)}

    body, blobs = pack([part, part])
    first, second = unpack(body, blobs.__getitem__)

    assert len(blobs) == 1
    assert first == second == part
    assert first is not second


def test_a_blob_that_is_not_what_its_name_says_is_refused():
    """A damaged disk is found out."""
    body, _ = pack({"a": "x" * 1000})

    with pytest.raises(ValueError, match="not what its name says"):
        unpack(body, lambda digest: b"y")
    with pytest.raises(KeyError):
        unpack(body, {}.__getitem__)

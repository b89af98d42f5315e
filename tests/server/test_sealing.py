"""The key that seals what clients carry: one for each data folder, whoever makes it first, and nobody else's to read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving.sealing import KeyUnusable, sealing_key


def test_it_stays_the_same(tmp_path: Path) -> None:
    """And is not for others on this machine; nothing else is left in the folder."""
    first = sealing_key(tmp_path / "data")

    assert len(first) == 32
    assert sealing_key(tmp_path / "data") == first
    assert [(path.name, path.stat().st_mode & 0o777) for path in (tmp_path / "data").iterdir()] == [
        ("carried.key", 0o600)
    ]
    assert sealing_key(tmp_path / "other") != first


def test_of_many_that_begin_at_once_all_have_the_first_ones(tmp_path: Path) -> None:
    """No server ever uses a key that another one replaces."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(sealing_key, [tmp_path] * 16))

    assert len(keys) == 1


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "carried.key").write_bytes(b"short")

    with pytest.raises(KeyUnusable, match=r"no key of ours .remove the file"):
        sealing_key(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Here because something else has its name."""
    (tmp_path / "data").write_text("")

    with pytest.raises(KeyUnusable, match="MENDBOX_DATA_DIR"):
        sealing_key(tmp_path / "data")

"""An index of the test's own in place of whatever this machine's pip knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environments.index import Index, serving


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Where a test puts the packages of its index."""
    folder = tmp_path / "archives"
    folder.mkdir()
    return folder


@pytest.fixture
def pip_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No settings of this machine's pip, and a cache of its own."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT", "PIP_NO_INDEX"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return monkeypatch


@pytest.fixture
def index(archives: Path, pip_settings: pytest.MonkeyPatch) -> Iterator[Index]:
    with serving(archives) as index:
        pip_settings.setenv("PIP_INDEX_URL", index.url)
        yield index


@pytest.fixture
def private_index(archives: Path, pip_settings: pytest.MonkeyPatch) -> Iterator[Index]:
    """One that asks for a password, which stands in the person's settings alone."""
    with serving(archives, private=True) as index:
        pip_settings.setenv("PIP_INDEX_URL", index.url)
        yield index

"""Many calls at once on one process: none is lost, and what they took is given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.load import AT_ONCE, bear


@pytest.mark.slow
async def test_three_hundred_calls_at_once_are_all_answered(tmp_path: Path) -> None:
    """Each by a client of its own; then a thousand in a row, after which the server is no larger."""
    borne = await bear(tmp_path, calls=1_000)

    assert len(borne.visits) == AT_ONCE
    assert all(visit.looked for visit in borne.visits)
    assert all(visit.judged != visit.put_off for visit in borne.visits)
    assert borne.answered == borne.calls
    assert borne.well, borne

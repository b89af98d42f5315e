"""The candidates of one run are counted in a real box, with what they cost."""

from __future__ import annotations

import pytest

from engine.speed.candidates import candidate_rate
from sandboxes.base import Limits


@pytest.mark.docker
async def test_candidates_are_counted_with_the_processor_time_they_cost(sandbox):
    """Both ways of trying them, and the forks that bound one of them; no number is asked of a machine that may be busy."""
    rate = await candidate_rate(sandbox, limits=Limits(), seconds=4.0)

    assert rate.candidates > 0
    assert rate.apart.candidates > 0
    assert rate.floor_per_second_and_core > 0
    assert rate.per_second_and_core == pytest.approx(rate.candidates / rate.cpu_seconds)
    assert rate.cores * rate.seconds == pytest.approx(rate.cpu_seconds)

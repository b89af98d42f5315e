"""The parts of a measurement beside the comparison of contenders, each as small as it can be."""

from __future__ import annotations

import pytest

from engine.settings import Settings
from engine.speed.measuring import Measuring
from engine.speed.plan import Plan

PLAN = Plan(
    parts=("cost", "tests", "files", "output", "burst", "throughput"),
    rounds=1,
    seconds_each=0.05,
    clients=(1, 4),
    requests=3,
    boxes=1,
    tests=(1,),
    files=(2,),
)


@pytest.mark.docker
@pytest.mark.slow
async def test_every_part_has_its_numbers_and_no_wrong_answer(sandbox_image: str):
    """Whatever the numbers are."""
    told: list[str] = []
    measuring = Measuring(PLAN, Settings(image=sandbox_image), told.append)

    await measuring.run()

    found = measuring.speed
    assert found.not_measured == {}
    assert found.wrong == 0
    assert found.cost is not None
    assert found.cost.cpu_seconds_per_box > 0
    assert [(point.of, point.size, len(point.warm.samples_ms)) for point in found.growth] == [
        ("tests", 1, 3),
        ("files", 2, 3),
    ]
    assert all(one.counted and one.cut == (one.bytes > 10_000_000) for one in found.outputs if one.bytes != 1_000_000)
    assert found.burst is not None
    assert (found.burst.right, found.burst.left_behind) == (3, 0)
    assert [one.clients for one in found.throughput] == [1, 1, 4, 4]
    assert all(one.answered >= one.clients for one in found.throughput)
    assert {bound.promise for bound in found.held} >= {
        "3 requests at once",
        "throughput at 4 clients beside the bare host",
    }
    assert "4 clients: Mendbox, warm" in told

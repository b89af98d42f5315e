"""The statistics, what is held, and the shape of the document: all from numbers that are given."""

from __future__ import annotations

import json

import pytest

from engine.speed.held import held
from engine.speed.plan import PARTS, Plan, quick
from engine.speed.result import Speed
from engine.speed.statistics import median, p95

from . import made


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        pytest.param([3.0], 3.0, id="one"),
        pytest.param([3.0, 1.0], 2.0, id="two"),
        pytest.param([9.0, 1.0, 2.0], 2.0, id="three, unordered"),
        pytest.param([4.0, 1.0, 3.0, 2.0], 2.5, id="four"),
    ],
)
def test_the_median_is_in_the_middle(samples: list[float], expected: float):
    """Whatever the order in which the samples came."""
    assert median(samples) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(1, 1, id="1"),
        pytest.param(19, 19, id="19"),
        pytest.param(20, 19, id="20"),
        pytest.param(100, 95, id="100"),
    ],
)
def test_the_95th_percentile_is_a_sample_that_was_seen(count: int, expected: int):
    """At least 95 % of all are not above it, and no smaller one would do."""
    assert p95([float(number) for number in range(count, 0, -1)]) == expected


@pytest.mark.parametrize("of", [median, p95])
def test_nothing_is_said_of_no_samples(of):
    """Rather than a zero that looks like a measurement."""
    with pytest.raises(ValueError, match="no samples"):
        of([])


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param({"comparisons": (made.comparison(warm=60),)}, [True, True, True], id="at the bound of 0.30"),
        pytest.param({"comparisons": (made.comparison(warm=61),)}, [False, True, True], id="just above it"),
        pytest.param({"comparisons": (made.comparison(host=1000, warm=101),)}, [True, False, True], id="100 ms more"),
        pytest.param({"comparisons": (made.comparison(cold=601),)}, [True, True, False], id="colder than docker run"),
        pytest.param({"comparisons": (made.comparison("large", host=2000, warm=2100),)}, [True], id="large, 1.05"),
        pytest.param({"comparisons": (made.comparison("large", host=2000, warm=2101),)}, [False], id="large, above it"),
        pytest.param({"greeting": made.greeting(25)}, [True], id="print in 25 ms"),
        pytest.param({"greeting": made.greeting(25.1)}, [False], id="print in more"),
        pytest.param({"burst": made.burst()}, [True], id="100 at once"),
        pytest.param({"burst": made.burst(right=99)}, [False], id="one wrong answer"),
        pytest.param({"burst": made.burst(peak_mib=287)}, [False], id="300 MB are 286 MiB"),
        pytest.param({"burst": made.burst(left=1)}, [False], id="one container left"),
        pytest.param({"outputs": (made.output(),)}, [True], id="1 GB"),
        pytest.param({"outputs": (made.output(cut=False),)}, [False], id="not marked as cut"),
        pytest.param({"outputs": (made.output(growth_mib=48),)}, [False], id="more memory"),
        pytest.param({"outputs": (made.output(seconds=5),)}, [False], id="too slow"),
        pytest.param({"candidates": made.candidates(500)}, [True], id="500 candidates"),
        pytest.param({"candidates": made.candidates(499)}, [False], id="499"),
        pytest.param({}, [], id="nothing measured"),
    ],
)
def test_a_promise_is_held_or_not_by_the_numbers(parts: dict[str, object], expected: list[bool]):
    """And nothing is said of what was not measured."""
    bounds = held(made.speed(**parts))

    assert [bound.held for bound in bounds] == expected


@pytest.mark.parametrize(("ours", "is_held"), [(7.0, True), (6.9, False)])
def test_throughput_is_held_to_the_bare_hosts(ours: float, is_held: bool):
    """At four clients, with what both spend on a request beside it."""
    both = (made.sustained("Mendbox, warm", ours), made.sustained("bare host, side by side", 7.0))

    (bound,) = held(made.speed(throughput=both))

    assert bound.held is is_held
    assert "CPU-seconds" in bound.measured


def test_a_busy_machine_is_held_to_nothing():
    """The promises are made for an idle one."""
    busy = made.comparison().model_copy(update={"load": "busy"})

    assert held(made.speed(comparisons=(busy,))) == ()


def test_the_document_has_every_sample_with_its_unit_in_the_name():
    """What a reader needs to work out other statistics than ours."""
    document = json.loads(made.speed(comparisons=(made.comparison(),), burst=made.burst()).model_dump_json())

    row = document["comparisons"][0]["rows"][0]
    assert row["times"] == {"samples_ms": [200], "median_ms": 200, "p95_ms": 200}
    assert {"before_mib", "peak_mib"} <= document["burst"].keys()
    assert document["machine"]["cores"] == 2
    assert set(document) == set(Speed.model_fields)


def test_every_wrong_answer_is_counted():
    """Of every part."""
    found = made.speed(burst=made.burst(right=97), throughput=(made.sustained("x", 1).model_copy(update={"wrong": 2}),))

    assert found.wrong == 5


def test_only_what_is_ours_fails_the_command():
    """A peer that is not installed is told and costs nothing; a part, or a contender of Mendbox's own, does."""
    host, warm, *_ = made.comparison().rows

    def with_row(row):
        gone = row.model_copy(update={"times": made.times(), "not_measured": "why"})
        return made.speed(comparisons=(made.comparison().model_copy(update={"rows": (gone,)}),))

    assert [with_row(host).failed, with_row(warm).failed] == [False, True]
    assert made.speed(not_measured={"burst": "why"}).failed


def test_a_plan_says_how_long_it_takes():
    """A look takes less than the whole, and every part of the whole has its share."""
    whole = Plan()

    assert whole.parts == PARTS
    assert 0 < quick(None).estimate_seconds < whole.estimate_seconds
    assert all(Plan(parts=(part,)).estimate_seconds > 0 for part in PARTS)
    assert quick(2).rounds == 2
    assert "throughput" not in quick(None).parts

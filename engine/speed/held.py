"""What Mendbox is held to, and whether the numbers of one run keep it. Nothing is said of what was not measured."""

from __future__ import annotations

from collections.abc import Iterator

from engine.speed.ours import COLD, WARM
from engine.speed.result import Bound, Comparison, Speed, Times
from engine.speed.versus import HOST

DOCKER_RUN = "docker run --rm"
AT_CLIENTS = 4
"""Clients at which the throughput is held to the bare host's."""


def held(speed: Speed) -> tuple[Bound, ...]:
    """On an idle machine, by medians of this one run."""
    return tuple(_bounds(speed))


def _bounds(speed: Speed) -> Iterator[Bound]:
    idle = {one.suite: one for one in speed.comparisons if one.load == "idle"}
    if small := idle.get("small"):
        yield from _part(small, "a warm verdict beside the bare host, 10 tests", WARM, bound=0.30)
        yield from _overhead(small)
        yield from _cold(small)
    if large := idle.get("large"):
        yield from _part(large, "a warm verdict beside the bare host, 200 tests that take 2 s", WARM, bound=1.05)
    if speed.greeting and (median := speed.greeting.warm.median_ms) is not None:
        yield Bound(
            promise="print(1) through a warm box", measured=_ms(median), bound="at most 25 ms", held=median <= 25
        )
    yield from _throughput(speed)
    if burst := speed.burst:
        yield Bound(
            promise=f"{burst.requests} requests at once",
            measured=f"{burst.right} right, {burst.peak_mib:.0f} MiB, {burst.left_behind} containers left",
            bound="all right, under 300 MB, nothing left",
            held=burst.right == burst.requests and burst.peak_mib * 1.048576 < 300 and not burst.left_behind,
        )
    for output in speed.outputs:
        if output.bytes >= 500_000_000:
            yield Bound(
                promise=f"{output.what} of output" if "line" not in output.what else output.what,
                measured=f"{output.growth_mib:.1f} MiB more, {output.seconds:.1f} s, {'cut' if output.cut else 'not cut'}",
                bound="under 50 MB more, under 5 s, marked as cut",
                held=output.growth_mib * 1.048576 < 50 and output.seconds < 5 and output.cut and output.counted,
            )
    if speed.candidates:
        rate = speed.candidates.per_second_and_core
        yield Bound(
            promise="candidates inside one run",
            measured=f"{rate:.0f} a second and core (bare forks: {speed.candidates.floor_per_second_and_core:.0f})",
            bound="at least 500",
            held=rate >= 500,
        )


def _part(comparison: Comparison, promise: str, contender: str, *, bound: float) -> Iterator[Bound]:
    row = comparison.row(contender)
    if row and row.ratio is not None:
        measured = f"{row.ratio:.2f} of {comparison.reference}"
        yield Bound(promise=promise, measured=measured, bound=f"at most {bound:.2f}", held=row.ratio <= bound)


def _overhead(comparison: Comparison) -> Iterator[Bound]:
    row = comparison.row(WARM)
    if row and (whole := row.times.median_ms) is not None:
        more = whole - (row.tests_times.median_ms or 0.0)
        yield Bound(
            promise="a warm verdict beside what its tests take, 10 tests",
            measured=f"{more:.0f} ms more",
            bound="under 100 ms more",
            held=more < 100,
        )


def _cold(comparison: Comparison) -> Iterator[Bound]:
    cold, docker = comparison.row(COLD), comparison.row(DOCKER_RUN)
    if (
        cold
        and docker
        and (ours := cold.times.median_ms) is not None
        and (theirs := docker.times.median_ms) is not None
    ):
        yield Bound(
            promise="a cold verdict beside a hardened docker run, 10 tests",
            measured=f"{_ms(ours)} against {_ms(theirs)}",
            bound="at most as long",
            held=ours <= theirs,
        )


def _throughput(speed: Speed) -> Iterator[Bound]:
    at = [one for one in speed.throughput if one.clients == AT_CLIENTS]
    ours = next((one for one in at if one.contender == WARM), None)
    theirs = next((one for one in at if one.contender.startswith(HOST)), None)
    if ours and theirs:
        yield Bound(
            promise=f"throughput at {AT_CLIENTS} clients beside the bare host",
            measured=f"{ours.requests_per_second:.2f} against {theirs.requests_per_second:.2f} requests a second "
            f"({ours.cpu_seconds_per_request:.2f} and {theirs.cpu_seconds_per_request:.2f} CPU-seconds each)",
            bound="at least as many",
            held=ours.requests_per_second >= theirs.requests_per_second,
        )


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def spread(times: Times) -> str:
    """Median and 95th percentile in words."""
    if times.median_ms is None or times.p95_ms is None:
        return ""
    return f"{_ms(times.median_ms)} (p95 {_ms(times.p95_ms)})"

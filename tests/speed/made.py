"""Measurements made up for the tests of what is said of them."""

from __future__ import annotations

from engine.speed.machine import Machine
from engine.speed.result import Burst, Candidates, Comparison, Greeting, Output, Row, Speed, Sustained, Times


def times(*milliseconds: float) -> Times:
    return Times(samples_ms=milliseconds)


def comparison(
    suite: str = "small", *, host: float = 200, warm: float = 50, cold: float = 400, run: float = 600
) -> Comparison:
    """One with these medians, on an idle machine."""
    medians = {
        "bare host, side by side": host,
        "Mendbox, warm": warm,
        "Mendbox, cold": cold,
        "docker run --rm": run,
    }
    rows = tuple(
        Row(contender=name, about="…", times=times(median), tests_times=times(1.0), ratio=median / host)
        for name, median in medians.items()
    )
    return Comparison(suite=suite, name=suite, tests=10, load="idle", rows=rows, reference="bare host, side by side")


def speed(**parts: object) -> Speed:
    machine = Machine(cores=2, processor="a processor", kernel="6", python="3.11", engine="20.10", image="mendbox/x")
    return Speed.model_validate({"machine": machine, "started": "2026-11-28T20:00:00+00:00", **parts})


def sustained(contender: str, per_second: float) -> Sustained:
    return Sustained(
        contender=contender,
        clients=4,
        seconds=30,
        answered=100,
        wrong=0,
        requests_per_second=per_second,
        cpu_seconds_per_request=0.2,
        times=times(100),
    )


def burst(*, right: int = 100, peak_mib: float = 100, left: int = 0) -> Burst:
    return Burst(requests=100, right=right, seconds=9, before_mib=60, peak_mib=peak_mib, left_behind=left)


def output(*, growth_mib: float = 1, seconds: float = 1, cut: bool = True) -> Output:
    return Output(what="1 GB", bytes=10**9, seconds=seconds, growth_mib=growth_mib, counted=True, cut=cut)


def candidates(rate: float) -> Candidates:
    return Candidates(
        candidates=4_000, seconds=8, cpu_seconds=8, per_second_and_core=rate, floor_per_second_and_core=2_000
    )


def greeting(median: float) -> Greeting:
    return Greeting(warm=times(median), host=times(10))

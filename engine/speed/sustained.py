"""Throughput: so many clients, each with one request after another, for some time."""

from __future__ import annotations

import asyncio
import time

from engine.speed.contender import Contender
from engine.speed.machine import cpu_seconds
from engine.speed.result import Sustained, Times
from engine.speed.suites import Suite


async def sustain(contender: Contender, suite: Suite, *, clients: int, seconds: float) -> Sustained:
    """Requests begun within *seconds*, and the first one of each client, are finished and counted, and so is the time
    until the last one is.

    Processor time is counted until what they left has been cleared away: that is part of what a request costs.
    """
    latencies: list[float] = []
    wrong = 0
    spent, started = cpu_seconds(), time.perf_counter()

    async def client() -> None:
        nonlocal wrong
        now = started
        while now - started < seconds:
            begun = time.perf_counter()
            answer = await contender.answer(suite)
            now = time.perf_counter()
            latencies.append(now - begun)
            wrong += not answer.is_right(suite)

    async with asyncio.TaskGroup() as all_clients:
        for _ in range(clients):
            all_clients.create_task(client())
    took = time.perf_counter() - started
    await contender.settle()
    spent = cpu_seconds() - spent
    count = max(1, len(latencies))
    return Sustained(
        contender=contender.name,
        clients=clients,
        seconds=round(took, 3),
        answered=len(latencies),
        wrong=wrong,
        requests_per_second=round(len(latencies) / took, 3),
        cpu_seconds_per_request=round(spent / count, 4),
        times=Times.of_seconds(latencies),
    )

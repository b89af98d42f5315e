"""One measurement from its first part to its last; what it has so far can be taken at any time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from engine.settings import Settings
from engine.speed.bare import BareHost
from engine.speed.burst import burst
from engine.speed.candidates import candidate_rate
from engine.speed.containers import DockerExec, DockerRun
from engine.speed.contender import Contender
from engine.speed.cost import box_cost
from engine.speed.engine_room import EngineRoom, engine_room
from engine.speed.greeting import greet
from engine.speed.growth import grow
from engine.speed.held import held
from engine.speed.machine import kept_busy, spent_a_second, this_machine
from engine.speed.ours import Verdicts, WholeCheck
from engine.speed.output import SIZES, pour
from engine.speed.peers.contender import peers
from engine.speed.plan import PARTS, Part, Plan
from engine.speed.result import Candidates, Comparison, Load, Speed
from engine.speed.suites import Suite, large, small
from engine.speed.sustained import sustain
from engine.speed.versus import Versus

_CHECKS = 5
"""Rounds in which a whole check takes part at most: it is told beside the others, and not compared with them."""
_BUSY_SECONDS = 3_600.0


class Measuring:
    """*tell* is told in a few words what is being done."""

    def __init__(self, plan: Plan, settings: Settings, tell: Callable[[str], None]) -> None:
        self._plan = plan
        self._settings = settings
        self._tell = tell
        self._began = time.monotonic()
        self._speed = Speed(machine=this_machine(), started=datetime.now(UTC).isoformat(timespec="seconds"))
        self._comparisons: list[Callable[[], Comparison]] = []

    @property
    def speed(self) -> Speed:
        """What was measured so far, and what it says of the promises."""
        so_far = self._speed.model_copy(
            update={
                "seconds": round(time.monotonic() - self._began, 1),
                "comparisons": tuple(made() for made in self._comparisons),
            }
        )
        return so_far.model_copy(update={"held": held(so_far)})

    async def run(self) -> None:
        """Measure all parts of the plan. A part that fails says why, and the next one is measured.

        Raises:
            SandboxUnavailable: No engine answers.
            ImageMissing: There is no image and it could not be built.
        """
        async with engine_room(self._settings, self._tell) as room:
            version = await asyncio.to_thread(lambda: room.version)
            before = round(await spent_a_second(), 3)
            self._keep(machine=this_machine(engine=version, image=room.image), spent_before=before)
            for part in (part for part in PARTS if part in self._plan.parts):
                try:
                    await self._measure(part, room)
                except Exception as error:  # noqa: BLE001  (whatever breaks one part must not lose what was measured)
                    why = f"{type(error).__name__}: {error}"[:500]
                    self._keep(not_measured={**self._speed.not_measured, part: why})

    async def _measure(self, part: Part, room: EngineRoom) -> None:
        match part:
            case "small" | "small-busy":
                await self._compare(part, "small", small(), room)
            case "large" | "large-busy":
                await self._compare(part, "large", large(), room)
            case "tests" | "files":
                await self._grow(part, room)
            case "output":
                await self._pour(room)
            case "throughput":
                await self._throughput(room)
            case _:
                await self._one_number(part, room)

    async def _one_number(self, part: Part, room: EngineRoom) -> None:
        self._tell(part)
        match part:
            case "print":
                self._keep(greeting=await greet(room, rounds=self._plan.greetings))
            case "cost":
                self._keep(cost=await box_cost(room, boxes=self._plan.boxes))
            case "candidates":
                self._keep(candidates=await _candidates(room))
            case _:
                self._keep(burst=await burst(room, small(), requests=self._plan.requests))

    async def _compare(self, part: Part, key: str, suite: Suite, room: EngineRoom) -> None:
        load: Load = "busy" if part.endswith("-busy") else "idle"
        rounds = self._plan.rounds_of(key)
        versus = Versus(
            _contenders(room, rounds),
            suite=suite,
            key=key,
            load=load,
            tell=lambda words: self._tell(f"{part}: {words}"),
        )
        self._comparisons.append(versus.result)
        with ExitStack() as busy:
            if load == "busy":
                self._keep(busy_children=busy.enter_context(kept_busy(_BUSY_SECONDS)))
            await versus.run()

    async def _grow(self, of: Part, room: EngineRoom) -> None:
        sizes = self._plan.tests if of == "tests" else self._plan.files
        warm, host = Verdicts(room, warm=True), BareHost(side_by_side=True)
        for size in sizes:
            self._tell(f"{size} {of}")
            point = await grow(
                warm, host, of="tests" if of == "tests" else "files", size=size, rounds=3 if size < 1_000 else 1
            )
            self._keep(growth=(*self._speed.growth, point))

    async def _pour(self, room: EngineRoom) -> None:
        for what, size, one_line in SIZES:
            self._tell(f"output: {what}")
            poured = await pour(room, what=what, size=size, one_line=one_line)
            self._keep(outputs=(*self._speed.outputs, poured))

    async def _throughput(self, room: EngineRoom) -> None:
        both: tuple[Contender, ...] = (Verdicts(room, warm=True), BareHost(side_by_side=True))
        for clients in self._plan.clients:
            for contender in both:
                self._tell(f"{clients} clients: {contender.name}")
                found = await sustain(contender, small(), clients=clients, seconds=self._plan.seconds_each)
                self._keep(throughput=(*self._speed.throughput, found))

    def _keep(self, **more: object) -> None:
        self._speed = self._speed.model_copy(update=more)


async def _candidates(room: EngineRoom) -> Candidates:
    # a box of the pool holds the programs of the judge already
    rate = await candidate_rate(room.cold, limits=room.settings.limits)
    return Candidates(
        candidates=rate.candidates,
        seconds=round(rate.seconds, 3),
        cpu_seconds=round(rate.cpu_seconds, 3),
        per_second_and_core=round(rate.per_second_and_core, 1),
        floor_per_second_and_core=round(rate.floor_per_second_and_core, 1),
    )


def _contenders(room: EngineRoom, rounds: int) -> Sequence[tuple[Contender, int]]:
    all_rounds: tuple[Contender, ...] = (
        BareHost(side_by_side=True),
        BareHost(side_by_side=False),
        DockerRun(room),
        DockerExec(room),
        Verdicts(room, warm=False),
        Verdicts(room, warm=True),
        *peers(room),
    )
    return (*((one, rounds) for one in all_rounds), (WholeCheck(room.settings), min(rounds, _CHECKS)))

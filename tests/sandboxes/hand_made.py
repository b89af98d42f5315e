"""Boxes that are made by hand, as a test says when and whether; they keep no command, only who had them."""

from __future__ import annotations

import asyncio

from sandboxes.base import Limits, Measured
from sandboxes.errors import SandboxUnavailable


class HandMadeBox:
    """Never runs anything; see `sandboxes.shelf.ReadyBox`."""

    image = "sha256:made-by-hand"
    measured: Measured

    def __init__(self, name: str, limits: Limits) -> None:
        self.id = name
        self.made_with = limits
        self.leases: list[Limits] = []
        self.healthy = True
        self.discarded = False

    def lease(self, limits: Limits) -> None:
        if not self.healthy:
            raise SandboxUnavailable("box", f"{self.id} ended before it was used")
        self.leases.append(limits)

    def discard(self) -> None:
        self.discarded = True


class Workbench:
    """Where they are made; see `sandboxes.shelf.Maker`. None is finished while `open` is cleared."""

    def __init__(self) -> None:
        self.boxes: list[HandMadeBox] = []
        self.begun = 0
        self.at_once = 0
        self.most_at_once = 0
        self.failure: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.closed = False

    @property
    def existing(self) -> list[HandMadeBox]:
        return [box for box in self.boxes if not box.discarded]

    async def make(self, *, run_id: str, limits: Limits) -> HandMadeBox:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            if self.failure is not None:
                raise self.failure
        finally:
            self.at_once -= 1
        self.boxes.append(HandMadeBox(f"{run_id}-{len(self.boxes)}", limits))
        return self.boxes[-1]

    async def aclose(self) -> None:
        self.closed = True
        for box in self.boxes:
            box.discard()


class Clock:
    """Stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def settle() -> None:
    """Let every task come as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)

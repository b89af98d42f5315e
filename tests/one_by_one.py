"""What the longer words of a box mean, said in its shorter ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sandboxes.base import Command, Layer, Outcome, Place


class _Steps(Protocol):
    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None: ...

    async def clear(self, *, only: Place | None = None) -> None: ...

    async def run(self, command: Command) -> Outcome: ...


class OneByOne:
    """For boxes of tests: does one after the other what a real box does in one exchange."""

    async def lay(self: _Steps, *layers: Layer, only: Place | None = None) -> None:
        await self.clear(only=only)
        for layer in layers:
            await self.put(layer.files, place=layer.place, locked=layer.locked)

    async def run_beside(self: _Steps, *commands: Command) -> tuple[Outcome, ...]:
        ended = {}
        for number in sorted(range(len(commands)), key=lambda number: commands[number].held):
            well = all(ended[other].exit_code == 0 for other in ended if not commands[other].held)
            held = commands[number].held
            ended[number] = await self.run(commands[number]) if well or not held else Outcome(ended="unasked")
        return tuple(ended[number] for number in range(len(commands)))

    async def prepare(self, programs: Layer, *commands: Command) -> None:
        """Nothing is done beforehand: the outcome is the same."""

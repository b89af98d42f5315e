"""Boxes for authors who run a program of their own next to the code: never this machine, never the judge's box."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import NamedTuple, Self

from agents.base import Findings
from engine.inputs.text import decode_data, encode_files
from sandboxes.base import TOOLS, WORK, Box, Command, Layer, Limits, Sandbox

KEPT_LINES = 20_000
_SLACK = 60.0
"""Seconds that a box lives beyond those of its program."""


class BoxWorkshop:
    """A new box for each program.

    Used as ``async with``, which is needed where something is prepared: what nobody has taken is given back at its end.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        limits: Limits,
        run_id: str,
        patience: float = 600.0,
        data: Mapping[str, str] | None = None,
        build: Command | None = None,
    ) -> None:
        """*patience*: seconds within which the program of a box that was prepared has come to its end. *data* are files,
        base64, that stand beside the others; *build* is run before the program.
        """
        self._data = decode_data(data or {})
        self._build = build
        self._sandbox = sandbox
        self._limits = limits
        self._run_id = run_id
        self._patience = patience
        self._prepared: _Prepared | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            prepared.opening.cancel()
            await asyncio.wait([prepared.opening])
            if prepared.is_ready:
                await prepared.opening.result().until.aclose()

    def prepare(self, *, tools: Mapping[str, str], argv: tuple[str, ...]) -> None:
        """Begin to open a box and to start the program in it; see `agents.base.Workshop`."""
        if self._prepared is None:
            layer, command = _laid(tools), _placed(argv)
            opening = asyncio.create_task(self._open_ahead(layer, command), name="prepare a box")
            self._prepared = _Prepared(layer, command, opening)

    async def run(
        self,
        *,
        files: Mapping[str, str],
        locked: Mapping[str, str],
        tools: Mapping[str, str],
        argv: tuple[str, ...],
        stdin: bytes,
        seconds: float,
        on_line: Callable[[str], None] | None = None,
    ) -> Findings:
        """Run *argv* in a box of its own; see `agents.base.Workshop`."""
        layer, command = _laid(tools), _placed(argv)
        async with AsyncExitStack() as until:
            box = await self._take_prepared(layer, command, until)
            if box is None:
                limits = self._limits.model_copy(update={"seconds": seconds + _SLACK})
                box = await until.enter_async_context(self._sandbox.open(run_id=self._run_id, limits=limits))
            await box.lay(
                Layer(files=encode_files({path: text for path, text in files.items() if path not in locked})),
                Layer(files=encode_files(locked) | self._data, locked=True),
                layer,
            )
            if self._build is not None:
                await box.run(self._build)
            outcome = await box.run(
                command.model_copy(update={"stdin": stdin, "seconds": seconds}), on_report_line=on_line
            )
        *lines, _unfinished = (outcome.report.head + outcome.report.tail).split(b"\n")
        return Findings(
            lines=tuple(line.decode("utf-8", "replace") for line in lines[-KEPT_LINES:]),
            ended=outcome.ended,
            exit_code=outcome.exit_code,
            stderr=outcome.stderr.text[-100_000:],
        )

    async def _open_ahead(self, layer: Layer, command: Command) -> _Open:
        limits = self._limits.model_copy(update={"seconds": self._patience + _SLACK})
        async with AsyncExitStack() as until:
            box = await until.enter_async_context(self._sandbox.open(run_id=self._run_id, limits=limits))
            await box.prepare(layer, command)
            return _Open(box, until.pop_all())

    async def _take_prepared(self, layer: Layer, command: Command, until: AsyncExitStack) -> Box | None:
        """The box in which just this was prepared, to be given back with *until*; None where there is none.

        Why one could not be opened is not told: another one is opened then, and whoever needs that is told.
        """
        prepared = self._prepared
        if prepared is None or (prepared.layer, prepared.command) != (layer, command):
            return None
        # Not the task itself: a cancel here must not meet it just when it has a box.
        await asyncio.wait([prepared.opening])
        self._prepared = None
        if not prepared.is_ready:
            return None
        opened = prepared.opening.result()
        await until.enter_async_context(opened.until)
        return opened.box


class _Open(NamedTuple):
    box: Box
    until: AsyncExitStack
    """Closed when the box is not needed any more."""


class _Prepared(NamedTuple):
    layer: Layer
    command: Command
    opening: asyncio.Task[_Open]

    @property
    def is_ready(self) -> bool:
        return self.opening.done() and not self.opening.cancelled() and self.opening.exception() is None


def _laid(tools: Mapping[str, str]) -> Layer:
    return Layer(files=encode_files(tools), place="tools")


def _placed(argv: tuple[str, ...]) -> Command:
    placed = tuple(word.replace("{tools}", TOOLS).replace("{work}", WORK) for word in argv)
    return Command(argv=placed, warm=placed[0] == "python")

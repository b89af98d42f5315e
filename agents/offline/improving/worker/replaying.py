"""Calls replayed on one state of the files: what each gave, and what it cost."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import inspect
import io
import os
import pickle
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from types import ModuleType
from typing import Any

from ...worker.fence import hide
from ...worker.folders import Folders
from ...worker.guard import OutOfSteps, Steps, arm, limit_memory
from ...worker.processes import ask, hear, reap, spawn, sweep, tell
from .counting import Elements, Instructions, TooMuch, led
from .freezing import Frozen, digest, shown
from .suite import Unit, apart

STEPS = 60_000
"""Calls and jumps in the program that one replayed call may make."""
SECONDS = 4.0
LOST = 12
"""Calls that may end their process before replaying is given up."""


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    digest: str
    """Of the result or error, the arguments afterwards, the output, and the module's own variables."""
    said: str
    """The result or error, for a person."""


@dataclass(frozen=True)
class Cost:
    instructions: int
    elements: int

    @property
    def steps(self) -> int:
        return self.instructions + self.elements


class Replay:
    """Replays calls of functions in the files below *root*."""

    def __init__(self, root: Path, names: frozenset[str], writable: Collection[Path]) -> None:
        self._root = root
        self._names = names
        self._writable = writable

    def answers(
        self, files: Mapping[str, str], unit: Unit, calls: Sequence[bytes], variables: frozenset[str]
    ) -> list[Answer | None]:
        """One answer for each of *calls*, in one process as far as it lives; None for a call that did not end, or ended it."""
        found: list[Answer | None] = []
        lost = 0
        while len(found) < len(calls) and lost < LOST:
            answers = self._some(files, unit, calls[len(found) :], variables)
            found += answers
            if len(found) < len(calls):
                found.append(None)
                lost += 1
        return found + [None] * (len(calls) - len(found))

    def _some(
        self, files: Mapping[str, str], unit: Unit, calls: Sequence[bytes], variables: frozenset[str]
    ) -> list[Answer | None]:
        def work(fd: int) -> None:
            limit_memory()
            hide(hidden=False)
            arm(2 * SECONDS, 2 * SECONDS)
            steps = Steps(self._names)
            steps.start(1 << 61)
            module, function = _load(unit)
            for call in calls:
                arm(SECONDS, SECONDS)
                positional, named = pickle.loads(call)  # noqa: S301  # written in this box
                steps.start(STEPS)
                answer = _answer(function, positional, named, module, variables)
                spent = steps.spent
                steps.start(1 << 61)
                tell(fd, None if spent else answer)

        before = Folders(self._writable)
        found: list[Answer | None] = []
        try:
            for path, text in files.items():
                (self._root / path).write_text(text, encoding="utf-8", newline="")
            child, fd = spawn(work)
            with contextlib.suppress(EOFError, pickle.UnpicklingError):
                while len(found) < len(calls):
                    found.append(hear(fd, SECONDS + 1))
            os.close(fd)
            reap(child)
        finally:
            sweep()
            before.restore()
        return found

    def costs(self, files: Mapping[str, str], unit: Unit, calls: Sequence[bytes], *, warm: bool) -> list[Cost | None]:
        """What each call costs in a process of its own; None where it fails, or takes more than is counted."""
        instructions = self._count(files, unit, calls, warm=warm)
        counted = {path: led(text) if path.endswith(".py") else text for path, text in files.items()}
        known = [call for call, count in zip(calls, instructions, strict=True) if count is not None]
        elements = dict(zip(known, self._count(counted, unit, known, warm=warm, elements=True), strict=True))
        return [
            None if count is None or (more := elements[call]) is None else Cost(count, more)
            for call, count in zip(calls, instructions, strict=True)
        ]

    def _count(
        self, files: Mapping[str, str], unit: Unit, calls: Sequence[bytes], *, warm: bool, elements: bool = False
    ) -> list[int | None]:
        def work(fd: int) -> None:
            hide(hidden=False)
            gc.disable()
            counter = Elements()
            if elements:
                counter.install()
            _, function = _load(unit)
            # each in a child of its own, so that nothing one call keeps makes the next one cheaper
            tell(
                fd,
                [
                    ask(partial(_one, function, call, counter if elements else None, warm), 2 * SECONDS)
                    for call in calls
                ],
            )

        answer: list[int | None] | None = apart(
            self._root, self._writable, files, work, (2 * SECONDS + 1) * (len(calls) + 1)
        )
        return answer or [None] * len(calls)


def _one(function: Callable[..., object], call: bytes, counter: Elements | None, warm: bool, fd: int) -> None:  # noqa: FBT001  # called by `ask` only
    limit_memory()
    arm(SECONDS, 2 * SECONDS)
    if warm:
        _call(function, *pickle.loads(call))  # noqa: S301  # written in this box
    positional, named = pickle.loads(call)  # noqa: S301  # written in this box
    if counter is not None:
        counter.count = 0
    instructions = Instructions() if counter is None else None
    try:
        failed = _call(function, positional, named).failed
    except TooMuch:
        failed = True
    count = counter.count if counter is not None else instructions.stop() if instructions is not None else 0
    tell(fd, None if failed else count)


@dataclass(frozen=True)
class _Called:
    value: object
    failed: bool
    output: str


def _call(function: Callable[..., object], positional: list[object], named: dict[str, object]) -> _Called:
    written = io.StringIO()
    failed = False
    value: object
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        try:
            value = function(*positional, **named)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            if isinstance(value, Iterator):
                value = (type(value).__name__, [*_taken(value)])
        except OutOfSteps:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the code raises is its answer
            value, failed = error, True
        except SystemExit as error:
            value, failed = error, True
    return _Called(value, failed, written.getvalue())


def _taken(values: Iterator[object], most: int = 5_000) -> Iterator[object]:
    for number, value in enumerate(values):
        if number == most:
            return
        yield value


def _answer(
    function: Callable[..., object],
    positional: list[object],
    named: dict[str, object],
    module: ModuleType,
    variables: frozenset[str],
) -> Answer | None:
    try:
        called = _call(function, positional, named)
        frozen = Frozen()
        state = {name: vars(module).get(name) for name in sorted(variables)}
        whole = [frozen.freeze(each) for each in (called.value, positional, named, called.output, state)]
        return Answer(digest(whole), f"raises {shown(called.value)}" if called.failed else shown(called.value))
    except OutOfSteps:
        return None
    except Exception:  # noqa: BLE001  # an object that cannot be looked at; nothing is known of this call
        return None


def _load(unit: Unit) -> tuple[ModuleType, Callable[..., object]]:
    path, name = unit
    sys.dont_write_bytecode = True
    dotted = path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")
    module = importlib.import_module(dotted)
    owner: Any = reduce(getattr, name.split(".")[:-1], module)
    found: Any = inspect.getattr_static(owner, name.rsplit(".", 1)[-1])
    if isinstance(found, (staticmethod, classmethod)):
        found = found.__func__
    elif isinstance(found, property):
        found = found.fget
    return module, found

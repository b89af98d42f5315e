"""Performs calls in forked children: on the code as it is, and on one mutant after the other."""

from __future__ import annotations

import contextlib
import gc
import importlib
import mmap
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...worker.guard import Steps, arm, limit_memory
from ...worker.processes import ask, hear, reap, spawn, tell
from .calls import Call, Maker
from .outcomes import Outcome
from .performing import STEPS, Performer
from .serving import Served
from .targets import Target
from .task import Mutant, Task
from .trusting import Untrusted, narrow

SECONDS = 3.0
"""Processor time of one child; its calls count their own steps, so only what runs in C needs it."""
_LOST = 6
"""Children that may die before the rest of their calls is given up."""
HANGING = 4_000
"""Steps that a mutant may take, or ten times those of the code."""
HANGS = 3
"""Calls that may hang on one mutant before the rest of them is not tried on it."""
CPU = 0.3
"""Seconds of processor time for one mutant: what takes them in C, with numbers without end, is red on it."""
_RUNNING, _SAME, _OTHER = 1, 2, 3


class Children:
    """Knows how to start the code under test in a child."""

    def __init__(self, root: Path, task: Task, targets: Sequence[Target], makers: Mapping[int, Maker]) -> None:
        self._root = root
        self._task = task
        self._targets = list(targets)
        self._makers = dict(makers)
        self.served = Served(root, task.names, task.python)
        self.files = {self.served.file(path): path for path in task.python}
        self.performed = 0
        """Mutants that were run."""

    def enter(self) -> None:
        """Let this process, which is a child, import the code under test; no other one ever does."""
        sys.path.insert(0, str(self._root))
        if any(path.startswith("src/") for path in self._task.python):
            sys.path.insert(0, str(self._root / "src"))
        self.served.install()

    def _begin(self, *, watching: bool, cpu: float = SECONDS) -> Performer:
        limit_memory()
        gc.disable()
        sys.setrecursionlimit(600)
        arm(cpu, 3 * cpu)
        self.enter()
        project = frozenset(self._task.names.values())
        steps = steps_of(self.served, frozenset(self.files))
        return Performer(self._targets, self._makers, self.files, project, steps, watching=watching)

    def observe(self, calls: Sequence[Call], steps: int = STEPS) -> list[Outcome]:
        """What each of *calls* does within so many *steps*; one at which the process ended hangs."""
        found: list[Outcome] = []
        lost = 0
        while len(found) < len(calls) and lost < _LOST:
            left = calls[len(found) :]

            def work(fd: int, left: Sequence[Call] = left) -> None:
                performer = self._begin(watching=True)
                batch: list[Outcome] = []
                for number, call in enumerate(left):
                    arm(SECONDS, 3 * SECONDS)
                    batch.append(performer.perform(call, steps))
                    if len(batch) == 20 or number + 1 == len(left):
                        tell(fd, batch)
                        batch = []

            child, fd = spawn(work)
            with contextlib.suppress(EOFError, Untrusted):
                got = 0
                while got < len(left):
                    batch = _outcomes(hear(fd, 4 * SECONDS, narrow), len(left) - got)
                    got += len(batch)
                    found += batch
            os.close(fd)
            reap(child)
            if len(found) < len(calls):
                # somewhere among the next twenty: they are given up together
                found += [Outcome("hangs", "hangs")] * min(20, len(calls) - len(found))
                lost += 1
        return found + [Outcome("hangs", "hangs")] * (len(calls) - len(found))

    def others(self) -> tuple[list[str], str]:
        """Modules that the code under test imports and that are not its own; why it could not be imported, if so."""
        names = set(self._task.names.values())

        def work(fd: int) -> None:
            known = set(sys.modules)
            arm(20.0, 30.0)
            self.enter()
            said = ""
            for name in sorted({target.module for target in self._targets}):
                try:
                    importlib.import_module(name)
                except BaseException as error:  # noqa: BLE001  # whatever it raises
                    said = said or f"{name} cannot be imported: {type(error).__name__}: {error}"[:300]
            tell(fd, (sorted(set(sys.modules) - known - names), said))

        answer = ask(work, 31.0, loads=narrow)
        match answer:
            case ([*found], str() as said) if all(isinstance(name, str) for name in found):
                return found, said
        return [], "the code ended the process that imported it"

    def kills(self, mutant: Mutant, calls: Sequence[tuple[Call, Outcome]], *, all_: bool) -> set[int]:
        """Numbers of the *calls* that do something else with *mutant*; only the first one unless *all_*."""
        self.performed += 1
        board = mmap.mmap(-1, max(1, len(calls)))

        def work(_fd: int) -> None:
            self.served.put_in({mutant.path: mutant.text})
            performer = self._begin(watching=False, cpu=CPU)
            hangs = 0
            for number, (call, outcome) in enumerate(calls):
                if number % 10 == 0:
                    arm(CPU, 3.0)
                board[number] = _RUNNING
                found = performer.perform(call, max(HANGING, 10 * outcome.steps))
                other = found.digest != outcome.digest
                board[number] = _OTHER if other else _SAME
                hangs += found.kind == "hangs"
                if (other and not all_) or hangs >= HANGS:
                    break

        run(work, 3.5)
        # the one that was running when the child ended is what ended it
        found = {number for number in range(len(calls)) if board[number] in (_RUNNING, _OTHER)}
        board.close()
        return found


def _outcomes(batch: object, most: int) -> list[Outcome]:
    """What a child sent, where it is what it has to send."""
    if not isinstance(batch, list) or not 0 < len(batch) <= most:
        raise Untrusted("no batch")
    if not all(isinstance(each, Outcome) for each in batch):
        raise Untrusted("no outcomes")
    return batch


def steps_of(served: Served, names: frozenset[str]) -> Steps:
    """Counts in what is *served*, and lets everything else run untouched."""
    steps = Steps(names)
    steps.narrow(served.codes)
    return steps


def run(work: Callable[[int], None], seconds: float) -> None:
    """Do *work* in a child, and wait for its end."""
    child, fd = spawn(work)
    select.select([fd], [], [], seconds)
    os.close(fd)
    with contextlib.suppress(ProcessLookupError):
        if not os.waitpid(child, os.WNOHANG)[0]:
            _end(child)


def _end(child: int) -> None:
    for _ in range(200):
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        select.select([], [], [], 0.0005)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)

"""Starts one look inside a box: the task on standard input, what it finds on the report pipe."""

from __future__ import annotations

import gc
import sys
import time
import warnings
from pathlib import Path

from _pytest.config import get_config

from ...worker.fence import adopt, hide
from ...worker.report import Reporter
from ...worker.session import arguments, settle
from .evidence import Bench
from .improve import Look
from .job import Task
from .replaying import Replay
from .suite import Suite

WRITABLE = (Path("/box"), Path("/tmp"), Path("/dev/shm"))  # noqa: S108  # nothing is made there, only put back


def main(tools: Path) -> None:
    began = time.monotonic()
    warnings.simplefilter("ignore")
    task = Task.read(sys.stdin.buffer.read().decode())
    reporter = Reporter.from_environment()
    reporter.say("ended", reason=_look(task, reporter, Path.cwd(), tools, began + task.job.seconds))


def _look(task: Task, reporter: Reporter, root: Path, tools: Path, end: float) -> str:
    job = task.job
    names = {name: path for path in job.python for name in (str(root / path), path)}
    called = arguments(tools, job)
    settle(root, job)
    get_config()  # imports pytest's own plugins once, for all that are forked from here
    gc.collect()
    gc.freeze()
    adopt()
    hide()
    suite = Suite(root, names, called, WRITABLE)
    ran = suite.run(job.files, calls=True)
    if ran is None:
        return "the tests did not come to their end while their calls were written down"
    if not ran.green:
        return f"a test is red in the improver's own session: {min(ran.red) if ran.red else 'none passed'}"[:500]
    bench = Bench(Replay(root, frozenset(names), WRITABLE), ran)
    look = Look(job.files, suite, bench, reporter, end)
    return look.performance() if task.kind == "performance" else look.security()

"""Pytest's own session in a forked child, on the files as they stand on disk: slow, and the same as the judge's."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .failure import Failure, describe
from .fence import fence, hide
from .folders import Folders
from .guard import Steps, arm, limit_memory
from .job import Job
from .processes import ask, sweep, tell
from .suite import Aside


@dataclass
class Result:
    """How a session ended."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    collected: bool = False
    """Whether every test file could be imported."""

    @property
    def green(self) -> bool:
        return self.collected and bool(self.passed) and not self.failed


class _Watch:
    def __init__(self, paths: Mapping[str, str], first: Sequence[str], tell: Callable[[Result], None]) -> None:
        self.paths = paths
        self.tell = tell
        self.first = first
        self.result = Result()
        self.broken = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {node: index for index, node in enumerate(self.first)}
        items.sort(key=lambda item: order.get(item.nodeid, len(order)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.broken = self.broken or report.failed

    def pytest_collection_finish(self) -> None:
        self.result.collected = not self.broken

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None:
            self.result.failures.append(describe(call.excinfo.value, call.excinfo.tb, self.paths))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Tell, and leave before the plugins' summaries, which can cost more than all the tests."""
        self.tell(self.result)
        os._exit(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.result.failed.add(report.nodeid)
        elif report.skipped:
            self.result.skipped.add(report.nodeid)
        elif report.when == "call":
            self.result.passed.add(report.nodeid)


class Sessions:
    """Runs whole sessions. This process must not have imported the code under repair."""

    def __init__(
        self,
        root: Path,
        paths: Mapping[str, str],
        watched: frozenset[str],
        called: Callable[[Sequence[str] | None], list[str]],
        writable: Sequence[Path],
        *,
        aside: frozenset[str] = frozenset(),
    ) -> None:
        self.aside = aside
        self.root = root
        self.paths = paths
        self.watched = watched
        self.called = called
        self.writable = writable
        self._before: Folders | None = None
        self.fenced = False
        """Whether the code may signal nobody; only where the tests are known to end the same then."""

    def run(
        self, changed: Mapping[str, str], *, first: Sequence[str] = (), stop: bool = False,
        seconds: float = 10.0, steps: int | None = None, cpu: float | None = None, only: Sequence[str] = (),
    ) -> Result | None:  # fmt: skip
        """The session with *changed* files laid over those that stand there; None where it died or did not end.

        *only* are the node ids of the tests that are run, where it is not all of them.

        Afterwards the folders are as they were before, and nothing that it started runs any more.
        """

        def work(fd: int) -> None:
            limit_memory()
            hide(hidden=False)  # as in the judge's box
            if self.fenced:
                fence()
            arm(cpu or seconds, seconds)
            if steps is not None:
                Steps(self.watched).start(steps)
            gc.disable()
            watch = _Watch(self.paths, first, partial(tell, fd))
            plugins = [watch, Aside(self.aside, frozenset(only))]
            pytest.main([*self.called(files), *(["-x"] if stop else [])], plugins=plugins)

        files = list(dict.fromkeys(node.split("::", 1)[0] for node in only)) or None
        self._before = before = Folders(self.writable, earlier=self._before)
        try:
            self._write(changed)
            answer: Result | None = ask(work, seconds + 0.5)
        finally:
            sweep()
            before.restore()
        return answer

    def _write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).write_text(text, encoding="utf-8", newline="")


def arguments(tools: Path, job: Job, suites: Sequence[str] | None = None) -> list[str]:
    """How pytest is called for *suites*, all of the job's where not given: as the judge does it, but without the costly
    rendering of failures.
    """
    return [
        "-c", str(tools / "pytest.ini"), "--rootdir", os.getcwd(), "--confcutdir", os.getcwd(), "-p", "no:cacheprovider",  # noqa: PTH109  # a text, for an argument
        "--import-mode=prepend", "--continue-on-collection-errors", "--tb=native", "-q", "--disable-plugin-autoload",
        *(word for plugin in job.plugins for word in ("-p", plugin)), *([] if job.conftest else ["--noconftest"]),
        *(job.suite.called if job.suite is not None else ()), *(job.suites if suites is None else suites),
    ]  # fmt: skip


def settle(root: Path, job: Job) -> None:
    """Let the tests find the files under repair, and the environment that their suite wants."""
    sys.dont_write_bytecode = True
    if job.suite is not None:
        # what the tests start finds the project's modules too
        os.environ["PYTHONPATH"] = os.pathsep.join(str(root / folder) for folder in job.folders)
        os.environ.update(job.suite.environment)
    for folder in reversed(job.folders):
        sys.path.insert(0, str(root / folder) if folder != "." else str(root))

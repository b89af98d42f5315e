"""A pytest plugin that says, line by line, what became of each test.

Everything it needs is imported before the first submitted line runs.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import signal
import time
from collections.abc import Callable, Generator
from typing import Any, TextIO

import patched
import pytest

TEXT_LIMIT = 6_000
MESSAGE_LIMIT = 600
NAME_LIMIT = 1_000
# Bound here, before submitted code can put something else in their place in the modules they come from.
CLOCK, SET_TIMER, DUMPS = time.perf_counter, signal.setitimer, patched.encoder()
DIGEST = hashlib.sha256


Phase = Generator[None, Any, Any]


class Hung(BaseException):
    """A test used more processor time than one test may."""


def speaker(pipe: TextIO, nonce: str) -> Callable[..., None]:
    """What writes an event to *pipe*: a line that does not begin with *nonce* makes the whole report worthless."""

    def say(**event: object) -> None:
        pipe.write(nonce + DUMPS(event) + "\n")
        pipe.flush()

    return say


def originals() -> patched.Originals:
    """What runs and reports the tests, as it is now."""
    return patched.Originals(Reporter)


def named(node: str) -> str:
    """What the test with this node id is called here: the id itself, unless it is a text of some length, as ids are that
    pytest makes of long parameters. Then its head, and what tells it from all others with the same.
    """
    if len(node) <= NAME_LIMIT:
        return readable(node)
    return f"{readable(node[:NAME_LIMIT])}~{DIGEST(node.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}]"


def readable(text: str) -> str:
    """*text* with a question mark for what no text can hold, such as a byte of a path that is none of UTF-8."""
    return text.encode("utf-8", "replace").decode()


def cut(text: str, limit: int) -> str:
    """Head and tail of *text*, the cut marked."""
    text = readable(text)
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - limit} characters left out ...]\n{text[-half:]}"


class Reporter:
    """A pytest plugin that writes what it sees itself, and not what a report object says, to the pipe."""

    def __init__(
        self, say: Callable[..., None], asked: dict[str, Any], *, originals: patched.Originals | None = None
    ) -> None:
        """*originals*: what to look at for having been replaced, where submitted code is in this process."""
        self.say = say
        self.originals = originals
        self.only = frozenset(asked.get("only") or ())
        self.aside = frozenset(asked.get("aside") or ())
        self.files = frozenset(asked["tests"]) if "start" in asked else None
        self.here = os.getcwd() + os.sep
        self.hang_seconds = asked["hang_seconds"]
        self.stop_after_hangs = asked["stop_after_hangs"]
        self.reverse = asked["reverse"]
        self.reach: Any = None
        """What sees which lines a test runs, where that is asked for."""
        self.hangs = 0
        self.raised: dict[str, tuple[str, BaseException]] = {}
        self.reports: list[pytest.TestReport] = []

    def pytest_ignore_collect(self, collection_path: pathlib.Path) -> bool | None:
        """Look into no file that is not to be looked into; of the others the conftests may leave out more."""
        path = str(collection_path)
        if self.files is None or path.removeprefix(self.here) in self.files or os.path.isdir(path):
            return None
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.say(
                event="collect_failed",
                path=named(report.nodeid.split("::")[0]),
                text=cut(str(report.longrepr), TEXT_LIMIT),
                **where(report),
            )
        elif report.skipped:
            self.say(event="collect_skipped", path=named(report.nodeid.split("::")[0]))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.aside:
            names = ((item, item.nodeid.split("[", 1)[0]) for item in items)
            items[:] = [
                item for item, name in names if not self.aside & {named(item.nodeid), name, name.split("::", 1)[0]}
            ]
        if self.only:
            items[:] = [item for item in items if item.nodeid.split("[", 1)[0] in self.only]
        if self.reverse:
            items.reverse()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.originals is not None:
            self.originals.add_tests(session.items)
            for item in session.items:
                if patched.not_loaded_from(item):
                    self.say(event="patched", what=f"the module of {named(item.nodeid)}")
        nodes = [named(item.nodeid) for item in session.items]
        for start in range(0, len(nodes), 200):
            self.say(event="collected", nodes=nodes[start : start + 200])

    def on_hang(self, _signal: int, _frame: object) -> None:
        raise Hung(f"used more than {self.hang_seconds:g} s of processor time")

    def watched(self, phase: str, item: pytest.Item) -> Phase:
        """Let a phase of *item* run, and see for ourselves what it raises."""
        signal.signal(signal.SIGPROF, self.on_hang)
        # Repeats, because code that catches everything would swallow a single one.
        SET_TIMER(signal.ITIMER_PROF, self.hang_seconds, 0.25)
        try:
            return (yield)
        except BaseException as error:
            self.raised.setdefault(item.nodeid, (phase, error))
            raise
        finally:
            SET_TIMER(signal.ITIMER_PROF, 0)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        return (yield from self.watched("setup", item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        return (yield from self.watched("call", item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        return (yield from self.watched("teardown", item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Phase:
        self.say(event="started", node=named(item.nodeid))
        self.look(item, everywhere=False)
        self.reports = []
        if self.reach is not None:
            self.reach.begin()
        started = CLOCK()
        result = yield
        self.conclude(item, CLOCK() - started)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Phase:
        report = yield
        # unittest catches what a test raises and hands it over only here; so does a subtest.
        if call.excinfo is not None:
            self.raised.setdefault(item.nodeid, (call.when, call.excinfo.value))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    def look(self, item: pytest.Item, *, everywhere: bool) -> None:
        """Say what was replaced by now: of the test itself, and *everywhere*."""
        if self.originals is not None:
            for what in self.originals.replaced() if everywhere else ():
                self.say(event="patched", what=what)
            if self.originals.is_other(item.nodeid):
                self.say(event="patched", what=named(item.nodeid))

    def conclude(self, item: pytest.Item, seconds: float) -> None:
        """Say how *item* ended: passed only when its reports say so and nothing was seen to be raised."""
        phase, error = self.raised.get(item.nodeid, ("", None))
        bad = next((report for report in self.reports if report.failed), None)
        if bad is not None and isinstance(error, pytest.skip.Exception):
            # one of its subtests was skipped, and another is red
            phase, error = bad.when or "", None
        # A test's subtests report between its phases, as many as there are.
        phases = [report.when for report in self.reports if not isinstance(report, pytest.SubtestReport)]
        event = {"event": "ended", "node": named(item.nodeid), "seconds": round(seconds, 6), "ended": "passed"}
        if any(hasattr(report, "wasxfail") for report in self.reports):
            event["ended"] = "xfailed" if any(report.skipped for report in self.reports) else "xpassed"
        elif bad is None and (
            isinstance(error, pytest.skip.Exception) or any(report.skipped for report in self.reports)
        ):
            event["ended"] = "skipped"
            if error is not None:
                event.update(frames=frames(error))
        elif bad is not None or error is not None or phases != ["setup", "call", "teardown"]:
            phase = phase or (bad.when if bad is not None else "")
            event["ended"] = "failed" if phase == "call" else "error"
            event.update(
                rule=type(error).__name__ if error is not None else "Failed",
                message=cut(first_line(error, bad), MESSAGE_LIMIT),
                text=cut(str(bad.longrepr) if bad is not None else "", TEXT_LIMIT),
            )
            if error is not None:
                event.update(frames=frames(error))
        if self.reach is not None:
            self.reach.end(named(item.nodeid), red=event["ended"] in {"failed", "error"})
        if isinstance(error, Hung):
            event["hung"] = True
            self.hangs += 1
        self.look(item, everywhere=True)
        self.say(**event)
        if self.hangs >= self.stop_after_hangs:
            item.session.shouldstop = "tests hang"


def where(report: pytest.CollectReport) -> dict[str, object]:
    """Path and line that a failed collection points at, as far as pytest knows."""
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    if crash is None:
        return {}
    return {"at": os.path.relpath(crash.path), "line": crash.lineno, "message": cut(crash.message, MESSAGE_LIMIT)}


def first_line(error: BaseException | None, report: pytest.TestReport | None) -> str:
    if error is not None:
        try:
            text = str(error)
        except BaseException:  # noqa: BLE001 (the text is made by submitted code, which may raise anything)
            text = "(its text cannot be had)"
        return f"{type(error).__name__}: {text}"
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    return crash.message if crash is not None else "failed"


def frames(error: BaseException) -> list[list[object]]:
    """(path, line, function) of the traceback's frames below the work folder, outermost first, the last twenty."""
    here = os.getcwd() + "/"
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(here):
            found.append(
                [readable(path.removeprefix(here)), traceback.tb_lineno, readable(traceback.tb_frame.f_code.co_name)]
            )
        traceback = traceback.tb_next
    return found[-20:]


def options(here: str, tools: str) -> list[str]:
    """Arguments of pytest by which nothing but this host's own configuration counts."""
    return [
        "-c",
        os.path.join(tools, "pytest.ini"),
        "--rootdir",
        here,
        "--confcutdir",
        here,
        "-p",
        "no:cacheprovider",
        "--import-mode=prepend",
        "--tb=short",
        "--color=no",
        "-q",
        # Also because every package that brings a plugin would have its assertions rewritten anew: 1 s for hypothesis.
        "--disable-plugin-autoload",
        # One file that cannot be imported must not hide what becomes of the others.
        "--continue-on-collection-errors",
    ]

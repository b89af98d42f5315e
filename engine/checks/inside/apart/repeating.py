"""The tests, run over and over in one life of the candidate's process, until a budget of right answers is used up.

What fails already in the first of these rounds remembers something between tests, which may be as it should; what fails
only later was right for as long as it expected to be asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from _pytest.runner import runtestprotocol

_SECONDS = 0.15
"""How long to go on, at most, in processor seconds of the tests' process: a busy machine must not make the proof weaker."""
SHARE = 0.4
"""The same in wall clock, as a part of the time that one test has: for tests that wait more than they work."""
_TRUSTED = 2
"""Rounds that must pass before a later failure tells anything."""


def rounds(session: pytest.Session, count: int, *, least: int, longest: float) -> tuple[int, str]:
    """Run all tests of *session* up to *count* times more, each time in the opposite order, for *longest* seconds of wall
    clock at most; *least* times whatever processor time it takes.

    Gives the number of rounds that passed, and the test that did not pass in the next one, if any. With *least* it goes on
    after a test that fails early: what remembers does so in every round of one order, and chance does not.
    """
    items = [item for item in session.items if isinstance(item, pytest.Function)]
    enough, latest = time.process_time() + _SECONDS, time.monotonic() + longest
    early = ""
    usual: dict[int, set[str]] = {}
    for number in range(count):
        if (number >= least and time.process_time() > enough) or time.monotonic() > latest:
            return (0, early) if early else (number, "")
        failed = set[str]()
        for name in _failed(items if number % 2 else items[::-1]):
            if not least:
                return number, name
            failed.add(name)
        if number >= _TRUSTED and failed != usual.setdefault(number % 2, failed):
            return number, min(failed ^ usual[number % 2])
        early = early or min(failed, default="")
    return (0, early) if early else (count, "")


def _failed(items: list[pytest.Function]) -> Iterator[str]:
    """Run *items*, and give the node ids of those that fail, each as soon as it has."""
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        item._initrequest()  # noqa: SLF001 (how a test function is made ready to run once more)
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            yield item.nodeid


def is_late(passed: int) -> bool:
    """Whether a failure after this many rounds came only once it had looked right for long enough."""
    return passed >= _TRUSTED

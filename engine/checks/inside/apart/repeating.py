"""The tests, run over and over in one life of the candidate's process, until a budget of right answers is used up.

What fails already in the first of these rounds remembers something between tests, which may be as it should; what fails
only later was right for as long as it expected to be asked.
"""

from __future__ import annotations

import time

import pytest
from _pytest.runner import runtestprotocol

_SECONDS = 0.15
"""How long to go on, at most, in processor seconds of the tests' process: a busy machine must not make the proof weaker."""
_LONGEST = 4.0
"""The same in seconds of wall clock, for tests that wait more than they work."""
_TRUSTED = 2
"""Rounds that must pass before a later failure tells anything."""


def rounds(session: pytest.Session, count: int) -> tuple[int, str]:
    """Run all tests of *session* up to *count* times more, each time in the opposite order.

    Gives the number of rounds that passed, and the test that did not pass in the next one, if any.
    """
    items = [item for item in session.items if isinstance(item, pytest.Function)]
    enough, latest = time.process_time() + _SECONDS, time.monotonic() + _LONGEST
    for number in range(count):
        if time.process_time() > enough or time.monotonic() > latest:
            return number, ""
        ordered = items if number % 2 else items[::-1]
        for index, item in enumerate(ordered):
            following = ordered[index + 1] if index + 1 < len(ordered) else None
            item._initrequest()  # noqa: SLF001 (how a test function is made ready to run once more)
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return number, item.nodeid
    return count, ""


def is_late(passed: int) -> bool:
    """Whether a failure after this many rounds came only once it had looked right for long enough."""
    return passed >= _TRUSTED

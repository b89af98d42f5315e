"""What is made once for all tests, such as a database: made before candidates come, so that not each of them has to do it again."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable

import pytest

from .fence import childless
from .trial import forget_request

LEAST = 0.02
"""Seconds of work from which on it is worth while."""


class Fixtures:
    """The plugin that notes which fixtures of the session cost much."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        began = time.process_time()
        value = yield
        if fixturedef.scope == "session" and not fixturedef.params and time.process_time() - began >= LEAST:
            self._found.append(fixturedef.argname)
        return value

    def take(self) -> tuple[str, ...]:
        """Their names, in the order in which they were ready, since this was asked last."""
        found, self._found = tuple(self._found), []
        return found


def hold(item: pytest.Item, names: Iterable[str]) -> None:
    """Have the fixtures of the session with these *names* made as *item* gets them, and kept."""
    item.session._setupstate.setup(item.session)  # type: ignore[arg-type]  # noqa: SLF001  # a session is set up in the same way
    item._initrequest()  # type: ignore[attr-defined]  # noqa: SLF001  # as `runtestprotocol` does it
    try:
        for name in names:
            item._request.getfixturevalue(name)  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    finally:
        forget_request(item)


def can_fork() -> bool:
    """Whether a process forked from this one has all that this one has: threads and children stay behind."""
    return threading.active_count() == 1 and childless()

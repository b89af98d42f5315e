"""A project's environment is waited for as long as there is time, and what was going on then is said."""

from __future__ import annotations

import asyncio

import pytest

from engine.dependencies.ensuring import Tell
from engine.repository.waiting import environment_within
from sandboxes.environments.wanted import Environment, Wanted
from sandboxes.errors import SandboxUnavailable


class Hanging:
    """An environment whose making never ends, or whose index does not answer in time."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.stopped = False

    async def ensure(self, wanted: Wanted, on_progress: Tell) -> Environment:
        on_progress("building a wheel from thing-1.0.tar.gz, without network")
        on_progress("Processing thing-1.0.tar.gz")
        if self._error:
            raise self._error
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True
        return Environment(reference=str(wanted))


async def test_a_build_that_hangs_is_stopped_and_named() -> None:
    """The sentence says what was going on, by the last line of our own, and what to do."""
    hanging, told = Hanging(), list[str]()

    with pytest.raises(SandboxUnavailable, match=r"not there within 0\.01 s.*building a wheel from thing-1") as caught:
        await environment_within(0.01, Wanted(requirements=("thing",)), hanging, told.append)

    assert hanging.stopped
    assert "--seconds" in caught.value.hint
    assert told[-1] == "Processing thing-1.0.tar.gz"


async def test_a_timeout_of_somebody_elses_is_no_lack_of_time() -> None:
    """It travels as it is."""
    with pytest.raises(TimeoutError, match="the index"):
        await environment_within(60, Wanted(), Hanging(TimeoutError("the index")), lambda _: None)

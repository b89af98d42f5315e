"""The search's end of a stage, which is another process: it is forked here, asked, and heard."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from .guard import arm, disarm
from .orders import Collected
from .processes import KEPT, hear, reap, spawn, tell
from .stage import Stage
from .suite import Aside, Suite


class StageClient:
    """The search's end of a stage."""

    def __init__(
        self, paths: Mapping[str, str], watched: Collection[str], texts: Mapping[str, str], arguments: Sequence[str],
        seconds: float, *, roots: Sequence[Path], suite: Suite,
    ) -> None:  # fmt: skip
        """Fork it and let it collect; raises EOFError where it dies over that."""
        down, self._asking = os.pipe()

        def work(fd: int) -> None:
            os.close(self._asking)
            arm(seconds, seconds * 2)
            plugin = Stage(paths, watched, texts, down, fd, roots=roots, strict=suite.strict)

            class Disarm:
                @staticmethod
                @pytest.hookimpl(tryfirst=True)
                def pytest_collection_finish() -> None:
                    disarm()

            pytest.main([*arguments], plugins=[plugin, plugin.fixtures, Disarm(), Aside(suite.aside)])

        self._child, self._hearing = spawn(work)
        KEPT.add(self._child)
        os.close(down)
        self.seconds = seconds
        self.gone = False
        """Whether an answer has not come: what came later would be taken for that to another question."""
        try:
            self.collected: Collected = hear(self._hearing, seconds * 2)
        except EOFError:
            self.close()
            raise

    def ask(self, name: str, *arguments: object, seconds: float) -> Any:  # noqa: ANN401  # one answer type for each question
        """Raises EOFError where the stage has died, or has not answered in time and so is not to be asked any more."""
        if self.gone:
            raise EOFError
        self.gone = True
        try:
            tell(self._asking, (name, *arguments))
        except OSError as error:
            raise EOFError from error
        answer = hear(self._hearing, seconds)
        self.gone = False
        return answer

    def close(self) -> None:
        for fd in (self._asking, self._hearing):
            os.close(fd)
        reap(self._child)
        KEPT.discard(self._child)

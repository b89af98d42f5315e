"""Which branches of the code under test are taken, and which of its functions run."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

_BRANCHES = 2


class Watch:
    """Notes which branches are taken in the files under test."""

    def __init__(self, files: dict[str, str]) -> None:
        """*files* gives the path for each name that code may have."""
        self.features: set[tuple[str, int, int, int]] = set()
        self.entered: set[tuple[str, int]] = set()
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_BRANCHES, "mendbox-branches")
        events = monitoring.events

        def branch(code: CodeType, offset: int, destination: int) -> object:
            path = files.get(code.co_filename)
            if path is None:
                return monitoring.DISABLE
            self.features.add((path, code.co_firstlineno, offset, destination))
            return None

        def begin(code: CodeType, _offset: int) -> object:
            path = files.get(code.co_filename)
            if path is None:
                return monitoring.DISABLE
            self.entered.add((path, code.co_firstlineno))
            return None

        monitoring.register_callback(_BRANCHES, events.BRANCH, branch)
        monitoring.register_callback(_BRANCHES, events.PY_START, begin)
        monitoring.set_events(_BRANCHES, events.BRANCH | events.PY_START)

    def start(self) -> None:
        self.features.clear()
        self.entered.clear()

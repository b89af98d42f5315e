"""Tells which lines below a folder each test runs, by `sys.monitoring`: a line costs something once a test, and no more."""

from __future__ import annotations

import os
import sys
import types
from typing import Any

MONITORING: Any = getattr(sys, "monitoring", None)
"""None before Python 3.12."""
TOOL = 4
"""Number of the tool; those below it have a use of their own by convention."""
MOST_RED = 100
"""Red tests whose lines are told."""
MOST_LINES = 200_000
"""Lines that are told of all red tests together."""


class Reaching:
    """Which files every test runs lines of, and which lines the red ones run. Start it before anything is imported."""

    def __init__(self, here: str, watched: list[str]) -> None:
        self._here = here + os.sep
        self._watched = frozenset(watched)
        self._now: set[tuple[str, int]] = set()
        self._known: set[types.CodeType] = set()
        self._heard: set[types.CodeType] = set()
        self._told = 0
        self.ran: dict[str, set[int]] = {}
        """All lines that ran at any time, by path relative to the folder."""
        self.red: dict[str, dict[str, list[int]]] = {}
        self.green: dict[tuple[str, int], int] = {}
        """How many of the other tests ran each line."""
        self.files: dict[frozenset[str], list[str]] = {}
        """Node ids by the set of files."""

    def start(self) -> bool:
        """Whether it could begin: an older Python cannot, and somebody else may have the number already."""
        monitoring = MONITORING
        if monitoring is None:
            return False
        try:
            monitoring.use_tool_id(TOOL, "reaching")
        except ValueError:
            return False
        monitoring.register_callback(TOOL, monitoring.events.PY_START, self._on_start)
        monitoring.register_callback(TOOL, monitoring.events.LINE, self._on_line)
        monitoring.set_events(TOOL, monitoring.events.PY_START)
        return True

    def stop(self) -> None:
        monitoring = MONITORING
        monitoring.set_events(TOOL, 0)
        for code in self._known:
            monitoring.set_local_events(TOOL, code, 0)
        monitoring.free_tool_id(TOOL)
        self._keep()

    def begin(self) -> None:
        """A test begins: from now on every line is news again."""
        self._keep()
        # Not with `restart_events`, after which every function of pytest and of the library is news as well.
        for code in self._heard:
            MONITORING.set_local_events(TOOL, code, 0)
            MONITORING.set_local_events(TOOL, code, MONITORING.events.LINE)
        self._heard.clear()

    def end(self, node: str, *, red: bool) -> None:
        """The test *node* is over."""
        by_path: dict[str, list[int]] = {}
        for path, line in sorted(self._now):
            by_path.setdefault(path, []).append(line)
        self.files.setdefault(frozenset(by_path), []).append(node)
        if red and len(self.red) < MOST_RED and self._told + len(self._now) <= MOST_LINES:
            self._told += len(self._now)
            self.red[node] = by_path
        if not red:
            green = self.green
            for place in self._now:
                green[place] = green.get(place, 0) + 1
        self._keep()

    def beside(self) -> dict[str, dict[int, int]]:
        """Of the lines that the red tests ran, by path, how many other tests ran each."""
        places = {path: {line for lines in self.red.values() for line in lines.get(path, ())} for path in self.ran}
        return {
            path: {line: self.green.get((path, line), 0) for line in sorted(lines)}
            for path, lines in places.items()
            if lines
        }

    def _keep(self) -> None:
        for path, line in self._now:
            self.ran.setdefault(path, set()).add(line)
        self._now = set()

    def _on_start(self, code: types.CodeType, _offset: int) -> object:
        path = code.co_filename
        if code not in self._known and path.startswith(self._here) and path in self._watched:
            self._known.add(code)
            MONITORING.set_local_events(TOOL, code, MONITORING.events.LINE)
        return MONITORING.DISABLE

    def _on_line(self, code: types.CodeType, line: int) -> object:
        self._heard.add(code)
        self._now.add((code.co_filename.removeprefix(self._here), line))
        return MONITORING.DISABLE

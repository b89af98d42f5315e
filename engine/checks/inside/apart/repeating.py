"""The calls that the tests made, repeated until a budget of right answers is used up.

Only functions that were given and gave plain data, and that answer the same when all of it is asked a few times over,
are asked on: what remembers something between calls tells nothing this way.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from .far import FarFunction

_PLAIN = (type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset)
_MOST = 200
"""Different calls that are remembered."""
_ROUNDS_TO_TRUST = 3
_SECONDS = 0.5
_ITEMS = 1_000


class Calls:
    """Remembers plain calls."""

    def __init__(self) -> None:
        self._calls: dict[str, tuple[FarFunction, Any, Any]] = {}
        self._on = True

    def prepare(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A copy of the arguments, which the function may change; None where they are not plain."""
        if not self._on or len(self._calls) >= _MOST or not (_plain(arguments) and _plain(named)):
            return None
        return copy.deepcopy((arguments, named))

    def note(self, function: FarFunction, before: Any, result: Any) -> None:
        if before is not None and _plain(result):
            key = f"{function.__module__}.{function.__qualname__}{before!r}"
            self._calls.setdefault(key, (function, before, copy.deepcopy(result)))

    def repeat(self, count: int) -> str:
        """Make all calls again, *count* in all; what changed its answer, as a sentence."""
        self._on = False
        by_function: dict[int, list[tuple[FarFunction, Any, Any]]] = {}
        for call in self._calls.values():
            by_function.setdefault(id(call[0]), []).append(call)
        end = time.monotonic() + _SECONDS
        for calls in by_function.values():
            made = 0
            while made < count and time.monotonic() < end:
                for function, before, result in calls:
                    made += 1
                    if _answer(lambda: function(*copy.deepcopy(before[0]), **copy.deepcopy(before[1]))) != result:  # noqa: B023 (called at once)
                        if made <= _ROUNDS_TO_TRUST * len(calls):
                            made = count  # it remembers something
                            break
                        return f"{function.__qualname__} gives another answer after {made} more calls"
        return ""


def _answer(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 (whatever it raises is not the answer)
        return error


def _plain(value: Any, left: int = _ITEMS) -> bool:
    kind = type(value)
    if kind not in _PLAIN or left <= 0:
        return False
    if kind is dict:
        return len(value) < left and all(_plain(key, left) and _plain(entry, left) for key, entry in value.items())
    if kind in (tuple, list, set, frozenset):
        return len(value) < left and all(_plain(item, left // max(1, len(value)) + 10) for item in value)
    return True

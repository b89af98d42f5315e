"""Whether those who mend get anywhere: what was wrong each time, from the first look to the last."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain import Finding, sha256

SAME_AGAIN = 3
"""So many looks in a row that say the same are no progress; before the last of them, whoever mends is told to change."""


class Looks:
    """What each look said, by its fingerprint."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    def add(self, findings: Iterable[Finding], failure: str = "") -> None:
        told = sorted({finding.fingerprint for finding in findings})
        self._seen.append("|".join(told) or sha256(failure))

    @property
    def count(self) -> int:
        return len(self._seen)

    @property
    def same(self) -> int:
        """How many of the last looks said the same as the very last one."""
        same = 0
        for seen in reversed(self._seen):
            if seen != self._seen[-1]:
                break
            same += 1
        return same

    @property
    def stalled(self) -> bool:
        return self.same >= SAME_AGAIN

    @property
    def new_strategy(self) -> bool:
        return self.same >= SAME_AGAIN - 1

    def begin_anew(self) -> None:
        """Something else has changed: what was said before does not count any more."""
        self._seen.append("")

"""What became of each candidate of a batch, in memory that two of our processes share and no candidate has."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

RECORD = struct.Struct("<BIHB")
"""Status, tests turned green, the test that ended it, whether something else was missing then or a passing test broken."""
DIED = 4
_AT = struct.Struct("<II")


class Board:
    """One record for each candidate; a new board says nothing of any."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._start = RECORD.size * count
        self._memory = mmap.mmap(-1, self._start + _AT.size)

    def claim(self) -> None:
        """Keep the memory out of every process that is forked from this one."""
        self._memory.madvise(mmap.MADV_DONTFORK)

    def begin(self, index: int) -> None:
        """The candidate of this *index* is being tried: where nothing is heard any more, it is to blame."""
        _AT.pack_into(self._memory, self._start, index, 1)

    def end(self, index: int, *record: int) -> None:
        RECORD.pack_into(self._memory, index * RECORD.size, *record)
        _AT.pack_into(self._memory, self._start, index + 1, 0)

    def reached(self, *, beyond: int) -> int:
        """Index of the next candidate to try, after the one *beyond* at least; one whose end nobody wrote has died."""
        index, trying = _AT.unpack_from(self._memory, self._start)
        if trying or index <= beyond:
            index = max(int(index), beyond)
            self.end(index, DIED, 0, 0, 0)
            return index + 1
        return int(index)

    def records(self) -> Iterator[tuple[int, ...]]:
        return (RECORD.unpack_from(self._memory, index * RECORD.size) for index in range(self._count))

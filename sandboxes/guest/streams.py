"""What is kept of a stream that may be endless: its first bytes, its last bytes, and how many there were."""

from __future__ import annotations


class Kept:
    """Holds at most *limit* bytes, half of it for the beginning."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit - limit // 2
        self._tail_limit = limit // 2
        self.head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, chunk: memoryview) -> None:
        self.total += len(chunk)
        room = self._head_limit - len(self.head)
        if room > 0:
            self.head += chunk[:room]
            chunk = chunk[room:]
        if len(chunk) >= self._tail_limit:
            self._tail[:] = chunk[len(chunk) - self._tail_limit :]
            return
        self._tail += chunk
        # Cut only now and then: cutting after each small chunk would copy the whole tail every time.
        if len(self._tail) > 2 * self._tail_limit + 65_536:
            del self._tail[: len(self._tail) - self._tail_limit]

    @property
    def tail(self) -> bytearray:
        return self._tail[-self._tail_limit :] if self._tail_limit else bytearray()

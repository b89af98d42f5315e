"""One component that answers over HTTP on its way: started, asked whether it works."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .program import LOOK, Program
from .web import ask


class Component(Program):
    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        super().__init__(asked, say)
        self.port: int = asked["port"]
        self.gets: list[dict[str, Any]] = asked["gets"]

    def calls(self, other: Component) -> bool:
        """Whether it is told where *other* is."""
        return other is not self and f"http://127.0.0.1:{other.port}" in self._asked["env"].values()

    def start(self) -> bool:
        """Do what has to be done before, then begin; whether it has begun."""
        return self.prepare() and self._begin(self._asked["argv"], self._output)

    def answers(self) -> bool:
        """Whether its health path answers 200 before its time is over."""
        assert self._process is not None
        end = time.monotonic() + self._asked["seconds"]
        began = time.monotonic()
        last: dict[str, Any] = {}
        while time.monotonic() < end:
            code = self._process.poll()
            if code is not None:
                return self._not_up("ended", code=code)
            answer = ask(self.port, "GET", self._asked["health"], seconds=min(5.0, max(0.1, end - time.monotonic())))
            if answer["status"] == 200:
                # what answers may be another one that had its port before it
                if self._process.poll() is None:
                    self._say(event="up", component=self.name, seconds=round(time.monotonic() - began, 3))
                    return True
                continue
            if answer["status"] is not None:
                last = answer
            time.sleep(LOOK)
        if last:
            return self._not_up("unhealthy", status=last["status"], body=last["body"][:2_000])
        return self._not_up("silent")

    def tell_end(self) -> None:
        """Say what it wrote, and whether it has ended by itself after it was up."""
        if self._process is None:
            return
        code = self._process.poll()
        self._kill()
        if not self._told:
            self._say(event="stayed", component=self.name, code=code)
        self._say(event="output", component=self.name, text=self._output.text)

"""One component whose data has to outlive it: killed, begun again, and asked the same as before; with its file, and without."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any

from .component import Component
from .program import LOOK
from .web import ask

_MOST_PATH = 300
_FILE = "sqlite:///"
_WELL = range(200, 300)
_PATIENCE = 2.0
NOW, LATER = 1.0, 70.0
"""Seconds that its port may take to be free: as long as the processes of one that was killed, and as the kernel remembers."""


class Keeping(Component):
    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        super().__init__(asked, say)
        self.first: dict[str, tuple[int | None, str]] = {}
        """What it answered when nothing had been written yet, by path."""

    def begin_again(self, *, driven: bool) -> None:
        """Tell its end, which is none of its own; begin it again, and say whether what it had been given is still there: only
        where it was *driven* it had been given anything, and what has changed else has changed with the time.
        """
        before, once_more = self._answers(), self._answers()
        self.tell_end()
        second, heard = self._again(self._asked["env"])
        after = self._answers() if second else {}
        written = [
            path
            for path, was in before.items()
            if driven and was == once_more[path] and was != self.first.get(path) and was[0] in _WELL
        ]
        if second and written and not any(after.get(path) == before[path] for path in written):
            time.sleep(_PATIENCE)  # what reads its file when it begins may be at it still
            after = self._answers()
        if second:
            second.tell_end()
        lost = [path for path in written if after.get(path) == self.first.get(path)]
        kept = [path for path in written if after.get(path) == before[path]]
        how = "down" if second is None else "kept" if kept else "lost" if lost else "untold"
        if kept and any(value.startswith(_FILE) for value in self._asked["env"].values()):
            without = self._without_its_file()
            elsewhere = [path for path in kept if without.get(path) == before[path]]
            # what was kept is shown by what is gone with the file
            how = "untold" if not without else "elsewhere" if elsewhere == kept else "kept"
            kept = elsewhere if how == "elsewhere" else [path for path in kept if path not in elsewhere]
        self._say(
            event="kept",
            component=self.name,
            how=how,
            path=(kept or lost or [""])[0][:_MOST_PATH] if second else "",
            # beside what is kept there may be what nobody has to keep
            why=next((line["why"] for line in heard if line["event"] == "not_up"), ", ".join(lost)[:_MOST_PATH]),
            output="".join(line["text"] for line in heard if line["event"] == "output")[-4_000:],
        )

    def _without_its_file(self) -> dict[str, tuple[int | None, str]]:
        """What it answers where it is begun on a file that is not there yet; nothing where it is not up."""
        env = {}
        for name, value in self._asked["env"].items():
            scheme, mark, path = value.partition(_FILE)
            if mark and not scheme:
                path = os.path.join(os.path.dirname(path), "another", os.path.basename(path))
                os.makedirs(os.path.dirname(path), exist_ok=True)
            env[name] = scheme + mark + path
        third, _ = self._again(env)
        if third is None:
            return {}
        answers = self._answers()
        third.tell_end()
        return answers

    def _again(self, env: dict[str, str]) -> tuple[Component | None, list[dict[str, Any]]]:
        """It again with *env*; None where it is not up. And what it said."""
        found, heard = self._begun(env, NOW)
        if found is None and not _is_free(self.port):
            # a container has its ports to itself, and none that waits for the last words of a connection
            found, heard = self._begun(env, LATER)
        return found, heard

    def _begun(self, env: dict[str, str], seconds: float) -> tuple[Component | None, list[dict[str, Any]]]:
        """The same, once its port was free or *seconds* were over."""
        end = time.monotonic() + seconds
        while not _is_free(self.port) and time.monotonic() < end:
            time.sleep(LOOK)
        heard: list[dict[str, Any]] = []
        second = Component({**self._asked, "before": [], "env": env}, lambda **line: heard.append(line))
        if second.start() and second.answers():
            return second, heard
        second.tell_end()
        return None, heard

    def _answers(self) -> dict[str, tuple[int | None, str]]:
        return {each["path"]: compared(ask(self.port, each["method"], each["path"])) for each in self.gets}


def compared(answer: dict[str, Any]) -> tuple[int | None, str]:
    """Of an *answer* what is compared."""
    return answer["status"], "" if answer["cut"] else answer["body"]


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True

"""In the tests' process: what the candidate printed, warned of and logged comes out here, and the tests' folder and
environment go there.
"""

from __future__ import annotations

import os
import sys
import types
import warnings
from typing import Any

from .peer import Peer

_HERE = os.path.dirname(os.path.abspath(__file__))
_OURS = ("MENDBOX", "PYTEST")
_LONGEST = 1 << 20
"""Characters of one piece of output."""


class Words:
    """Hears the candidate's, and tells of the changes here."""

    end: Peer

    def __init__(self, places: dict[str, str], environment: dict[str, str]) -> None:
        """*places*: where the candidate has another folder than the tests; *environment*: what it has of its own."""
        self._places = places
        self._own = environment
        self._environment = self._shown()
        self._folder = os.getcwd()

    def tell(self) -> list[Any]:
        told: list[Any] = []
        shown = self._shown()
        if shown != self._environment:
            self._environment = shown
            told.append(["env", shown])
        folder = os.getcwd()
        if folder != self._folder:
            self._folder = folder
            told.append(["cwd", self._places.get(folder, folder)])
        return told

    def hear(self, told: list[Any]) -> None:
        """Let each word out where the tests can catch it. Raises `TypeError` where it is none."""
        for what, *values in told:
            match what, values:
                case "out", [str(text)]:
                    sys.stdout.write(text[:_LONGEST])
                case "err", [str(text)]:
                    sys.stderr.write(text[:_LONGEST])
                case "warning", [message, str(path), int(line)]:
                    warning = self.end.decode(message)
                    if not isinstance(warning, Warning):
                        raise TypeError("what was warned of is no warning")
                    warnings.warn_explicit(warning, type(warning), *_caller(path, line), registry={})
                case "log", [str(name), int(level), str(message), str(path), int(line), str(function), raised]:
                    error = self.end.decode(raised)
                    self._log(name, level, message, path, line, function, error)
                case _:
                    raise TypeError("no word that is known")

    def _log(self, name: str, level: int, message: str, path: str, line: int, function: str, error: Any) -> None:
        import logging  # noqa: PLC0415 (pytest has it; an image without its plugin may not)

        logger = logging.getLogger(name)
        if logger.isEnabledFor(level):
            about = (type(error), error, None) if isinstance(error, BaseException) else None
            logger.handle(logger.makeRecord(name, level, path, line, message, (), about, function))

    def _shown(self) -> dict[str, str]:
        return {**{name: value for name, value in os.environ.items() if not name.startswith(_OURS)}, **self._own}


def _caller(path: str, line: int) -> tuple[str, int]:
    """Where the warning points to: what seems to be our own code is the test that has called through it."""
    if not path.startswith(_HERE):
        return path, line
    frame: types.FrameType | None = sys._getframe()  # noqa: SLF001
    while frame is not None and (frame.f_code.co_filename.startswith(_HERE)):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else (path, line)

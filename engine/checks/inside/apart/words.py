"""In the tests' process: what the candidate printed, warned of and logged comes out here, and the tests' folder and
environment go there."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from .peer import Peer

_OURS = ("MENDBOX", "PYTEST")
_LONGEST = 1 << 20
"""Characters of one piece of output."""


class Words:
    """Hears the candidate's, and tells of the changes here."""

    end: Peer

    def __init__(self) -> None:
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
            told.append(["cwd", folder])
        return told

    def hear(self, told: list[Any]) -> None:
        """Let each word out where the tests can catch it. Raises `TypeError` where it is none."""
        for what, *values in told:
            match what, values:
                case "out", [str(text)]:
                    sys.stdout.write(text[:_LONGEST])
                case "err", [str(text)]:
                    sys.stderr.write(text[:_LONGEST])
                case "warning", [category, str(text), str(path), int(line)]:
                    kind = self.end.decode(category)
                    if not (isinstance(kind, type) and issubclass(kind, Warning)):
                        raise TypeError("what was warned of is no warning")
                    warnings.warn_explicit(kind(text), None, path, line, registry={})
                case "log", [str(name), int(level), str(message), str(path), int(line), function]:
                    self._log(name, level, message, path, line, function)
                case _:
                    raise TypeError("no word that is known")

    def _log(self, name: str, level: int, message: str, path: str, line: int, function: Any) -> None:
        import logging  # noqa: PLC0415 (pytest has it; an image without its plugin may not)

        logger = logging.getLogger(name)
        if logger.isEnabledFor(level):
            logger.handle(logger.makeRecord(name, level, path, line, message, (), None, str(function)))

    def _shown(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}

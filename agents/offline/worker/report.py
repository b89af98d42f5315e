"""What the search says while it goes on: one JSON object a line, to the report pipe."""

from __future__ import annotations

import json
import os

from .processes import PRIVATE

FD_VARIABLE = "MENDBOX_REPORT_FD"


class Reporter:
    """Writes to the pipe whose number the environment names; to nobody where it names none."""

    def __init__(self, fd: int | None) -> None:
        self._fd = fd

    @classmethod
    def from_environment(cls) -> Reporter:
        value = os.environ.pop(FD_VARIABLE, "")
        if not value.isdigit():
            return cls(None)
        PRIVATE.add(int(value))
        return cls(int(value))

    def say(self, kind: str, **fields: object) -> None:
        """One line; a reader that has gone away is no reason to stop."""
        if self._fd is None:
            return
        line = json.dumps({"kind": kind, **fields}) + "\n"
        data = line.encode()
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._fd = None

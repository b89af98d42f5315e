"""Where Python stopped, and its own words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """Where Python stopped."""

    line: int
    column: int
    message: str

    @property
    def named(self) -> tuple[int, ...]:
        """Other lines of which the message speaks: of the bracket that was opened, of the head without a block."""
        return tuple(int(found) for found in re.findall(r"(?:on|at) line (\d+)", self.message))


def parse_error(text: str, path: str = "<text>") -> Broken | None:
    """Where *text* does not compile; None where it does."""
    try:
        compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Broken(error.lineno or 1, error.offset or 1, str(error.msg))
    except (ValueError, RecursionError, MemoryError) as error:
        return Broken(1, 1, str(error))
    return None

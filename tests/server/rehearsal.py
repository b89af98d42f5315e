"""Serves the rehearsed engine as `mendbox serve` would: the process that the tests of stdio and of signals start.

Usage: python -m tests.server.rehearsal [HOST:PORT]. With REHEARSAL_HANGS in the environment the engine never closes, and soon need not have. What was done to the engine goes to stderr at the end, in one line.
"""

from __future__ import annotations

import os
import sys

from engine.settings import Settings
from server import serve
from tests.server.double import RehearsedMendbox, settings


def main() -> int:
    made: list[RehearsedMendbox] = []
    hangs = "REHEARSAL_HANGS" in os.environ
    asked = settings().model_copy(update={"end_seconds": 0.5}) if hangs else settings()

    def make(settings: Settings) -> RehearsedMendbox:
        made.append(RehearsedMendbox(settings, hangs=hangs))
        return made[-1]

    try:
        return serve(asked, http=sys.argv[1] if len(sys.argv) > 1 else None, engine=make, answer_seconds=20)
    finally:
        for engine in made:
            sys.stderr.write(f"LOG {' | '.join(engine.log)}\n")


if __name__ == "__main__":
    raise SystemExit(main())

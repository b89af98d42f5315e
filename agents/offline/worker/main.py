"""Starts the search inside a box: the job on standard input, what it finds on the report pipe."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

from _pytest.config import get_config

from .deciding import decide
from .job import Job
from .mending import mend
from .report import Reporter
from .workplace import Workplace

RESERVE = 0.6
"""Seconds before the deadline at which the search ends by itself."""


def main(tools: Path) -> None:
    warnings.simplefilter("ignore")  # candidates are full of what Python warns of
    get_config()  # imports pytest's own plugins, while nothing is asked yet
    text = sys.stdin.buffer.read().decode()
    # not before: the program may have been started long ahead, and nothing in the work folder been laid yet
    began = time.monotonic()
    job = Job.read(text)
    reporter = Reporter.from_environment()
    place = Workplace(job, reporter, Path.cwd(), tools, began + max(0.5, job.seconds - RESERVE))
    reason = mend(place)
    decide(place)
    seconds = round(time.monotonic() - began, 3)
    reporter.say("ended", tried=place.tried, found=place.found, kinds=dict(place.kinds), reason=reason, seconds=seconds)

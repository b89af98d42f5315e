"""What the improver is asked to do, read from its standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...worker.job import Job


@dataclass(frozen=True)
class Task:
    """One look at some files for improvements of one kind."""

    job: Job
    kind: str

    @classmethod
    def read(cls, text: str) -> Task:
        data: dict[str, Any] = json.loads(text)
        return cls(job=Job.read(text), kind=str(data["kind"]))

"""What one box came to, as a verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping

from engine.domain import Report, Verdict, hash_files
from sandboxes.base import Box


def verdict_of(
    files: Mapping[str, str], reports: tuple[Report, ...], started: float, box: Box | None = None
) -> Verdict:
    """The verdict on *files*, whose judging *started* then by `time.monotonic`; nothing is proven yet. *box* is None where
    none was needed.
    """
    return Verdict(
        files_sha256=hash_files(files),
        reports=reports,
        box=box.id if box else "",
        image=box.image if box else "",
        measured=box.measured if box else None,
        seconds=time.monotonic() - started,
    )

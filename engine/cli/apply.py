"""Writing a run's mended program back; see `engine.inputs.writing` for how."""

from __future__ import annotations

from engine.domain import Run
from engine.inputs.reading import Inputs
from engine.inputs.writing import NotApplied, write

__all__ = ["NotApplied", "apply", "write"]


def apply(run: Run, inputs: Inputs) -> tuple[str, ...]:
    """Write what *run* changed to where *inputs* came from; the names of what was written.

    Each file is replaced in one step and keeps its mode, its owner as far as allowed, its byte order mark and the
    line ends of lines that did not change.

    Raises:
        NotApplied: A file is not as it was read, or stands outside the root, or could not be written.
    """
    return write(run.task.files, run.files, inputs.origins, root=inputs.root)

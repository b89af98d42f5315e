"""The pipeline around this process, as its environment tells, and the files by which a step speaks to GitHub Actions."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from engine.ci.summary import MOST_BYTES
from engine.domain import Value


class Pipeline(Value):
    """Where we are; nothing but what the service itself has set."""

    github: bool = False
    summary: Path | None = None
    """The file of this step's Markdown summary."""
    output: Path | None = None
    """The file that this step's outputs are written to."""
    gitlab: bool = False


def read_pipeline(environ: Mapping[str, str]) -> Pipeline:
    """The pipeline that *environ* is the environment of."""
    github = environ.get("GITHUB_ACTIONS") == "true"
    summary, output = environ.get("GITHUB_STEP_SUMMARY", ""), environ.get("GITHUB_OUTPUT", "")
    return Pipeline(
        github=github,
        summary=Path(summary) if github and summary else None,
        output=Path(output) if github and output else None,
        gitlab=environ.get("GITLAB_CI") == "true",
    )


def append_summary(path: Path, text: str) -> bool:
    """Add *text* to the step's summary; False where it does not fit any more, and GitHub would then show nothing at all."""
    there = path.stat().st_size if path.exists() else 0
    raw = text.encode()
    if there + len(raw) > MOST_BYTES:
        return False
    _append(path, raw if not there else b"\n" + raw)
    return True


def append_outputs(path: Path, values: Mapping[str, str]) -> None:
    """Add *values* to the step's outputs. None of them can end itself early: its delimiter cannot be foreseen."""
    pieces = []
    for name, value in values.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        pieces.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append(path, "".join(pieces).encode(errors="backslashreplace"))


def _append(path: Path, raw: bytes) -> None:
    # in one call, so that a step that is killed leaves no half of it
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, raw)
    finally:
        os.close(handle)

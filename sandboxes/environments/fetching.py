"""Wheels for the boxes, chosen and downloaded by the host's own pip: nothing of a package is run, and nothing else of this
machine's settings has to be known.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sandboxes.environments.target import markers, tag_options
from sandboxes.environments.wanted import Cause, Unresolved
from sandboxes.errors import SandboxUnavailable
from sandboxes.programs import Log, ProgramFailed, blotted, run_program

_PROGRAM = Path(__file__).with_name("pip_program.py")
_SECONDS = 1_800.0
_OURS = {
    # Each would contradict what is asked of pip here, where a person has set it for themselves.
    "PIP_USER": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_TARGET": "",
    "PIP_PREFIX": "",
    "PIP_ROOT": "",
    "PIP_PYTHON": "",
    "PIP_REPORT": "",
    "PIP_DRY_RUN": "0",
    "PIP_NO_CLEAN": "0",
    "PIP_QUIET": "0",
    "PIP_VERBOSE": "0",
    "PIP_LOG": "",
    "PIP_REQUIREMENT": "",
    "PIP_EDITABLE": "",
    "PIP_NO_DEPS": "0",
    "PIP_DEST": "",
    "PIP_SRC": "",
}
Kind = Literal["done", "source", "full", "unknown", "unreachable", "python", "conflict", "invalid", "failed"]
_CAUSES: dict[Kind, Cause] = {"unknown": "unknown", "python": "python", "conflict": "conflict"}
HINT = "check pip and its index settings (pip config list), then run again"


class Answer(BaseModel):
    """What `pip_program` says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    message: str = ""
    requirement: str = ""
    parent: str = ""
    versions: tuple[str, ...] = ()
    other_python: tuple[str, ...] = ()
    archive: str = ""
    url: str = ""
    forced: bool = False
    """Whether the person's settings allow no wheel of it, so that the one that was built has to be named."""


class Pip:
    """The host's pip, for boxes on an engine of *architecture*; *folder* is for its half-made things."""

    def __init__(self, folder: Path, *, architecture: str, log: Log) -> None:
        self._folder = folder
        self._architecture = architecture
        self._log = log

    async def ask(self, command: str, *arguments: str) -> Answer:
        """Run pip once.

        Raises:
            SandboxUnavailable: pip is not there, broke, or reached no index; or this machine's disk is full.
        """
        place = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self._folder))
        job = {
            "arguments": [
                *(command, "--no-input", "--disable-pip-version-check", "--progress-bar=off"),
                *tag_options(self._architecture),
                *arguments,
            ],
            "markers": markers(self._architecture),
            "sources": str(place),
            "answer": str(place / "answer.json"),
        }
        (place / "job.json").write_text(json.dumps(job), encoding="utf-8")
        if importlib.util.find_spec("pip") is None:
            raise SandboxUnavailable("environments", "there is no pip beside mendbox", hint="python -m ensurepip")
        try:
            await run_program(
                (sys.executable, "-P", str(_PROGRAM), str(place / "job.json")),
                log=self._log,
                seconds=_SECONDS,
                # What is laid out are files of ours, whose hashes were looked at when they were had.
                env={**_OURS, "TMPDIR": str(place), **({"PIP_REQUIRE_HASHES": "0"} if command == "install" else {})},
            )
            answer = Answer.model_validate_json((place / "answer.json").read_bytes())
        except (ProgramFailed, OSError, ValidationError) as error:
            raise _unavailable(f"pip broke: {error}: {self._log.last_line}") from error
        if answer.kind == "full":
            raise SandboxUnavailable(
                "environments",
                f"this machine's disk is full: {blotted(answer.message)}",
                hint="free space, also: mendbox envs prune",
            )
        if answer.kind == "unreachable":
            raise _unavailable(f"the package index cannot be reached: {blotted(answer.message)}")
        if answer.kind == "failed":
            raise _unavailable(f"pip broke: {blotted(answer.message)}")
        return answer


def unresolved(answer: Answer, log: Log) -> Unresolved:
    """What pip's *answer* says about the requirements."""
    requirement = blotted(answer.requirement)
    cause, message = _why(answer, requirement)
    return Unresolved(cause, blotted(message), requirement=requirement, evidence=log.tail)


def _why(answer: Answer, requirement: str) -> tuple[Cause, str]:
    if answer.kind == "unknown" and answer.requirement:
        asked = f"{requirement!r}{f', which {answer.parent} asks for,' if answer.parent else ''}"
        if answer.other_python:
            return "python", f"{asked} has no release for the boxes' Python: {'; '.join(answer.other_python)}"
        if answer.versions:
            return "unknown", f"{asked} has no such release; there are {', '.join(answer.versions)}"
        return "unknown", f"{asked} is in no index that pip knows here"
    return _CAUSES.get(answer.kind, "invalid"), answer.message


def _unavailable(what: str) -> SandboxUnavailable:
    return SandboxUnavailable("environments", what[:2_000], hint=HINT)

"""What the tests of looking share: replies that ask, a workshop on this machine, and steps in memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from agents.base import Findings
from tests.wire.behaviours import Says

T = TypeVar("T", bound=BaseModel)


def asks(*requests: dict[str, Any], **more: Any) -> Says:
    """A reply that asks to look, with every key that a strict schema demands."""
    whole = [
        {
            **{
                "read": {"first": None, "last": None},
                "search": {"regex": False, "under": ""},
                "test": {"edits": [], "files": []},
                "python": {"edits": [], "files": []},
            }.get(request["ask"], {}),
            **request,
        }
        for request in requests
    ]
    return Says(json.dumps({"note": "", "requests": whole, "edits": [], "files": []}), **more)


def reads(path: str) -> Says:
    return asks({"ask": "read", "path": path})


class FolderWorkshop:
    """Runs a program in a folder of this machine. It keeps nothing in: only for code of these tests."""

    def __init__(self) -> None:
        self.runs = 0

    def prepare(self, *, tools: Mapping[str, str], argv: tuple[str, ...]) -> None:
        """There is nothing to have ready."""

    async def run(
        self,
        *,
        files: Mapping[str, str],
        locked: Mapping[str, str],
        tools: Mapping[str, str],
        argv: tuple[str, ...],
        stdin: bytes,
        seconds: float,
        on_line: Callable[[str], None] | None = None,
    ) -> Findings:
        self.runs += 1
        with tempfile.TemporaryDirectory() as base:
            work, beside = Path(base, "work"), Path(base, "tools")
            for folder, texts in ((work, {**files, **locked}), (beside, tools)):
                for path, text in texts.items():
                    target = folder / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text)
            placed = [word.replace("{tools}", str(beside)).replace("{work}", str(work)) for word in argv]
            return await asyncio.to_thread(_run, [sys.executable, *placed[1:]], work, stdin, seconds)


def _run(argv: list[str], work: Path, stdin: bytes, seconds: float) -> Findings:
    reading, writing = os.pipe()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    child = subprocess.Popen(
        argv,
        cwd=work,
        stdin=subprocess.PIPE,
        pass_fds=(writing,),
        env={**environment, "MENDBOX_REPORT_FD": str(writing)},
    )
    os.close(writing)
    child.communicate(stdin, timeout=seconds)
    with os.fdopen(reading) as report:
        return Findings(lines=tuple(report.read().splitlines()), exit_code=child.returncode)


class Memory:
    """Steps that are kept as the journal keeps them: as JSON."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    async def __call__(self, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        if (kind, inputs) not in self.kept:
            self.kept[kind, inputs] = (await effect()).model_dump_json()
        return model.model_validate_json(self.kept[kind, inputs])

    def forget_last(self) -> None:
        """As if the process had been killed before it could keep it."""
        self.kept.popitem()

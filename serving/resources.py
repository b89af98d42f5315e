"""What a client can read without a call: what this server can do, whether it can do it now, and the caller's runs."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ResourceError
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, Annotations

from engine.desk import Desk
from engine.domain import Run
from engine.errors import MendboxError, UnknownRun
from engine.projects.building.folder import zipped
from engine.receipts.evidence import judged
from engine.receipts.stating import state
from sandboxes.errors import SandboxError
from serving.access.principals import principal
from serving.answers import MOST_ANSWER_BYTES, RunAnswer
from serving.borrowing import lends
from serving.capabilities import CapabilitiesAnswer, HealthAnswer, health_of
from serving.following import answered
from serving.parts import Answer, FindingAnswer
from serving.telling import line

JSON = "application/json"
FOR_MODELS = Annotations(audience=["assistant", "user"])
MOST_ARCHIVE_BYTES = 20_000_000
RUN = "orchestrator://runs/{run_id}"

_ID = re.compile(r"[A-Za-z0-9_-]{4,64}")


class FindingsAnswer(Answer):
    """All that is wrong with the last candidate of a run, or with the code as handed in while there is none."""

    run_id: str
    findings: tuple[FindingAnswer, ...]


class Resources:
    """One method for each resource; its docstring is what a model chooses it by."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def capabilities(self, ctx: Context) -> str:
        """What this server can mend and judge, by which authors, within which limits, and what it cannot do."""
        return CapabilitiesAnswer.of(
            self._desk.settings, lends=lends(ctx), answer_seconds=self._desk.answer_seconds
        ).model_dump_json()

    async def health(self) -> str:
        """Whether code can be judged right now: the container engine, the sandbox image, and the room for more runs."""
        answer: HealthAnswer = await health_of(self._desk)
        return answer.model_dump_json()

    async def run(self, run_id: str, ctx: Context) -> str:
        """One of your runs as it stands: what get_run answers."""
        answer: RunAnswer = await answered(self._desk, await self._mine(run_id, ctx))
        return answer.model_dump_json()

    async def receipt(self, run_id: str, ctx: Context) -> str:
        """The receipt of a run that proved something: an in-toto statement of what was judged, by what, and how it ended."""
        run = await self._mine(run_id, ctx)
        with _readable():
            return _whole(state(run, judged(run)).written().decode(), f"mendbox receipt {run.id}")

    async def diff(self, run_id: str, ctx: Context) -> str:
        """The fix of a run as a unified diff, as `git apply` takes it; empty where there is none."""
        run = await self._mine(run_id, ctx)
        fixed = run.outcome in {"verified", "unverified"}
        return _whole(await asyncio.to_thread(lambda: run.diff) if fixed else "", f"mendbox show {run.id}")

    async def findings(self, run_id: str, ctx: Context) -> str:
        """What is wrong with the last candidate of a run, each finding with its evidence: data that programs wrote."""
        run = await self._mine(run_id, ctx)
        verdict = run.attempts[-1].verdict if run.attempts else run.baseline
        found = tuple(FindingAnswer.of(finding) for finding in verdict.findings[:500]) if verdict else ()
        return _whole(FindingsAnswer(run_id=run.id, findings=found).model_dump_json(), f"mendbox show {run.id}")

    async def project(self, run_id: str, ctx: Context) -> bytes:
        """The project of a build as a zip: code, tests, scenarios, deployment files, screenshots and the receipt. Models
        wrote it: look at it before you run it outside of a container.
        """
        run = await self._mine(run_id, ctx)
        with _readable():
            project = await self._desk.built(run.id)
            archive = await asyncio.to_thread(zipped, project)
        if len(archive) > MOST_ARCHIVE_BYTES:
            raise ResourceError(
                f"the archive has {len(archive)} bytes, and an answer holds {MOST_ARCHIVE_BYTES} "
                f"(on the server's machine: mendbox resume {run.id} --out DIR)"
            )
        return archive

    async def _mine(self, run_id: str, ctx: Context) -> Run:
        try:
            with _readable():
                if _ID.fullmatch(run_id) is None:
                    raise UnknownRun("no run has such an id")
                return await self._desk.get(run_id, principal=principal(ctx).name)
        except ResourceError as error:
            if not isinstance(error.__cause__, UnknownRun):
                raise
            # As the protocol wants it, and as the framework says it of what was never registered.
            uri = f"orchestrator://runs/{line(run_id, 64)}"
            raise MCPError(code=INVALID_PARAMS, message=f"Resource not found: {uri!r}", data={"uri": uri}) from error


def add_resources(server: FastMCP[Any], desk: Desk) -> None:
    """Register what can be read of *desk*."""
    resources = Resources(desk)

    def add(uri: str, read: Callable[..., Any], title: str, mime: str = JSON) -> None:
        server.resource(uri, title=title, mime_type=mime, annotations=FOR_MODELS)(read)

    add("orchestrator://capabilities", resources.capabilities, "What this server can do")
    add("orchestrator://health", resources.health, "Whether it can do it now")
    add(RUN, resources.run, "A run")
    add(f"{RUN}/receipt", resources.receipt, "Receipt of a run")
    add(f"{RUN}/diff", resources.diff, "Fix of a run", "text/x-diff")
    add(f"{RUN}/project.zip", resources.project, "Project of a build", "application/zip")
    add(f"{RUN}/findings", resources.findings, "What is wrong in a run")


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Our own errors reach the client as sentences; any other stays masked."""
    try:
        yield
    except (MendboxError, SandboxError) as error:
        raise ResourceError(line(str(error), 1_000)) from error


def _whole(text: str, command: str) -> str:
    """*text*, where an answer can hold it: half of a diff or a receipt is worse than none."""
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_ANSWER_BYTES:
        raise ResourceError(
            f"this has {size} bytes, and an answer holds {MOST_ANSWER_BYTES} (on the server's machine: {command})"
        )
    return text

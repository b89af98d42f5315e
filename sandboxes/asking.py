"""One question to an engine on this machine, put to its socket: which image is it that has this name?

The docker package would ask the same, but takes 0.1 s to import, longer than all else that a verdict out of the
journal needs of an engine.
"""

from __future__ import annotations

import asyncio
import os
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

USUAL = "unix:///var/run/docker.sock"
ANSWERING = 5.0
"""Seconds an engine may take; it is then asked the usual way, by which it may take longer and says what is wrong."""
LONGEST_ANSWER = 4 << 20
"""Bytes; an image's description has a few thousand."""


class _Configured(BaseModel):
    labels: dict[str, str] | None = Field(default=None, alias="Labels")


class Inspected(BaseModel):
    """What we need of the engine's description of an image."""

    digest: str = Field(alias="Id", pattern="^sha256:[0-9a-f]{64}$")
    size: int = Field(default=0, alias="Size", ge=0)
    """Bytes."""
    config: _Configured | None = Field(default=None, alias="Config")

    @property
    def labels(self) -> dict[str, str]:
        return (self.config and self.config.labels) or {}


async def digest_at_socket(reference: str) -> str | None:
    """Digest of the image called *reference*; None as `inspected_at_socket`."""
    found = await inspected_at_socket(reference)
    return found.digest if found else None


async def inspected_at_socket(reference: str) -> Inspected | None:
    """The image called *reference*.

    None where that cannot be told this way: the engine is not on this machine, does not answer, or has no such image.
    """
    # As docker's own package reads it, where nothing else is said.
    host = (os.environ.get("DOCKER_HOST") or USUAL).removeprefix("http+")
    if not host.startswith("unix://"):
        return None
    try:
        async with asyncio.timeout(ANSWERING):
            answer = await _get(host.removeprefix("unix://"), f"/images/{quote(reference, safe='/:@')}/json")
    except (OSError, TimeoutError):
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    try:
        return Inspected.model_validate_json(body) if head.split(b" ")[1:2] == [b"200"] else None
    except ValidationError:
        return None


async def _get(socket: str, path: str) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        # 1.0: the answer comes in one piece, and the end of the connection is its end.
        writer.write(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
        answer = b""
        while len(answer) < LONGEST_ANSWER and (more := await reader.read(1 << 16)):
            answer += more
        return answer
    finally:
        writer.close()

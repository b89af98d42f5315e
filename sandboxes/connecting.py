"""Asking the Docker Engine from a program that must not stand still meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

import docker

from sandboxes.failures import translated

Connect = Callable[..., docker.DockerClient]
"""Makes a client of the engine; takes ``timeout=`` in seconds."""

T = TypeVar("T")


async def on_engine(connect: Connect, ask: Callable[[docker.DockerClient], T], *, doing: str) -> T:
    """What *ask*, in a thread and with a client of its own, gets of the engine.

    Raises:
        SandboxError: It could not be had; *doing* completes "could not ...".
    """

    def asking() -> T:
        with closing(connect()) as client:
            return ask(client)

    with translated(doing):
        return await asyncio.to_thread(asking)

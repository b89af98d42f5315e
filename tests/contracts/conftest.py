"""Every sandbox there is, for the one suite that all of them keep."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from docker import DockerClient

from sandboxes.base import Sandbox
from sandboxes.docker import DockerSandbox
from sandboxes.pool import WarmPool


@pytest.fixture(params=["docker", "pool"])
async def sandbox(request: pytest.FixtureRequest, engine: DockerClient, sandbox_image: str) -> AsyncIterator[Sandbox]:
    """Where boxes come from; every box is gone when the test ends."""
    docker = DockerSandbox(engine, image=sandbox_image)
    async with docker if request.param == "docker" else WarmPool(docker, target=1, most=6) as opened:
        yield opened

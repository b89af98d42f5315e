"""What every test may use, and what every test must keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from docker import DockerClient

from engine.settings import Settings
from engine.wiring import make_images
from sandboxes import owner
from sandboxes.base import Box, Limits
from sandboxes.docker import DockerSandbox, connect
from sandboxes.hardening import LABEL, OWNER_LABEL
from tests.parts import PARTS, part_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=PARTS, help="run only the tests of this part (tests/parts.py)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is in another part than the one that is asked for."""
    part = config.getoption("--part")
    others = [item for item in items if part and part_of(item.nodeid) != part]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if part_of(item.nodeid) == part]


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """A client of the Docker Engine of this machine."""
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def sandbox_image(engine: DockerClient) -> str:
    """The image in force, built where the engine has none."""
    return asyncio.run(make_images(Settings()).ensure()).reference


@pytest.fixture(autouse=True)
def no_box_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test of boxes that leaves one of ours behind."""
    if request.node.get_closest_marker("docker") is None:
        yield
        return
    client = request.getfixturevalue("engine")
    yield
    ours = [LABEL, f"{OWNER_LABEL}={owner.current().label}"]
    left = client.api.containers(all=True, filters={"label": ours})
    for container in left:
        client.api.remove_container(container["Id"], force=True, v=True)
    assert not left, f"boxes left behind: {[container['Names'] for container in left]}"


@pytest.fixture
async def sandbox(engine: DockerClient, sandbox_image: str) -> AsyncIterator[DockerSandbox]:
    """Where boxes come from; every box is gone when the test ends."""
    async with DockerSandbox(engine, image=sandbox_image) as opened:
        yield opened


@pytest.fixture
async def box(sandbox: DockerSandbox) -> AsyncIterator[Box]:
    """One box with the usual limits."""
    async with sandbox.open(run_id="test", limits=Limits()) as opened:
        yield opened

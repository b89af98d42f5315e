"""Boxes that an open Mendbox keeps ready: there before the first run, gone with it, and nothing where it keeps none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from docker import DockerClient

from engine.harness import Mendbox
from engine.settings import Settings
from engine.wiring import OnDemand
from sandboxes.hardening import LABEL, OWNER_LABEL
from sandboxes.owner import current

pytestmark = pytest.mark.docker


def running(engine: DockerClient) -> int:
    """Boxes of this process that run."""
    ours = [LABEL, f"{OWNER_LABEL}={current().label}"]
    return len(engine.api.containers(filters={"label": ours}))


async def test_boxes_are_ready_before_the_first_run(engine: DockerClient, sandbox_image: str, tmp_path: Path):
    """A run takes one of them; closing removes all."""
    async with Mendbox(Settings(data_dir=tmp_path, pool=2)) as mendbox:
        async with asyncio.timeout(60):
            while running(engine) < 2:  # noqa: ASYNC110 (nobody is told)
                await asyncio.sleep(0.05)

        outcome = await mendbox.run({"program.py": "print(1)"}, ("python", "program.py"))

    assert outcome.stdout.text == "1\n"
    assert running(engine) == 0


async def test_closing_while_they_are_made_leaves_none(engine: DockerClient, sandbox_image: str, tmp_path: Path):
    """However early that is."""
    for seconds in (0.0, 0.05, 0.3):
        async with Mendbox(Settings(data_dir=tmp_path, pool=2)):
            await asyncio.sleep(seconds)

        assert running(engine) == 0


async def test_a_single_program_has_one_box(engine: DockerClient, sandbox_image: str):
    """Nothing says that another one will be asked for."""
    sandbox = OnDemand(Settings(), notify=lambda _: None)
    try:
        async with sandbox.open(run_id="one", limits=Settings().limits):
            pool = await sandbox._pool()
            assert (pool.stock.boxes, running(engine)) == (1, 1)
    finally:
        await sandbox.close()


async def test_where_no_engine_answers_an_open_mendbox_stays_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Whoever then asks for a box is told."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'nobody.sock'}")
    async with Mendbox(Settings(data_dir=tmp_path, pool=2)) as mendbox:
        with pytest.raises(Exception, match="start Docker, or set DOCKER_HOST"):
            await mendbox.run({}, ("true",))

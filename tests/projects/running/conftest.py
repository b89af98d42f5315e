"""Boxes that have Node.js and a browser."""

from __future__ import annotations

import asyncio

import pytest

from engine.settings import Settings
from engine.wiring import make_environments
from sandboxes.environments.wanted import Wanted


@pytest.fixture(scope="session")
def web_image() -> str:
    """The image with Node.js and the browser, built where the engine has none."""
    return asyncio.run(make_environments(Settings(), node=True).ensure(Wanted())).reference

"""Whoever asks has the images of a build really built; where they cannot be, the build says so and is not verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.harness import Mendbox
from engine.settings import Settings
from tests.projects.building.doubles import Company
from tests.projects.building.plans import GOOD
from tests.projects.building.test_in_boxes import REQUEST

pytestmark = [pytest.mark.docker, pytest.mark.slow]


async def test_an_image_that_was_asked_for_is_built_or_missed(tmp_path: Path) -> None:
    """Its base may be had where this runs, and then its steps need a network: either way that is told, and no success."""
    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        project = await mendbox.builds.build(
            REQUEST.model_copy(update={"build_images": True}), Company(backend__greeter=[GOOD]).team
        )

    assert project.outcome == "unverified", project
    assert any("the image was not built" in line for line in project.not_run), project.not_run

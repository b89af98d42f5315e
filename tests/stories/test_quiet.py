"""What a program that uses the engine as a library finds on its own standard output: nothing of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.harness import Mendbox
from engine.settings import Settings


@pytest.mark.docker
async def test_boxes_that_nobody_used_are_removed_without_a_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Standard output belongs to the caller, and to the document of ``--json``."""
    async with Mendbox(Settings(data_dir=tmp_path, pool=1)) as mendbox:
        outcome = await mendbox.run({"main.py": "print('from the box')\n"}, ("python", "main.py"))

    assert outcome.stdout.text == "from the box\n"
    assert capfd.readouterr().out == ""

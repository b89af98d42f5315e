"""What is done in a box before anybody asks for it: our programs are laid there and started, as far as they come."""

from __future__ import annotations

from engine.checks import survey, tests
from engine.checks.base import programs
from sandboxes.base import Box


async def prepare(box: Box) -> None:
    """Make *box*, which nobody has used, ready for a verdict: the next `BoxJudge.judge` in it is the quicker for it.

    Raises:
        SandboxUnavailable: The box is gone.
    """
    await box.prepare(programs(), survey.AHEAD, tests.AHEAD)

"""What is done in a box before anybody asks for it: our programs are laid there and started, as far as they come."""

from __future__ import annotations

from engine.checks import survey, tests
from engine.checks.base import inside_programs
from sandboxes.base import Box, Layer


async def prepare(box: Box) -> None:
    """Make *box*, which nobody has used, ready for a verdict: the next `BoxJudge.judge` in it is the quicker for it.

    Raises:
        SandboxUnavailable: The box is gone.
    """
    await box.lay(Layer(files=inside_programs(), place="tools", locked=True))
    await box.start_ahead(survey.AHEAD, tests.AHEAD)

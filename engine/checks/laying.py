"""How a draft, its frozen tests and our own programs are laid into a box."""

from __future__ import annotations

from engine.checks.base import Subject, programs
from engine.inputs.text import decode_data, encode_files
from sandboxes.base import Box, Layer


async def lay(box: Box, subject: Subject, *also: Layer, apart: bool = False, stay: bool = False) -> None:
    """Empty the box and write the draft, its frozen tests, our own programs, and *also* these there.

    *apart*: empty files stand in the places of the tests, whose text is never in the box's folders.
    *stay*: leave what the last session left behind, but for our programs.
    """
    tests = subject.case.tests
    files = {path: text for path, text in subject.files.items() if path not in tests}
    frozen = encode_files(dict.fromkeys(tests, "") if apart else tests)
    await box.lay(
        Layer(files=encode_files(files)),
        Layer(files=frozen | decode_data(subject.case.task.data), locked=True),
        programs(),
        *also,
        only="tools" if stay else None,
    )

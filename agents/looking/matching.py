"""Regular expressions of a model's own, matched in a child process that is killed when its time is over."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from agents.base import Value

SECONDS = 3.0
_PROGRAM = Path(__file__).parent / "matcher.py"


class BadPattern(ValueError):
    """It is no regular expression, or takes too long; the text is meant for whoever wrote it."""


class Hit(Value):
    path: str
    line: int


class _Answer(Value):
    hits: tuple[tuple[str, int], ...] = ()
    wrong: str = ""


async def find_pattern(
    pattern: str, texts: Mapping[str, str], *, most: int, seconds: float = SECONDS
) -> tuple[Hit, ...]:
    """At most *most* lines of *texts* in which a match of *pattern* begins.

    Raises:
        BadPattern: It does not compile, or was not through within *seconds*.
    """
    asked = json.dumps({"pattern": pattern, "texts": dict(texts), "most": most}).encode()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        str(_PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            told, _ = await child.communicate(asked)
    except TimeoutError:
        raise BadPattern(f"The search was not through after {seconds:g} s: use a simpler pattern, or a text") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    try:
        answer = _Answer.model_validate_json(told)
    except ValidationError:
        raise BadPattern("The search used up its memory: use a simpler pattern, or a text") from None
    if answer.wrong:
        raise BadPattern(f"This is no regular expression: {answer.wrong}")
    return tuple(Hit(path=path, line=line) for path, line in answer.hits)

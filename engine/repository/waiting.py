"""A project's environment, waited for no longer than there is time: a build that hangs ends in a sentence."""

from __future__ import annotations

import asyncio

from engine.dependencies.ensuring import Environments, Tell, environment_for
from sandboxes.environments.wanted import Environment, Wanted
from sandboxes.errors import SandboxUnavailable


async def environment_within(seconds: float, wanted: Wanted, environments: Environments, tell: Tell) -> Environment:
    """The environment for what is *wanted*, as `engine.dependencies.ensuring.environment_for` gives it.

    Raises:
        Unresolved: There can be none, and the requirements are why.
        SandboxError: The machinery failed, or did not come to an end within *seconds*; then whatever it was doing was
            stopped, and only wheels that were built whole are kept.
    """
    doing = "asking for it"

    def heard(message: str) -> None:
        nonlocal doing
        if message[:1].islower():  # a line of ours, and none of pip's or the engine's
            doing = message
        tell(message)

    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return await environment_for(wanted, environments, heard)
    except TimeoutError:
        if not deadline.expired():
            raise
        what = f"what the project needs was not there within {seconds:g} s, and this was going on at last: {doing}"
        raise SandboxUnavailable("environments", what, hint="allow more with --seconds S") from None

"""What replaying a Dockerfile in a box has shown."""

from __future__ import annotations

from typing import Literal

from engine.domain import Finding, Value


class Replayed(Value):
    """One component's Dockerfile, gone through in a box."""

    component: str
    outcome: Literal["replayed", "failed", "unverified"]
    """`unverified`: the box lacks something that the image would have, and `not_shown` says what."""
    findings: tuple[Finding, ...] = ()
    shown: tuple[str, ...] = ()
    """What was done, each in a sentence."""
    not_shown: tuple[str, ...] = ()
    """What was not, each with its reason."""
    seconds: float = 0.0

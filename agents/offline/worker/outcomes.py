"""What running one input led to, bounded, and equal where the behaviour is."""

from __future__ import annotations

from dataclasses import dataclass

from .values import text

LONGEST = 400
"""Characters of an outcome's text; beyond that, its hash stands for the rest."""


@dataclass(frozen=True)
class Outcome:
    """What one input led to."""

    ended: str
    """``value``, ``raises`` or ``steps``."""
    type: str
    """Name of the value's or the exception's type."""
    text: str = ""
    """The value, and what has become of arguments that were changed."""
    digest: int = 0
    """Of a text that is longer than what is kept."""
    value: str = ""
    """The value alone, as a person is shown it."""

    @property
    def words(self) -> str:
        if self.ended == "value":
            return f"returns {self.value}" if self.value else self.text
        return f"raises {self.type}" if self.ended == "raises" else "does not end"


@dataclass(frozen=True)
class Behaviour:
    """How one version did on all scripts and checks."""

    outcomes: tuple[Outcome, ...]
    agrees: tuple[bool | None, ...] = ()
    """For each check, whether it holds; None where that cannot be told."""
    seconds: tuple[float, ...] = ()
    """What each script took."""


@dataclass(frozen=True)
class Consumed:
    """What an iterator gave."""

    said: str
    kind: str

    def __repr__(self) -> str:
        return self.said


def state(this: object) -> str:
    """What everybody may look at of an object."""
    public = {name: value for name, value in getattr(this, "__dict__", {}).items() if not name.startswith("_")}
    return text(public)


def bounded(seen: tuple[str, str, str], said: str) -> Outcome:
    kind, whole, last = seen
    if said:
        whole += f" and prints {said!r}"
    digest = hash(whole) if len(whole) > LONGEST else 0
    return Outcome("value", kind, whole[:LONGEST], digest, last[:LONGEST])

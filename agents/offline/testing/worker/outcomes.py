"""What calls of the code under test did, as far as a test can say it."""

from __future__ import annotations

from dataclasses import dataclass

ASSERTED = frozenset({"returns", "yields", "raises", "streams", "enters", "enters later", "tells"})
ANSWERED = ASSERTED - {"raises"}


@dataclass(frozen=True)
class Said:
    """What one step of several did."""

    kind: str
    """returns, yields, views, where the answer is told by its attributes, raises, or nothing, where there is nothing to look
    at.
    """
    expected: str = ""
    error: str = ""
    message: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    source: str = ""
    """The step as it stands in a script; empty for a call of a method."""


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    kind: str
    """returns; yields or streams several, one after the other; enters a context, at once or later; tells what each step of
    several did; raises (by a statement of the code's own); crashes, or hangs.
    """
    digest: str
    """Equal where a test cannot tell the difference."""
    expected: str | None = None
    """The answer's source; None where there is none."""
    same: bool = False
    """Whether the answer is one of the objects that were given, and nothing that equals it."""
    error: str = ""
    message: str = ""
    line: int = 0
    rounded: bool = False
    imports: frozenset[tuple[str, str]] = frozenset()
    changed: tuple[tuple[int, str], ...] = ()
    """Arguments that are others afterwards, with their source then."""
    state: tuple[tuple[int, str, str], ...] = ()
    """Attributes of the given objects that are others afterwards."""
    owner: tuple[tuple[str, str], ...] = ()
    """Attributes of the object whose method was called that are others afterwards."""
    files: tuple[tuple[str, str], ...] = ()
    """Files that are others afterwards, by name, with their text."""
    printed: str = ""
    viewed: bool = False
    """Whether the answer is an object of the project's that is told by its attributes."""
    said: tuple[Said, ...] = ()
    """What each step did, where all are looked at."""
    features: frozenset[tuple[str, int, int, int]] = frozenset()
    """Branches taken: file, line of the function, offset, destination."""
    entered: frozenset[tuple[str, int]] = frozenset()
    """Functions that ran, by file and line."""
    steps: int = 0
    repr: str = ""
    """The answer as an interpreter shows it, bounded."""

    @property
    def asserted(self) -> bool:
        """Whether a test can say it."""
        return self.kind in ASSERTED and (self.kind == "raises" or self.expected is not None)

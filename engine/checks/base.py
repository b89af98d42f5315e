"""What a check is, and what it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as package_files
from typing import Protocol

from engine.case import Case, Names
from engine.domain import Report, Value
from sandboxes.base import TOOLS, Command, Layer, Outcome

INSIDE = ("survey.py", "session.py", "reporter.py", "patched.py", "reaching.py", "pytest.ini")
APART = "__init__ candidate far frozen mirror near owner peer plain repeating replacing session words".split()
"""The programs of ours that a judging box holds, beside the submitted files; `APART` are those of a folder of its own."""


class Subject(Value):
    """One draft on the stand."""

    files: Mapping[str, str]
    case: Case
    names: Names = Names()
    """Filled in by the survey, before any submitted code runs."""
    executable: Mapping[str, tuple[int, ...]] = {}
    """Lines with an instruction of their own, by path; filled in by the survey."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the draft's Python files."""
        return tuple(sorted(path for path in self.files if path.endswith(".py")))


class Asked(Value):
    """What a check wants to be done in the box: files of its own beside the others, and a command."""

    command: Command
    files: Layer | None = None


class Check(Protocol):
    """One thing to look at, inside a box that holds the draft and the frozen tests.

    `ask` and `read` are two halves, so that all checks can be made side by side in one exchange with the box.
    """

    name: str

    def ask(self, subject: Subject) -> Asked | Report:
        """What to do in the box; or the report at once, where nothing has to be done there."""

    def read(self, subject: Subject, asked: Asked, outcome: Outcome) -> Report:
        """What was seen. A failing program is a report; only the machinery's failures are raised."""


def inside_programs() -> dict[str, bytes]:
    """The texts of `INSIDE` and `APART`, as they are laid into the tools folder of a box."""
    folder = package_files("engine.checks") / "inside"
    names = (*INSIDE, *(f"apart/{name}.py" for name in APART))
    return {name: folder.joinpath(*name.split("/")).read_bytes() for name in names}


def programs() -> Layer:
    """Them as they are laid into a box."""
    return Layer(files=inside_programs(), place="tools", locked=True)


def tool(name: str) -> str:
    """Path of one of our programs inside the box."""
    return f"{TOOLS}/{name}"

"""What the engine raises. What goes wrong with the code being mended is never here: that is a value.

MendboxError
├── BadInput                what was asked cannot be done as asked; the command line's exit code 2
│   ├── BadSetting          a setting has a value it cannot have
│   ├── UnknownAuthor       no such author, or its key or file is missing
│   ├── UnknownRun          no run has this id, or several begin with it
│   └── UnknownRepair       no remembered repair has this id, or several begin with it
├── CannotBeHad             what a project says it needs cannot be had; exit code 1
├── NoPlan                  nobody who was asked made a plan that holds together; exit code 1
├── NotNow                  a serving process has no room, or the work takes too long for a call
├── RunGoesOn               another living process is at work on this run
├── MemoryUnavailable       what was learnt cannot be read or written; no run depends on it
└── JournalUnavailable      the journal cannot be opened, read or written; exit code 3
    ├── JournalTooNew       a later Mendbox has written it
    └── Unreadable          one record was written in a shape this Mendbox does not know
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.domain import Finding


class MendboxError(Exception):
    """Base of everything the engine raises.

    Attributes:
        what: What happened, to what, in one sentence.
        hint: What the person can do next; may be empty.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(f"{what} ({hint})" if hint else what)
        self.what = what
        self.hint = hint


class BadInput(MendboxError):
    """What was asked cannot be done as asked."""


class BadSetting(BadInput):
    """A setting has a value it cannot have.

    Attributes:
        name: The environment variable.
    """

    def __init__(self, name: str, what: str, *, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.name = name


class UnknownAuthor(BadInput):
    """No author has this name, or its key or file is missing."""


class UnknownRun(BadInput, LookupError):
    """No run has this id, or several ids begin with it."""


class UnknownRepair(BadInput, LookupError):
    """No remembered repair has this id, or several ids begin with it."""


class CannotBeHad(MendboxError):
    """What a project says it needs cannot be had, and the project is why.

    Attributes:
        finding: What is wrong where, with the end of what the resolver or the build said.
        cause: What kind of reason, see `sandboxes.environments.wanted.Cause`.
    """

    def __init__(self, finding: Finding, *, cause: str) -> None:
        place = f"{finding.path}:{finding.line}: " if finding.path and finding.line else ""
        what = "correct it" if cause in {"unknown", "invalid", "conflict"} else "change it"
        super().__init__(f"{place}{finding.message}", hint=f"{what}, or go without what is not there: --no-deps")
        self.finding = finding
        self.cause = cause


class NoPlan(MendboxError):
    """Nobody who was asked made a plan that holds together.

    Attributes:
        refused: What was wrong with the plans there were, a line each.
    """

    def __init__(self, what: str, *, hint: str = "", refused: tuple[str, ...] = ()) -> None:
        super().__init__(what, hint=hint)
        self.refused = refused


class NotNow(MendboxError):
    """There is no room, the work takes too long for a call, or the server is ending."""


class RunGoesOn(MendboxError):
    """Another living process is at work on this run; taking it over would do its work twice."""


class MemoryUnavailable(MendboxError):
    """What was learnt of earlier runs cannot be read or written."""


class JournalUnavailable(MendboxError):
    """The journal cannot be opened, read or written. What it had acknowledged is still there."""


class JournalTooNew(JournalUnavailable):
    """A later Mendbox has written this journal; nothing in it was touched."""


class Unreadable(JournalUnavailable):
    """One record was written in a shape that this Mendbox does not know; the others are fine."""

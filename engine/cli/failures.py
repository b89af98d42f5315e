"""Every error in words: one line on stderr, or one JSON document, and the exit code that goes with it."""

from __future__ import annotations

import os
import traceback
from typing import Literal

from pydantic import JsonValue

from engine.cli.exits import ENVIRONMENT, MISUSE, NOT_VERIFIED
from engine.cli.interrupts import Stopped
from engine.cli.output import print_document
from engine.cli.terminal import say
from engine.domain import Value
from engine.errors import BadInput, CannotBeHad, MendboxError, NoPlan
from engine.redaction import Redactor
from sandboxes.errors import BoxFull, SandboxError, UnsafePath

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
MOST_LINES = 30
"""Lines of a failed build's last words that a person is shown."""
BLANK_RUN: dict[str, JsonValue] = {
    "ended": None,
    "exit_code": None,
    "signal": None,
    "stdout": "",
    "stderr": "",
    "truncated": False,
}
"""What `run --json` has beside its outcome, so that a script finds its fields also where nothing was run."""


class Failure(Value):
    """An error as a person or a script is told it."""

    outcome: Literal["environment", "cancelled", "no_fix"] | None
    """None: wrong usage or bad input, so that no run came to be."""
    kind: str
    what: str
    hint: str = ""
    evidence: str = ""
    """What a resolver or a build said last."""
    exit_code: int


def explain(error: Exception) -> Failure:
    kind = type(error).__name__
    match error:
        case Stopped():
            failure = Failure(outcome="cancelled", kind="Cancelled", what=str(error), exit_code=error.exit_code)
        case BadInput() | BoxFull() | UnsafePath():
            failure = Failure(outcome=None, kind=kind, what=error.what, hint=error.hint, exit_code=MISUSE)
        case CannotBeHad():
            failure = Failure(
                outcome="no_fix",
                kind=kind,
                what=error.what,
                hint=error.hint,
                evidence=error.finding.evidence,
                exit_code=NOT_VERIFIED,
            )
        case NoPlan():
            failure = Failure(
                outcome=None,
                kind=kind,
                what=error.what,
                hint=error.hint,
                evidence="\n".join(error.refused),
                exit_code=NOT_VERIFIED,
            )
        case MendboxError() | SandboxError():
            failure = Failure(outcome="environment", kind=kind, what=error.what, hint=error.hint, exit_code=ENVIRONMENT)
        case OSError():
            failure = Failure(outcome="environment", kind=kind, what=str(error), exit_code=ENVIRONMENT)
        case _:
            what, hint = f"a fault in Mendbox itself: {kind}", "MENDBOX_LOG_LEVEL=debug shows where; please report it"
            failure = Failure(outcome="environment", kind=kind, what=what, hint=hint, exit_code=ENVIRONMENT)
    return failure


def tell(error: Exception, *, command: str, json: bool) -> int:
    """Say what went wrong, on stderr or as the one JSON document, and return the exit code."""
    failure = explain(error)
    # Errors are written without secrets; a library's words inside them may not be.
    redact = Redactor(os.environ.get(name, "") for name in KEYS)
    what, hint = redact(failure.what), redact(failure.hint)
    if os.environ.get("MENDBOX_LOG_LEVEL") == "debug" and failure.exit_code == ENVIRONMENT:
        say(redact("".join(traceback.format_exception(error))))
    if json:
        told: dict[str, JsonValue] = {"kind": failure.kind, "message": what, "hint": hint}
        if failure.evidence:
            told["evidence"] = redact(failure.evidence)
        document: dict[str, JsonValue] = {"outcome": failure.outcome, "error": told}
        print_document(document | (BLANK_RUN if command == "run" else {}))
    else:
        said = redact(failure.evidence).strip().splitlines()[-MOST_LINES:]
        if said and (isinstance(error, NoPlan) or (isinstance(error, CannotBeHad) and error.cause == "build")):
            say("\n".join(said))
        say(f"mendbox: {what}" + (f"\n  {hint}" if hint else ""))
    return failure.exit_code

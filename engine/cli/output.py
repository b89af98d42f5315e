"""The one JSON document on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from pydantic import JsonValue

from engine.domain import Run


def print_document(document: Mapping[str, JsonValue]) -> None:
    """Print *document*. Everything but ASCII is escaped, so that no terminal can be steered by what is in it."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()


def run_document(run: Run, **more: JsonValue) -> dict[str, JsonValue]:
    """The run as every face of Mendbox gives it, with its diff; *more* is put beside."""
    return run.model_dump(mode="json") | {"diff": run.diff} | more

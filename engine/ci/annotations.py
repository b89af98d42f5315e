"""Workflow commands of GitHub Actions: annotations on lines, and a fence that keeps other output from being taken for one."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ci.remarks import Level, Remark

MOST = 10
"""Annotations of one kind that GitHub takes from one step."""
COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}


def annotate(remarks: tuple[Remark, ...]) -> Iterator[str]:
    """One command a remark, at most `MOST` of each kind, as they come."""
    left = dict.fromkeys(COMMANDS.values(), MOST)
    for remark in remarks:
        command = COMMANDS[remark.level]
        if remark.path is None or not left[command]:
            continue
        left[command] -= 1
        places = {"file": remark.path, "line": str(remark.line or 1), "title": remark.title}
        said = ",".join(f"{name}={_property(value)}" for name, value in places.items())
        yield f"::{command} {said}::{_data(_message(remark))}"


def fence(token: str) -> tuple[str, str]:
    """What is printed before and after output that holds other people's text: between them no command is heeded.

    *token* must be one that nobody can foresee.
    """
    return f"::stop-commands::{token}", f"::{token}::"


def _message(remark: Remark) -> str:
    if remark.healed and remark.healed.verified:
        return f"{remark.message}\nMendbox has a verified fix: see the summary and the patch of this job."
    return remark.message


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

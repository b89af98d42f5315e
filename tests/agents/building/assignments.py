"""Assignments to test with."""

from __future__ import annotations

from agents.building import Assignment
from tests.projects.plans import smallest


def assignment(**changes: object) -> Assignment:
    """The backend's part of a small plan, with *changes*."""
    told: dict[str, object] = {
        "role": "backend",
        "number": 1,
        "component": "nightly",
        "description": "Something that runs at night.",
        "plan": smallest(),
        "writable": ("services/nightly/pyproject.toml", "services/nightly/nightly/"),
        "files": {},
    }
    return Assignment.model_validate(told | changes)

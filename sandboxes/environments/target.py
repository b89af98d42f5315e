"""The Python of the boxes, as pip has to see it: which wheels run there, and which markers hold."""

from __future__ import annotations

from sandboxes.wheels import PYTHON, machine, platforms

FULL_PYTHON = f"{PYTHON}.5"
"""Debian 13's own; only what a requirement says about the third number depends on it."""


def markers(architecture: str) -> dict[str, str]:
    """The environment of PEP 508 in a box on an engine of this *architecture*."""
    return {
        "implementation_name": "cpython",
        "implementation_version": FULL_PYTHON,
        "os_name": "posix",
        "platform_machine": machine(architecture),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": FULL_PYTHON,
        "python_version": PYTHON,
        "sys_platform": "linux",
    }


def tag_options(architecture: str) -> tuple[str, ...]:
    """Pip's options that choose the boxes' wheels; those that were built in a box last."""
    names = (*platforms(architecture), f"linux_{machine(architecture)}")
    return (
        *("--implementation", "cp", "--python-version", FULL_PYTHON),
        *(word for platform in names for word in ("--platform", platform)),
    )

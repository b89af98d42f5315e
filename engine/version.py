"""The version of Mendbox that is running."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """Version of the installed package; of a bare checkout, ``0+checkout``."""
    try:
        return installed("mendbox")
    except PackageNotFoundError:
        return "0+checkout"

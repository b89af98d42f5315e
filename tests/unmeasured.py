"""The environment of programs that tests start and that are not Mendbox: nobody wants to know which of their lines run."""

from __future__ import annotations

import os


def environment(**more: str) -> dict[str, str]:
    """This process's, without what has coverage measure its children, and with pytest's own plugins only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more}

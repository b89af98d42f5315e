"""Writes the session that is shipped as an example: ``python -m tests.builds.shipped``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.builds.recording import plan_of, recorded
from tests.builds.slips import LINKS

FOLDER = Path(__file__).parents[2] / "examples" / "builds" / "links"


def session() -> str:
    return _written(recorded("links", LINKS))


def asked() -> str:
    """What was asked for when the session was recorded."""
    plan = plan_of("links")
    require = [requirement.text for requirement in plan.requirements]
    return _written({"description": plan.summary, "require": require, "stack": ["express", "vue"]})


def _written(told: object) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (FOLDER / "session.json").write_text(session())
    (FOLDER / "build.json").write_text(asked())

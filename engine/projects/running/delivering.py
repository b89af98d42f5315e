"""What of the driver is delivered with a project: the one that was used in the box, for whoever has the project to run."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from engine.projects.running.origins import page_of, pages
from engine.projects.running.programs import text_of

PLAYWRIGHT_VERSION = "1.65.1"
"""Of playwright-core, as the image has it."""


def delivered(plan: Plan, scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Files below ``e2e/``: ``node e2e/run.mjs http://localhost:8080`` takes *scenarios* where the project runs."""
    manifest = {"private": True, "type": "module", "dependencies": {"playwright-core": PLAYWRIGHT_VERSION}}
    found = {
        "e2e/run.mjs": text_of("run.mjs"),
        "e2e/package.json": _written(manifest),
        "e2e/scenarios.json": _written([scenario.model_dump(mode="json") for scenario in scenarios]),
    }
    if len(pages(plan)) > 1:
        found["e2e/pages.json"] = _written([page_of(plan, scenario) for scenario in scenarios])
    return found


def _written(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

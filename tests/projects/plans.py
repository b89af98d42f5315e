"""Plans to test with: one that is sound, made by the rules, and ways to spoil it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from agents.offline.architect.architect import plan_by_rules
from agents.plans.commission import Commission
from agents.plans.plan import Plan
from engine.projects.asking import commission_of


def commission(project_type: str = "shop", scale: str = "medium", cloud: str = "aws") -> Commission:
    return commission_of(project_type, scale, cloud)


@cache
def sound(project_type: str = "shop", scale: str = "medium", cloud: str = "aws") -> Plan:
    return plan_by_rules(commission(project_type, scale, cloud))


def spoilt(path: Sequence[str | int], value: Any, *, plan: Plan | None = None) -> Plan:
    """*plan* with *value* at *path*; a callable is given what stood there."""
    whole = json.loads((plan or sound()).model_dump_json())
    node = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value(node[path[-1]]) if callable(value) else value
    return Plan.model_validate(whole)

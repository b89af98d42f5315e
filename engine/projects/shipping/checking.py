"""All that is wrong with the files by which a project is shipped, as can be read on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from agents.plans.plan import Plan
from engine.domain import Finding
from engine.projects.shipping.dockerfiles import faults_of_dockerfiles


def faults(plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the deployment files among *files*, all of a project's by path; in a fixed order, each once."""
    return tuple(dict.fromkeys(faults_of_dockerfiles(plan, files)))

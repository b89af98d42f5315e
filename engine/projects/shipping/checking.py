"""All that is wrong with the files by which a project is shipped, as can be read on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from agents.plans.plan import Plan
from engine.domain import Finding
from engine.projects.shipping.compose import faults_of_compose
from engine.projects.shipping.dockerfiles import faults_of_dockerfiles
from engine.projects.shipping.kubernetes import faults_of_kubernetes
from engine.projects.shipping.workflows import faults_of_workflows

MOST = 300
"""Faults that are told."""


def faults(plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the deployment files among *files*, all of a project's by path; in a fixed order, each once."""
    checks = (faults_of_dockerfiles, faults_of_compose, faults_of_kubernetes, faults_of_workflows)
    told = dict.fromkeys(finding for check in checks for finding in check(plan, files))
    return tuple(told)[:MOST]

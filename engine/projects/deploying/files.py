"""All deployment files of a plan."""

from __future__ import annotations

from agents.plans.commission import Cloud
from agents.plans.plan import Plan
from engine.projects.contract import dockerfile_of
from engine.projects.deploying.compose import compose, example_environment
from engine.projects.deploying.disks import files_of
from engine.projects.deploying.dockerfile import dockerfile
from engine.projects.deploying.kubernetes import manifests
from engine.projects.deploying.web import web_templates
from engine.projects.deploying.workflow import PATH, workflow


def deployment_files(plan: Plan, cloud: Cloud) -> dict[str, str]:
    """Texts by path, for a *plan* that holds together."""
    return {
        **{
            dockerfile_of(component.name): dockerfile(component, keeps=bool(files_of(component, plan)))
            for component in plan.components
        },
        **dict(web_templates(plan)),
        "compose.yaml": compose(plan),
        ".env.example": example_environment(plan),
        **dict(manifests(plan, cloud)),
        PATH: workflow(plan),
    }

"""The GitHub Actions workflow: every component is tested and built, and shipped from the main branch."""

from __future__ import annotations

from agents.plans.plan import Component, Plan
from engine.projects.deploying.yaml import Node, write

PATH = ".github/workflows/ci.yaml"
REGISTRY = "ghcr.io"


def workflow(plan: Plan) -> str:
    jobs: dict[str, Node] = {f"test-{component.name}": _test(component) for component in plan.components}
    jobs["images"] = _images(plan, needs=[*jobs])
    return write(
        {
            "name": "ci",
            "on": {"push": {"branches": ["main"]}, "pull_request": {}},
            "permissions": {"contents": "read"},
            "concurrency": {"group": "ci-${{ github.ref }}", "cancel-in-progress": True},
            "jobs": jobs,
        }
    )


def _test(component: Component) -> Node:
    steps: list[Node] = [{"uses": "actions/checkout@v4"}]
    if component.running.runtime == "python":
        steps += [
            {"uses": "actions/setup-python@v5", "with": {"python-version": "3.13"}},
            # what only its tests need is an extra by convention; pip goes on where a project has none of that name
            {"run": "pip install '.[test]' pytest"},
            {"run": "pytest"},
        ]
    else:
        steps += [
            {"uses": "actions/setup-node@v4", "with": {"node-version": "22"}},
            {"run": "npm ci"},
            {"run": "npm test"},
        ]
    return {
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 20,
        "defaults": {"run": {"working-directory": f"services/{component.name}"}},
        "steps": steps,
    }


def _images(plan: Plan, *, needs: list[str]) -> Node:
    names: list[Node] = [component.name for component in plan.components]
    main = "github.ref == 'refs/heads/main'"
    return {
        "runs-on": "ubuntu-latest",
        "needs": needs,
        "timeout-minutes": 30,
        "permissions": {"contents": "read", "packages": "write"},
        "strategy": {"matrix": {"component": names}},
        "steps": [
            {"uses": "actions/checkout@v4"},
            {"uses": "docker/setup-buildx-action@v3"},
            {
                "uses": "docker/login-action@v3",
                "if": main,
                "with": {
                    "registry": REGISTRY,
                    "username": "${{ github.actor }}",
                    "password": "${{ secrets.GITHUB_TOKEN }}",
                },
            },
            {
                "uses": "docker/build-push-action@v6",
                "with": {
                    "context": "services/${{ matrix.component }}",
                    "push": f"${{{{ {main} }}}}",
                    "tags": f"{REGISTRY}/${{{{ github.repository }}}}/${{{{ matrix.component }}}}:${{{{ github.sha }}}}",
                },
            },
        ],
    }

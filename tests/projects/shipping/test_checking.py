"""The files that are made from a plan are clean under every check, and what the checks say depends on nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.plans.commission import Cloud
from engine.projects.contract import faults_of
from engine.projects.deploying.files import deployment_files
from engine.projects.shipping import faults
from tests.projects.plans import smallest, sound, spoilt
from tests.projects.shipping.projects import project, sources

TYPES = ["web-app", "api", "data-pipeline", "e-commerce", "chat", "ml-service", "mobile-backend"]
CLOUDS: list[Cloud] = ["aws", "gcp", "azure", "self-hosted"]


@pytest.mark.parametrize("project_type", TYPES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_is_made_from_a_plan_is_clean(project_type: str, cloud: Cloud) -> None:
    """Every type of project on every cloud."""
    plan, files = project(project_type, cloud)

    assert faults(plan, files) == ()


@pytest.mark.parametrize(
    ("runtime", "command", "copied"),
    [
        ("python", ["python", "serve.py"], "COPY . ."),
        ("node", ["node", "dist/main.js"], "COPY --from=build /build/dist ./dist"),
        ("node", ["node", "src/main.js"], "COPY . ."),
    ],
)
def test_what_a_command_names_is_in_its_image(runtime: str, command: list[str], copied: str) -> None:
    """A file lies where the command is started, and what is built is built before."""
    plan = spoilt(
        ["components", 0, "running"], lambda old: {**old, "runtime": runtime, "command": command}, plan=sound("api")
    )
    files = sources(plan)
    manifests = {
        "pyproject.toml": '[project]\nname = "api"\nversion = "1"\n',
        "package.json": '{"scripts": {"build": "tsc", "test": "vitest run"}}',
        "package-lock.json": "{}",
        "serve.py": "",
        "src/main.js": "",
    }
    wanted = (
        ("pyproject.toml", "serve.py") if runtime == "python" else ("package.json", "package-lock.json", "src/main.js")
    )
    files |= {f"services/api/{name}": manifests[name] for name in wanted}
    made = deployment_files(plan, "aws")

    assert copied in made["services/api/Dockerfile"]
    assert faults(plan, {**files, **made}) == ()


def test_each_fault_is_told_once_and_in_the_same_order() -> None:
    """Whatever order the files come in; a fault of each kind of file is among them."""
    plan, files = project()
    for path in (
        "services/api/Dockerfile",
        "compose.yaml",
        "deploy/kubernetes/api-component.yaml",
        ".github/workflows/ci.yaml",
    ):
        files[path] = "[\n"

    told = faults(plan, files)

    assert told == faults(plan, dict(sorted(files.items(), reverse=True)))
    assert len(set(told)) == len(told)
    assert {finding.path for finding in told} >= {
        "services/api/Dockerfile",
        "compose.yaml",
        ".github/workflows/ci.yaml",
    }
    assert all(finding.check == "shipping" and finding.rule and finding.message.isprintable() for finding in told)


def test_the_smallest_project_is_clean() -> None:
    """One job, without a store or a port."""
    plan = smallest()
    files = {
        "services/nightly/pyproject.toml": '[project]\nname = "nightly"\nversion = "1"\n',
        "services/nightly/nightly/__main__.py": "",
        "services/nightly/tests/test_it.py": "",
    }

    assert faults_of(plan) == ()
    assert faults(plan, {**files, **deployment_files(plan, "gcp")}) == ()


ODD: list[Any] = [
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    "${{ a.b }}",
    "${A",
    [],
    [None],
    [[1]],
    {},
    {"a": None},
    {"": {"b": []}},
    "a:b:c",
    8_000,
    "8000",
]


def places(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every value inside *value*."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield (*steps, step)
        yield from places(each, (*steps, step))


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_whatever_stands_at_a_place_is_looked_at_to_its_end(data: st.DataObject) -> None:
    """A value of another shape at any place of any file is no reason to raise."""
    plan, files = project("chat", "self-hosted")
    path = data.draw(st.sampled_from(sorted(path for path in files if path.endswith(".yaml"))))
    documents = list(yaml.safe_load_all(files[path]))
    document = data.draw(st.sampled_from(documents))
    *way, last = data.draw(st.sampled_from(sorted(places(document), key=str)))
    node = document
    for step in way:
        node = node[step]
    node[last] = copy.deepcopy(data.draw(st.sampled_from(ODD)))

    told = faults(plan, {**files, path: yaml.safe_dump_all(documents)})

    assert all(finding.message.isprintable() for finding in told)

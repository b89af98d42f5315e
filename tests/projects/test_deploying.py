"""Diagram and deployment files are read by the programs that they are meant for, whatever a plan says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.plans.plan import Component, Plan
from engine.projects.asking import TYPES
from engine.projects.contract import faults_of
from engine.projects.deploying.files import deployment_files
from engine.projects.deploying.yaml import Node, write
from engine.projects.diagram import diagram
from tests.conformance.peers import NODE, ROOT
from tests.projects.plans import smallest, sound, spoilt

HOSTILE = 'x"]; click part_api "javascript:alert(1)" <script>`end` #quot; | %% {{ ${{ secrets }} é \u2028 subgraph'


class Asked(NamedTuple):
    kind: str
    path: str
    text: str


def faults(asked: Sequence[Asked]) -> list[list[str]]:
    """What Mermaid, Kubernetes' schemas and the checkers of Dockerfiles and workflows say of each."""
    assert NODE.exists(), f"{NODE} is not there: run tools/node.sh, as `make test` does"
    done = subprocess.run(
        [NODE, Path(__file__).parent / "validate.mjs", ROOT / ".setup/plans"],
        input=json.dumps([each._asdict() for each in asked]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told: list[list[str]] = json.loads(done.stdout)
    return told


def documents(plan: Plan, cloud: str) -> Iterator[Asked]:
    yield Asked("mermaid", "architecture.mmd", diagram(plan))
    for path, text in deployment_files(plan, cloud).items():
        if path.endswith("Dockerfile"):
            yield Asked("dockerfile", path, text)
        elif path.startswith(".github/"):
            yield Asked("workflow", path, text)
        elif path.startswith("deploy/kubernetes/"):
            yield Asked("kubernetes", path, text)


def hostile() -> Plan:
    """A plan of strangers' words, with a page that is no static one and components that do not scale."""
    plan = sound("chat")
    for part in range(3):
        plan = spoilt(["components", part, "purpose"], HOSTILE, plan=plan)
    plan = spoilt(["stores", 0, "product"], HOSTILE * 5, plan=plan)
    plan = spoilt(["components", 2, "running", "command"], ["node", HOSTILE.replace("\u2028", ""), "1e3"], plan=plan)
    return spoilt(["components", 2, "running"], lambda running: {**running, "least": 1, "most": 1}, plan=plan)


@pytest.mark.slow
def test_what_every_type_of_project_comes_to_is_read_by_the_programs_it_is_for() -> None:
    """Mermaid's own parser, the published schemas of Kubernetes, and checkers of Dockerfiles and workflows; also for a
    plan of hostile words. That these find something is seen by documents that are wrong.
    """
    sizes = [("web-app", "small"), ("api", "large"), ("data-pipeline", "medium"), ("e-commerce", "large")]
    sizes += [("chat", "medium"), ("ml-service", "small"), ("mobile-backend", "300 rps")]
    clouds = ["aws", "gcp", "azure", "self-hosted"] * 2
    good = [
        *dict.fromkeys(
            document
            for (project_type, scale), cloud in zip(sizes, clouds, strict=False)
            for document in documents(sound(project_type, scale, cloud), cloud)
        ),
        *documents(hostile(), "gcp"),
        *documents(smallest(), "azure"),
    ]
    wrong = [
        Asked("mermaid", "", "flowchart LR\n  a --> [\n"),
        Asked("mermaid", "", "pie\n"),
        Asked("dockerfile", "", "FRUM scratch\n"),
        Asked("workflow", ".github/workflows/a.yaml", "on: push\njobs:\n  a:\n    steps: []\n"),
        Asked("kubernetes", "", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: many}\n"),
    ]

    told = faults([*good, *wrong])

    assert {document.path: said for document, said in zip(good, told, strict=False) if said} == {}
    assert [document.text for document, said in zip(wrong, told[len(good) :], strict=True) if not said] == []


def test_words_of_a_plan_mean_nothing_in_its_diagram() -> None:
    """Whatever could act stands as the number of its character."""
    text = diagram(hostile())

    assert "click part" not in re.sub(r"#[0-9]+;", "", text.replace("click part#95;api", ""))
    assert "<script" not in text
    assert "javascript:" not in text
    assert "x#34;#93;#59; click" in text


@pytest.mark.parametrize("project_type", ["web-app", "data-pipeline", "e-commerce", "chat"])
def test_the_compose_file_has_every_part_and_asks_for_every_password(project_type: str) -> None:
    """Each component builds its own folder and waits for its stores, each store has a volume and a check, and no secret
    stands in it.
    """
    plan = sound(project_type)
    files = deployment_files(plan, "aws")

    whole = yaml.safe_load(files["compose.yaml"])

    services = whole["services"]
    assert set(services) == {part.name for part in (*plan.components, *plan.stores)}
    for component in plan.components:
        service = services[component.name]
        assert f"{service['build']['context']}/Dockerfile" in files
        assert set(service.get("depends_on", {})) == {*component.stores, *called_by_a_page(plan, component)}
        assert ("profiles" in service) == (component.kind == "job")
        assert len(service["environment"]) == len(component.stores) + len(component.calls)
    for store in plan.stores:
        assert services[store.name]["volumes"][0].split(":")[0] in whole["volumes"]
        assert services[store.name]["healthcheck"]["test"][0] == "CMD"
    published = [port.rsplit(":", 1)[0] for service in services.values() for port in service.get("ports", ())]
    assert len(published) == len(set(published))
    assert all(port.startswith("127.0.0.1:") for port in published)
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", files["compose.yaml"]))
    assert asked == {line.strip("=") for line in files[".env.example"].splitlines() if not line.startswith("#")}


def test_a_plan_without_stores_or_anything_to_reach_has_no_more_files_than_it_needs() -> None:
    """One job: no volume, no service, no ingress; and it holds together."""
    files = deployment_files(smallest(), "azure")

    assert faults_of(smallest()) == ()
    assert set(yaml.safe_load(files["compose.yaml"])) == {"services"}
    assert {Path(path).name for path in files if path.startswith("deploy/")} == {
        "namespace.yaml",
        "nightly-component.yaml",
        "kustomization.yaml",
    }
    assert "stores" not in diagram(smallest())


def test_manifests_give_a_component_no_more_than_it_needs() -> None:
    """No root, nothing writable but scratch, no way out but to what the plan names; and each is in the kustomization."""
    files = deployment_files(sound("data-pipeline"), "self-hosted")
    objects = {
        (each["kind"], each["metadata"]["name"]): each
        for path, text in files.items()
        if path.startswith("deploy/") and not path.endswith("kustomization.yaml")
        for each in yaml.safe_load_all(text)
    }

    job = objects["CronJob", "reconciler"]["spec"]
    assert job["schedule"] == "15 2 * * *"
    pods = [job["jobTemplate"]["spec"]["template"]["spec"]]
    pods += [each["spec"]["template"]["spec"] for (kind, _), each in objects.items() if kind == "Deployment"]
    assert len(pods) == 3
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
        assert pod["automountServiceAccountToken"] is False
    out = objects["NetworkPolicy", "shaper"]["spec"]
    assert out["ingress"] == []
    assert {port["port"] for rule in out["egress"] for port in rule["ports"]} == {53, 443, 5_672, 8_333, 8_123}
    listed = yaml.safe_load(files["deploy/kubernetes/kustomization.yaml"])["resources"]
    assert {f"deploy/kubernetes/{name}" for name in listed} | {"deploy/kubernetes/kustomization.yaml"} == {
        path for path in files if path.startswith("deploy/")
    }


SCALARS = st.one_of(
    st.booleans(),
    st.integers(min_value=-(10**12), max_value=10**12),
    st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=20),
    st.sampled_from("yes no on 1e3 0x10 1_000 12:30 2026-01-01 null ~ - a:b #x {a} [b] *c &d !e true .5 =".split()),
)
NODES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcyn10-:", min_size=1, max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(node=NODES)
@settings(max_examples=150, deadline=None)
def test_yaml_reads_back_as_what_was_written(node: Node) -> None:
    """By a reader of YAML 1.1, to which more texts mean something than to one of 1.2."""
    assert yaml.safe_load(write({"a": node})) == {"a": node}
    assert list(yaml.safe_load_all(write({"a": node}, ["b"]))) == [{"a": node}, ["b"]]


def test_stores_run_in_the_cluster_where_there_is_no_cloud_to_run_them() -> None:
    """As nobody in particular, with a volume and the secret of their name, and reached by those alone that use them."""
    plan = sound("chat", cloud="self-hosted")
    files = deployment_files(plan, "self-hosted")
    elsewhere = deployment_files(sound("chat"), "aws")

    assert not [path for path in elsewhere if path.endswith("-store.yaml")]
    assert {f"deploy/kubernetes/{store.name}-store.yaml" for store in plan.stores} <= set(files)
    stateful, service, network = yaml.safe_load_all(files["deploy/kubernetes/database-store.yaml"])
    pod = stateful["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["image"] == "postgres:17"
    password = {"secretKeyRef": {"name": "database", "key": "password"}}
    assert {"name": "POSTGRES_PASSWORD", "valueFrom": password} in container["env"]
    assert stateful["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"].endswith("Gi")
    assert service["spec"]["ports"][0]["port"] == 5_432
    users = [each["podSelector"]["matchLabels"] for each in network["spec"]["ingress"][0]["from"]]
    assert users == [{"app.kubernetes.io/name": name} for name in ("api", "realtime")]


@pytest.mark.parametrize("cloud", ["aws", "self-hosted"])
def test_a_store_that_is_a_file_has_a_disk_and_no_server(cloud: str) -> None:
    """By compose and in a cluster, of any cloud: mounted where the image has a folder of the right user, for one instance
    that is ended before the next one begins.
    """
    plan = sound("web-app", "small", cloud)
    files = deployment_files(plan, cloud)

    whole = yaml.safe_load(files["compose.yaml"])
    assert "database" not in whole["services"]
    assert whole["services"]["api"]["volumes"] == ["database-data:/data"]
    assert whole["services"]["api"]["environment"]["DATABASE_URL"] == "sqlite:////data/database.db"
    assert "database-data" in whole["volumes"]
    assert "volumes" not in whole["services"]["notifier"]
    assert "DATABASE_PASSWORD" not in files[".env.example"]
    assert "RUN mkdir /data && chown 10001:10001 /data\nUSER 10001\n" in files["services/api/Dockerfile"]
    assert "/data" not in files["services/notifier/Dockerfile"]

    (claim,) = yaml.safe_load_all(files["deploy/kubernetes/database-store.yaml"])
    deployment, *others = yaml.safe_load_all(files["deploy/kubernetes/api-component.yaml"])
    pod = deployment["spec"]["template"]["spec"]
    assert (claim["kind"], claim["metadata"]["name"]) == ("PersistentVolumeClaim", "database-data")
    assert claim["spec"]["resources"]["requests"]["storage"] == "3Gi"
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
    assert {"name": "database-data", "persistentVolumeClaim": {"claimName": "database-data"}} in pod["volumes"]
    assert {"name": "database-data", "mountPath": "/data"} in pod["containers"][0]["volumeMounts"]
    assert {"name": "DATABASE_URL", "value": "sqlite:////data/database.db"} in pod["containers"][0]["env"]
    assert pod["securityContext"]["fsGroup"] == 10_001
    assert [each["kind"] for each in others] == ["Service", "NetworkPolicy"]
    assert "database-store.yaml" in files["deploy/kubernetes/kustomization.yaml"]


def test_the_picture_shows_a_file_as_its_component_s_own() -> None:
    """With what it lies on; and the page names its engine and its backup."""
    plan = sound("web-app", "small")

    assert 'part_api -->|"a file on its disk"| part_database' in diagram(plan)
    assert "SQLite on an Amazon EBS volume" in diagram(plan)
    assert "part_api --> part_queue" in diagram(plan)
    assert not any("part_notifier" in line and "part_database" in line for line in diagram(plan).splitlines())


def called_by_a_page(plan: Plan, component: Component) -> set[str]:
    """Whom the web server of a page has to find when it starts."""
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    return {owners[call] for call in component.calls} if component.running.runtime == "static" else set()


@pytest.mark.parametrize("project_type", TYPES)
def test_a_page_passes_on_what_it_asks_of_interfaces_and_nothing_else(project_type: str) -> None:
    """Its image has the template, its cluster a place to fill it, and each beginning of a path an address."""
    plan = sound(project_type)
    files = deployment_files(plan, "self-hosted")
    for page in plan.components:
        template = files.get(f"services/{page.name}/default.conf.template")
        if page.running.runtime != "static" or not page.calls:
            assert template is None
            continue

        paths = [
            path.partition("{")[0]
            for interface in plan.interfaces
            if interface.name in page.calls
            for path in json.loads(interface.document)["paths"]
            if not path.endswith("/health")
        ]
        assert template is not None
        assert {line.split()[1] for line in template.splitlines() if "location" in line} == {"/", *paths}
        for call in page.calls:
            assert f"proxy_pass ${{{call.upper().replace('-', '_')}_URL}};" in template
        assert "COPY default.conf.template /etc/nginx/templates/" in files[f"services/{page.name}/Dockerfile"]
        assert "/etc/nginx/conf.d" in files[f"deploy/kubernetes/{page.name}-component.yaml"]

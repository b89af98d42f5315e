"""What is wrong with the Kubernetes manifests of a project: each by its type, all against each other and the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agents.plans.plan import Plan
from engine.dependencies.tables import below, items, table, text
from engine.domain import Finding
from engine.projects.deploying.kubernetes import FOLDER
from engine.projects.shipping.kinds import misfits
from engine.projects.shipping.objects import (
    KUSTOMIZATION,
    WORKLOADS,
    Cluster,
    Object,
    manifests_of,
    objects_of,
    selector_of,
)
from engine.projects.shipping.pods import faults_of_component, faults_of_pods
from engine.projects.shipping.reading import Document, read
from engine.projects.shipping.wrong import listed, wrong

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_MOST = 8
"""Faults of one object's types that are told."""
_KUSTOMIZE = frozenset(
    """apiVersion kind metadata resources namespace namePrefix nameSuffix images labels commonLabels commonAnnotations
    configMapGenerator secretGenerator generatorOptions patches replicas components""".split()
)


def faults_of_kubernetes(plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    if not manifests_of(files):
        yield wrong(FOLDER, None, "kubernetes/missing", f"there are no manifests in {FOLDER}")
        return
    cluster, unread = objects_of(files)
    yield from unread
    yield from _kustomization(files)
    seen: dict[tuple[str, str], Object] = {}
    for each in cluster.objects:
        yield from _object(each, cluster)
        key = (each.kind, each.name)
        if key in seen:
            yield each.wrong(
                "twice", f"there is another {each.kind} {each.name} in {seen[key].document.path}", "metadata"
            )
        seen[key] = each
    for workload in cluster.of(*WORKLOADS):
        yield from _own_selector(workload)
        yield from faults_of_pods(workload, cluster, plan)
    yield from _references(cluster)
    yield from _components(plan, cluster)


def _object(each: Object, cluster: Cluster) -> Iterator[Finding]:
    for misfit in list(misfits(each.api, each.kind, each.document.value))[:_MOST]:
        yield each.wrong("schema", f"{each.kind} {each.name}: {misfit.why}", *misfit.steps)
    if not _NAME.fullmatch(each.name):
        yield each.wrong(
            "name",
            f"{each.kind} {each.name!r}: metadata.name has to be lower-case words with hyphens",
            "metadata",
            "name",
        )
    namespace = text(below(each.value, "metadata").get("namespace"))
    if namespace and namespace != "default" and cluster.named("Namespace", namespace) is None:
        yield each.wrong("reference", f"there is no Namespace {namespace}", "metadata", "namespace")
    if each.kind == "Secret" and (table(each.value.get("data")) or table(each.value.get("stringData"))):
        message = f"the Secret {each.name} stands in the project with its values: make it with kubectl create secret"
        yield each.wrong("secret", message, "data" if "data" in each.value else "stringData")


def _own_selector(workload: Object) -> Iterator[Finding]:
    if workload.kind in {"Job", "CronJob"}:
        return
    selector = selector_of(workload.spec.get("selector"))
    if not selector.items() <= workload.labels.items():
        message = (
            f"{workload.kind} {workload.name} selects {_shown(selector)}, and its pods have {_shown(workload.labels)}"
        )
        yield workload.wrong("selector", message, "spec", "selector")


def _references(cluster: Cluster) -> Iterator[Finding]:
    for service in cluster.of("Service"):
        yield from _service(service, cluster)
    for ingress in cluster.of("Ingress"):
        yield from _ingress(ingress, cluster)
    for scaler in cluster.of("HorizontalPodAutoscaler"):
        target = below(scaler.spec, "scaleTargetRef")
        if cluster.named(text(target.get("kind")), text(target.get("name"))) is None:
            message = f"{scaler.name} scales the {target.get('kind')} {target.get('name')}, which there is not"
            yield scaler.wrong("reference", message, "spec", "scaleTargetRef")
    for kind, key in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        for each in cluster.of(kind):
            selector = selector_of(each.spec.get(key))
            if selector and not cluster.selected(selector):
                message = f"{kind} {each.name} selects {_shown(selector)}, which no pod has"
                yield each.wrong("selector", message, "spec", key)


def _service(service: Object, cluster: Cluster) -> Iterator[Finding]:
    selector = selector_of(service.spec.get("selector"))
    chosen = cluster.selected(selector)
    if not chosen:
        message = f"Service {service.name} selects {_shown(selector)}, which no pod has"
        yield service.wrong("selector", message, "spec", "selector")
        return
    # a list: nothing says that what stands there is a number or a text
    open_ = [
        each.get(key)
        for _, container in chosen[0].containers
        for each in map(table, items(container.get("ports")))
        for key in ("name", "containerPort")
    ]
    for index, port in enumerate(map(table, items(service.spec.get("ports")))):
        target = port.get("targetPort", port.get("port"))
        if target not in open_:
            message = f"Service {service.name} sends to port {target}, which no container of {chosen[0].name} has"
            yield service.wrong("port", message, "spec", "ports", index)


def _ingress(ingress: Object, cluster: Cluster) -> Iterator[Finding]:
    for index, rule in enumerate(items(ingress.spec.get("rules"))):
        for at, path in enumerate(items(below(rule, "http").get("paths"))):
            backend = below(path, "backend", "service")
            name, port = text(backend.get("name")), table(backend.get("port"))
            steps = ("spec", "rules", index, "http", "paths", at, "backend")
            service = cluster.named("Service", name)
            if service is None:
                yield ingress.wrong("reference", f"the ingress sends to the Service {name}, which there is not", *steps)
                continue
            ports = [table(each) for each in items(service.spec.get("ports"))]
            if not any(
                port.get("number") == each.get("port") or (port.get("name") and port.get("name") == each.get("name"))
                for each in ports
            ):
                message = f"the ingress sends to a port that the Service {name} does not have"
                yield ingress.wrong("port", message, *steps)


def _components(plan: Plan, cluster: Cluster) -> Iterator[Finding]:
    for component in plan.components:
        kinds = ("CronJob",) if component.kind == "job" else ("Deployment", "StatefulSet")
        workload = next((each for kind in kinds if (each := cluster.named(kind, component.name))), None)
        if workload is None:
            message = f"there is no {kinds[0]} {component.name}, by which the component runs"
            yield wrong(f"{FOLDER}/{component.name}-component.yaml", None, "kubernetes/missing", message)
            continue
        yield from faults_of_component(component, workload, cluster, plan)
        if component.running.port is not None and cluster.named("Service", component.name) is None:
            yield workload.wrong(
                "missing", f"nobody reaches {component.name}: there is no Service of that name", "metadata", "name"
            )


def _kustomization(files: Mapping[str, str]) -> Iterator[Finding]:
    if KUSTOMIZATION not in files:
        yield wrong(
            KUSTOMIZATION, None, "kubernetes/missing", f"there is no {KUSTOMIZATION}, which lists the manifests"
        )
        return
    reading = read(KUSTOMIZATION, files[KUSTOMIZATION])
    yield from reading.faults
    for document in reading.documents[:1]:
        yield from _kustomized(document, files)


def _kustomized(document: Document, files: Mapping[str, str]) -> Iterator[Finding]:
    whole = table(document.value)
    for key in whole:
        if key not in _KUSTOMIZE:
            message = f"a Kustomization has no {key}; it has {listed(_KUSTOMIZE, 40)}"
            yield wrong(document.path, document.line(key), "kubernetes/schema", message)
    if text(whole.get("kind")) != "Kustomization":
        yield wrong(document.path, document.line("kind"), "kubernetes/schema", "its kind is Kustomization")
    listed_ = [str(each) for each in items(whole.get("resources"))]
    for index, name in enumerate(listed_):
        if f"{FOLDER}/{name}" not in files:
            message = f"there is no {FOLDER}/{name}"
            yield wrong(document.path, document.line("resources", index), "kubernetes/reference", message)
    for path in manifests_of(files):
        if path.removeprefix(f"{FOLDER}/") not in listed_:
            message = f"{path} is not among the resources: it would never be applied"
            yield wrong(document.path, document.line("resources"), "kubernetes/reference", message)


def _shown(labels: Mapping[str, str]) -> str:
    return listed(f"{name}={value}" for name, value in labels.items())

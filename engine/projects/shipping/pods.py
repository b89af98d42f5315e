"""What is wrong with the pods of a component, by the plan and by what a pod should not be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agents.plans.plan import Component, Plan
from engine.dependencies.tables import Table, below, items, table, text
from engine.domain import Finding
from engine.projects.deploying.disks import served
from engine.projects.shipping.bases import reference
from engine.projects.shipping.claims import faults_of_claim
from engine.projects.shipping.needs import needed_variables
from engine.projects.shipping.objects import Cluster, Object
from engine.projects.shipping.secret import is_secret

_SHARED = ("hostNetwork", "hostPID", "hostIPC")
_PROBES = ("readinessProbe", "livenessProbe")


def faults_of_pods(workload: Object, cluster: Cluster, plan: Plan) -> Iterator[Finding]:
    """Of any workload."""
    steps = (*workload.template[0], "spec")
    pod = workload.pod
    for key in _SHARED:
        if pod.get(key) is True:
            yield workload.wrong("privilege", f"{workload.name} shares {key[4:].lower()} with the machine", *steps, key)
    volumes = {text(table(each).get("name")): table(each) for each in items(pod.get("volumes"))}
    for index, volume in enumerate(items(pod.get("volumes"))):
        if "hostPath" in table(volume):
            yield workload.wrong(
                "privilege", f"{workload.name} mounts a folder of the machine", *steps, "volumes", index
            )
        claim = text(below(volume, "persistentVolumeClaim").get("claimName"))
        if claim and cluster.named("PersistentVolumeClaim", claim) is None:
            yield workload.wrong("reference", f"there is no PersistentVolumeClaim {claim}", *steps, "volumes", index)
    claims = {text(below(each, "metadata").get("name")) for each in items(workload.spec.get("volumeClaimTemplates"))}
    for where, container in workload.containers:
        yield from _privileges(workload, where, container)
        yield from _image(workload, where, container)
        yield from _amounts(workload, where, container)
        yield from _variables(workload, where, container, cluster, plan)
        for index, mount in enumerate(items(container.get("volumeMounts"))):
            name = text(table(mount).get("name"))
            if name not in volumes and name not in claims:
                yield workload.wrong(
                    "reference",
                    f"{workload.name} mounts {name}, which is no volume of its pod",
                    *where,
                    "volumeMounts",
                    index,
                )


def _privileges(workload: Object, where: tuple[str | int, ...], container: Table) -> Iterator[Finding]:
    own, pod = below(container, "securityContext"), below(workload.pod, "securityContext")
    name = text(container.get("name"))
    if own.get("privileged") is True:
        yield workload.wrong(
            "privilege", f"{name} is privileged, which is root on the machine", *where, "securityContext"
        )
        return
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True or own.get("runAsUser", pod.get("runAsUser")) == 0:
        message = f"{name} may run as root: set securityContext.runAsNonRoot to true, and runAsUser to another user"
        yield workload.wrong("privilege", message, *where, "securityContext")
    if own.get("allowPrivilegeEscalation") is not False:
        message = f"{name} may gain privileges: set securityContext.allowPrivilegeEscalation to false"
        yield workload.wrong("privilege", message, *where, "securityContext")
    added = items(below(own, "capabilities").get("add"))
    if added:
        message = f"{name} adds the capabilities {', '.join(map(str, added))}"
        yield workload.wrong("privilege", message, *where, "securityContext")


def _image(workload: Object, where: tuple[str | int, ...], container: Table) -> Iterator[Finding]:
    image = text(container.get("image"))
    found = reference(image)
    if found is None:
        yield workload.wrong("image", f"{image!r} is no name of an image", *where, "image")
    elif found.why_loose:
        yield workload.wrong("image", f"{image} is not pinned: {found.why_loose}", *where, "image")


def _amounts(workload: Object, where: tuple[str | int, ...], container: Table) -> Iterator[Finding]:
    resources = below(container, "resources")
    for kind, what in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
        if what not in table(resources.get(kind)):
            message = (
                f"{text(container.get('name'))} has no resources.{kind}.{what}: one pod could take a whole machine"
            )
            yield workload.wrong("resources", message, *where, "resources", kind)


def _variables(
    workload: Object, where: tuple[str | int, ...], container: Table, cluster: Cluster, plan: Plan
) -> Iterator[Finding]:
    sources: list[tuple[str, tuple[str | int, ...], Table]] = []
    secrets = {store.name for store in served(plan)} | {each.name for each in cluster.of("Secret")}
    for index, variable in enumerate(items(container.get("env"))):
        given = table(variable)
        name, value = text(given.get("name")), text(given.get("value"))
        steps = (*where, "env", index)
        if is_secret(name, value):
            message = f"{name} has its secret in the file: take it from a Secret by valueFrom.secretKeyRef"
            yield workload.wrong("secret", message, *steps)
        sources += [(name, steps, table(given.get("valueFrom")))]
    for index, source in enumerate(items(container.get("envFrom"))):
        sources += [("envFrom", (*where, "envFrom", index), table(source))]
    for name, steps, given in sources:
        secret = _named(given, "secretKeyRef", "secretRef")
        if secret and secret not in secrets:
            message = (
                f"{name} is taken from the Secret {secret}, which nobody makes: each store has one of its own name"
            )
            yield workload.wrong("reference", message, *steps)
        map_ = _named(given, "configMapKeyRef", "configMapRef")
        if map_ and cluster.named("ConfigMap", map_) is None:
            yield workload.wrong("reference", f"{name} is taken from the ConfigMap {map_}, which there is not", *steps)


def _named(given: Table, *keys: str) -> str:
    return next((name for key in keys if (name := text(table(given.get(key)).get("name")))), "")


def faults_of_component(component: Component, workload: Object, cluster: Cluster, plan: Plan) -> Iterator[Finding]:
    """Of the workload that runs *component*."""
    name, running = component.name, component.running
    mains = [(where, each) for where, each in workload.containers if "initContainers" not in where]
    if not mains:
        return
    where, container = next(((steps, each) for steps, each in mains if text(each.get("name")) == name), mains[0])
    ports = {
        port: text(table(each).get("name"))
        for each in items(container.get("ports"))
        if isinstance(port := table(each).get("containerPort"), int)
    }
    if running.port is not None and running.port not in ports:
        said = f"listens on {running.port}, and its container has no such port"
        yield workload.wrong("port", f"{name} {said}", *where, "ports")
    if running.port is None and ports:
        yield workload.wrong("port", f"{name} has a port, and the plan says that nobody calls it", *where, "ports")
    if running.health:
        yield from _probes(component, workload, where, container, ports)
    yield from _told(component, workload, where, container, plan)
    yield from faults_of_claim(component, workload, where, container, cluster=cluster, plan=plan)
    yield from _replicas(component, workload, cluster)


def _probes(
    component: Component,
    workload: Object,
    where: tuple[str | int, ...],
    container: Table,
    ports: Mapping[int, str],
) -> Iterator[Finding]:
    running = component.running
    for key in _PROBES:
        probe = below(container, key, "httpGet")
        if not probe:
            message = f"{component.name} has no {key} that asks for {running.health}"
            yield workload.wrong("probe", message, *where, key)
            continue
        if probe.get("path") != running.health:
            message = f"{key} asks for {probe.get('path')}, and the plan's health path is {running.health}"
            yield workload.wrong("probe", message, *where, key, "httpGet", "path")
        port = probe.get("port")
        if port != running.port and ports.get(running.port or 0) != port:
            message = f"{key} asks on port {port}, and {component.name} listens on {running.port}"
            yield workload.wrong("probe", message, *where, key, "httpGet", "port")


def _told(
    component: Component, workload: Object, where: tuple[str | int, ...], container: Table, plan: Plan
) -> Iterator[Finding]:
    if container.get("envFrom"):
        return
    given = {text(table(each).get("name")) for each in items(container.get("env"))}
    for variable, host, _ in needed_variables(component, plan):
        if variable not in given:
            message = f"{component.name} is not told where {host} is: set {variable}"
            yield workload.wrong("environment", message, *where, "env")


def _replicas(component: Component, workload: Object, cluster: Cluster) -> Iterator[Finding]:
    running = component.running
    scaler = next(
        (
            each
            for each in cluster.of("HorizontalPodAutoscaler")
            if below(each.spec, "scaleTargetRef").get("name") == workload.name
        ),
        None,
    )
    if component.kind == "job":
        if workload.spec.get("schedule") != running.schedule:
            message = (
                f"{component.name} runs by {workload.spec.get('schedule')!r}, and the plan says {running.schedule!r}"
            )
            yield workload.wrong("schedule", message, "spec", "schedule")
    elif scaler is not None:
        bounds = (scaler.spec.get("minReplicas", 1), scaler.spec.get("maxReplicas"))
        if bounds != (running.least, running.most):
            message = f"{component.name} has {bounds[0]} to {bounds[1]} replicas, and the plan says {running.least} to {running.most}"
            yield scaler.wrong("replicas", message, "spec", "minReplicas")
    elif running.most > running.least:
        message = f"{component.name} grows to {running.most} replicas in the plan: write a HorizontalPodAutoscaler"
        yield workload.wrong("replicas", message, "spec")
    elif workload.spec.get("replicas", 1) != running.least:
        message = f"{component.name} has {workload.spec.get('replicas', 1)} replicas, and the plan says {running.least}"
        yield workload.wrong("replicas", message, "spec", "replicas")

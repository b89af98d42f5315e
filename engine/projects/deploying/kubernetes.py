"""The Kubernetes manifests of a plan's components, and of its stores where these are no cloud's.

A component learns of a store by the secret of the store's name, whose key ``url`` holds its address; of a store that is a
file on its own disk there is nothing secret to learn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agents.plans.commission import Cloud
from agents.plans.plan import Component, Plan
from engine.projects.deploying.disks import FOLDER as DISK
from engine.projects.deploying.disks import address, files_of, is_file, served, volume
from engine.projects.deploying.dockerfile import USER
from engine.projects.deploying.engines import ENGINES, variable
from engine.projects.deploying.objects import NAMESPACE, head, labels, selector
from engine.projects.deploying.stores import claim, store_objects
from engine.projects.deploying.yaml import Node, write

FOLDER = "deploy/kubernetes"
DOMAIN = "example.com"
IMAGES = "registry.example.com/app"
"""Where images come from until ``kustomize edit set image`` says otherwise."""
VERSION = "0.1.0"
"""Of the images until then: a tag that moves would make two pods of one deployment differ."""
_CLASSES: Mapping[Cloud, str] = {
    "aws": "alb",
    "gcp": "gce",
    "azure": "webapprouting.kubernetes.azure.com",
    "self-hosted": "nginx",
}


def manifests(plan: Plan, cloud: Cloud) -> Iterator[tuple[str, str]]:
    """Paths and texts of the manifests."""
    names = ["namespace.yaml"]
    yield f"{FOLDER}/namespace.yaml", write(_namespace())
    for component in plan.components:
        names.append(f"{component.name}-component.yaml")
        yield f"{FOLDER}/{names[-1]}", write(*_of(component, plan))
    for store in plan.stores:
        if is_file(store) or cloud == "self-hosted":
            names.append(f"{store.name}-store.yaml")
            objects = [claim(store)] if is_file(store) else store_objects(store, plan)
            yield f"{FOLDER}/{names[-1]}", write(*objects)
    open_ = [component for component in plan.components if component.running.port is not None]
    if open_:
        names.append("ingress.yaml")
        yield f"{FOLDER}/ingress.yaml", write(_ingress(open_, cloud))
    whole: Node = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": [*names]}
    yield f"{FOLDER}/kustomization.yaml", write(whole)


def _of(component: Component, plan: Plan) -> Iterator[Node]:
    running = component.running
    if component.kind == "job":
        yield _cron_job(component, plan)
    else:
        yield _deployment(component, plan)
        if running.most > running.least:
            yield _scaler(component)
        if running.least > 1:
            yield _budget(component)
    if running.port is not None:
        yield _service(component)
    yield _network(component, plan)


def _namespace() -> Node:
    # The cluster itself refuses a pod here that asks for more than ours do.
    enforced: Node = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": enforced}}


def _pod(component: Component, plan: Plan, *, restart: str) -> dict[str, Node]:
    running = component.running
    written: dict[str, str] = {"scratch": "/tmp"}  # noqa: S108  # of the container
    if running.runtime == "static" and component.calls:
        written["web"] = "/etc/nginx/conf.d"  # the web server's start fills its template there
    own = files_of(component, plan)
    disks = {volume(store): DISK for store in own}
    container: dict[str, Node] = {
        "name": component.name,
        "image": f"{IMAGES}/{component.name}:{VERSION}",
        "env": _environment(component, plan),
        "resources": {
            "requests": {"cpu": f"{running.millicores}m", "memory": f"{running.memory_mib}Mi"},
            "limits": {"memory": f"{running.memory_mib}Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in (written | disks).items()],
    }
    if running.port is not None:
        container["ports"] = [{"name": "http", "containerPort": running.port}]
        check: Node = {"path": running.health, "port": "http"}
        container["readinessProbe"] = {"httpGet": check, "periodSeconds": 5}
        container["livenessProbe"] = {"httpGet": check, "periodSeconds": 10, "failureThreshold": 6}
    return {
        "restartPolicy": restart,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            # a new disk is root's, and is given to this group when it is mounted
            **({"fsGroup": USER} if own else {}),
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            *({"name": name, "emptyDir": {}} for name in written),
            *({"name": name, "persistentVolumeClaim": {"claimName": name}} for name in disks),
        ],
    }


def _environment(component: Component, plan: Plan) -> list[Node]:
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    files = {store.name: address(store) for store in files_of(component, plan)}
    told: list[Node] = [
        {"name": variable(store, "URL"), "value": files[store]}
        if store in files
        else {"name": variable(store, "URL"), "valueFrom": {"secretKeyRef": {"name": store, "key": "url"}}}
        for store in component.stores
    ]
    told += [{"name": variable(call, "URL"), "value": f"http://{owners[call]}"} for call in component.calls]
    return told


def _deployment(component: Component, plan: Plan) -> Node:
    name, running = component.name, component.running
    pod = _pod(component, plan, restart="Always")
    pod["topologySpreadConstraints"] = [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": selector(name),
        }
    ]
    spec: dict[str, Node] = {} if running.most > running.least else {"replicas": running.least}
    spec |= {
        "selector": selector(name),
        "strategy": _strategy(keeps=bool(files_of(component, plan))),
        "template": {"metadata": {"labels": labels(name)}, "spec": pod},
    }
    return head("apps/v1", "Deployment", name) | {"spec": spec}


def _strategy(*, keeps: bool) -> Node:
    if keeps:
        return {
            "type": "Recreate"
        }  # of two pods side by side, the new one would wait for the disk, or both write to it
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def _cron_job(component: Component, plan: Plan) -> Node:
    template: Node = {
        "metadata": {"labels": labels(component.name)},
        "spec": _pod(component, plan, restart="Never"),
    }
    return head("batch/v1", "CronJob", component.name) | {
        "spec": {
            "schedule": component.running.schedule,
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"backoffLimit": 2, "template": template}},
        }
    }


def _service(component: Component) -> Node:
    ports: Node = [{"name": "http", "port": 80, "targetPort": "http"}]
    return head("v1", "Service", component.name) | {
        "spec": {"selector": {"app.kubernetes.io/name": component.name}, "ports": ports}
    }


def _scaler(component: Component) -> Node:
    running = component.running
    target: Node = {"type": "Utilization", "averageUtilization": 60}
    return head("autoscaling/v2", "HorizontalPodAutoscaler", component.name) | {
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": component.name},
            "minReplicas": running.least,
            "maxReplicas": running.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        }
    }


def _budget(component: Component) -> Node:
    return head("policy/v1", "PodDisruptionBudget", component.name) | {
        "spec": {"maxUnavailable": 1, "selector": selector(component.name)}
    }


def _network(component: Component, plan: Plan) -> Node:
    """Only what the plan names: names to be looked up, its stores, what it calls, and HTTPS for a worker's or a job's
    services of others.
    """
    running = component.running
    stores = {store.name: ENGINES[store.engine].port for store in served(plan)}
    ports = {each.name: each.running.port for each in plan.components}
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    out: list[Node] = [{"ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}]
    open_ = {stores[name] for name in component.stores if name in stores} | {443}
    out.append({"ports": [{"protocol": "TCP", "port": port} for port in sorted(open_)]})
    for owner in sorted({owners[call] for call in component.calls}):
        to: list[Node] = [{"podSelector": selector(owner)}]
        out.append({"to": to, "ports": [{"protocol": "TCP", "port": ports[owner] or 80}]})
    inward: list[Node] = [] if running.port is None else [{"ports": [{"protocol": "TCP", "port": running.port}]}]
    return head("networking.k8s.io/v1", "NetworkPolicy", component.name) | {
        "spec": {
            "podSelector": selector(component.name),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": inward,
            "egress": out,
        }
    }


def _ingress(components: list[Component], cloud: Cloud) -> Node:
    hosts = {component.name: f"{component.name}.{DOMAIN}" for component in components}
    rules: list[Node] = [
        {
            "host": host,
            "http": {
                "paths": [
                    {
                        "path": "/",
                        "pathType": "Prefix",
                        "backend": {"service": {"name": name, "port": {"name": "http"}}},
                    }
                ]
            },
        }
        for name, host in hosts.items()
    ]
    tls: list[Node] = [{"hosts": [*hosts.values()], "secretName": "ingress-tls"}]  # noqa: S105, RUF100  # a name
    return head("networking.k8s.io/v1", "Ingress", "ingress") | {
        "spec": {"ingressClassName": _CLASSES[cloud], "tls": tls, "rules": rules}
    }

"""The Kubernetes manifests of a plan's stores, where there is no cloud whose services they are.

A store takes its password from the secret of its name, whose key ``password`` holds it, as ``url`` holds its address for
the components. One pod each: what is to outlive a node is an operator's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from agents.plans.plan import Plan, Store
from engine.projects.deploying.disks import volume
from engine.projects.deploying.engines import ENGINES, Local
from engine.projects.deploying.objects import head, labels, selector
from engine.projects.deploying.yaml import Node

_FIRST_SECONDS = 300
"""Within which a store has to answer for the first time: it may have to make its files."""


def store_objects(store: Store, plan: Plan) -> Iterator[Node]:
    """What runs *store*, what reaches it, and who may."""
    name, local = store.name, ENGINES[store.engine]
    yield _stateful_set(store, local)
    ports: Node = [{"name": "store", "port": local.port, "targetPort": "store"}]
    # without an address of its own: the name is that of its one pod
    yield head("v1", "Service", name) | {
        "spec": {"clusterIP": "None", "selector": {"app.kubernetes.io/name": name}, "ports": ports}
    }
    users: list[Node] = [
        {"podSelector": selector(component.name)} for component in plan.components if name in component.stores
    ]
    inward: list[Node] = [{"from": users, "ports": [{"protocol": "TCP", "port": local.port}]}]
    yield head("networking.k8s.io/v1", "NetworkPolicy", name) | {
        "spec": {
            "podSelector": selector(name),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": inward,
            "egress": [],
        }
    }


def claim(store: Store) -> Node:
    """The disk of a *store* that is a file, whoever lends it."""
    return head("v1", "PersistentVolumeClaim", volume(store)) | {"spec": _space(store)}


def _space(store: Store) -> Node:
    return {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": f"{max(1, math.ceil(store.gib))}Gi"}},
    }


def _stateful_set(store: Store, local: Local) -> Node:
    name = store.name
    claimed: Node = {"metadata": {"name": "data"}, "spec": _space(store)}
    pod: Node = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": local.user,
            "runAsGroup": local.user,
            "fsGroup": local.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(store, local)],
    }
    return head("apps/v1", "StatefulSet", name) | {
        "spec": {
            "serviceName": name,
            "replicas": 1,
            "selector": selector(name),
            "template": {"metadata": {"labels": labels(name)}, "spec": pod},
            "volumeClaimTemplates": [claimed],
        }
    }


def _container(store: Store, local: Local) -> Node:
    check: Node = {"command": [*local.healthy]}
    container: dict[str, Node] = {
        "name": store.name,
        "image": local.image,
        "env": [_variable(store, name, value) for name, value in local.environment.items()],
        "ports": [{"name": "store", "containerPort": local.port}],
        "resources": {
            "requests": {"cpu": "250m", "memory": f"{local.memory_mib}Mi"},
            "limits": {"memory": f"{local.memory_mib}Mi"},
        },
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        # below the volume's own root, which may hold a folder lost+found that a database would not take for its own
        "volumeMounts": [{"name": "data", "mountPath": local.data, "subPath": "data"}],
        "startupProbe": {"exec": check, "periodSeconds": 5, "failureThreshold": _FIRST_SECONDS // 5},
        "readinessProbe": {"exec": check, "periodSeconds": 10, "timeoutSeconds": 5},
        "livenessProbe": {"exec": check, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6},
    }
    if local.command:
        container["args"] = [*local.command]
    return container


def _variable(store: Store, name: str, value: str) -> Node:
    if value == "{password}":
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": store.name, "key": "password"}}}
    return {"name": name, "value": value}

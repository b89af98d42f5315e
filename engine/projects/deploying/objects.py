"""What every Kubernetes object of ours begins with."""

from __future__ import annotations

from engine.projects.deploying.yaml import Node

NAMESPACE = "app"


def head(api: str, kind: str, name: str) -> dict[str, Node]:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels(name)},
    }


def labels(name: str) -> Node:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": NAMESPACE}


def selector(name: str) -> Node:
    return {"matchLabels": {"app.kubernetes.io/name": name}}

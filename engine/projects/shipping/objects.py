"""The objects of a project's Kubernetes manifests, and what others of them each one names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.dependencies.tables import Table, below, items, table, text
from engine.domain import Finding
from engine.projects.deploying.kubernetes import FOLDER
from engine.projects.shipping.reading import Document, read
from engine.projects.shipping.wrong import wrong

KUSTOMIZATION = f"{FOLDER}/kustomization.yaml"
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"})


class Object(NamedTuple):
    """One object, and where it stands."""

    document: Document
    value: Table

    @property
    def api(self) -> str:
        return text(self.value.get("apiVersion"))

    @property
    def kind(self) -> str:
        return text(self.value.get("kind"))

    @property
    def name(self) -> str:
        return text(below(self.value, "metadata").get("name"))

    @property
    def spec(self) -> Table:
        return below(self.value, "spec")

    @property
    def template(self) -> tuple[tuple[str, ...], Table]:
        """Where the pods of a workload are described, and that description."""
        steps = ("spec", "jobTemplate", "spec", "template") if self.kind == "CronJob" else ("spec", "template")
        return steps, below(self.value, *steps)

    @property
    def pod(self) -> Table:
        return below(self.template[1], "spec")

    @property
    def labels(self) -> dict[str, str]:
        """Those of its pods."""
        return {name: str(value) for name, value in below(self.template[1], "metadata", "labels").items()}

    @property
    def containers(self) -> list[tuple[tuple[str | int, ...], Table]]:
        """Each with where it stands; those that only prepare too."""
        steps = (*self.template[0], "spec")
        return [
            ((*steps, kind, index), table(each))
            for kind in ("initContainers", "containers")
            for index, each in enumerate(items(self.pod.get(kind)))
        ]

    def wrong(self, rule: str, message: str, *steps: str | int) -> Finding:
        return wrong(self.document.path, self.document.line(*steps), f"kubernetes/{rule}", message)


class Cluster(NamedTuple):
    """All objects together."""

    objects: tuple[Object, ...]

    def of(self, *kinds: str) -> Iterator[Object]:
        return (each for each in self.objects if each.kind in kinds)

    def named(self, kind: str, name: str) -> Object | None:
        return next((each for each in self.of(kind) if each.name == name), None)

    def selected(self, selector: Mapping[str, str]) -> list[Object]:
        """Workloads whose pods have all these labels; none by an empty selector."""
        chosen = selector.items()
        return [each for each in self.of(*WORKLOADS) if chosen and chosen <= each.labels.items()]


def manifests_of(files: Mapping[str, str]) -> list[str]:
    """Paths of the manifests, without kustomize's own file."""
    return sorted(
        path
        for path in files
        if path.startswith(f"{FOLDER}/") and path.endswith((".yaml", ".yml")) and path != KUSTOMIZATION
    )


def objects_of(files: Mapping[str, str]) -> tuple[Cluster, list[Finding]]:
    """All objects of the manifests, and what could not be read."""
    objects: list[Object] = []
    faults: list[Finding] = []
    for path in manifests_of(files):
        reading = read(path, files[path], old_truths=True)
        faults += reading.faults
        for document in reading.documents:
            if isinstance(document.value, dict):
                objects.append(Object(document, document.value))
            elif document.value is not None:
                faults.append(
                    wrong(path, document.line(), "kubernetes/schema", "it is no object, but a list or a text")
                )
    return Cluster(tuple(objects)), faults


def selector_of(value: object) -> dict[str, str]:
    """The labels that a selector asks for, of either form."""
    labels = table(table(value).get("matchLabels")) if "matchLabels" in table(value) else table(value)
    return {name: str(each) for name, each in labels.items() if isinstance(each, str)}

"""Whether a store that is a file keeps what it was given in a cluster: on a disk that is claimed, with one pod to write to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from agents.plans.plan import Component, Plan, Store
from engine.dependencies.tables import Table, below, items, table, text
from engine.domain import Finding
from engine.projects.deploying.disks import FOLDER, address, files_of
from engine.projects.deploying.dockerfile import USER
from engine.projects.deploying.engines import variable
from engine.projects.shipping.disks import lost, many_writers
from engine.projects.shipping.objects import WORKLOADS, Cluster, Object

_WRITABLE = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


def faults_of_claim(
    component: Component,
    workload: Object,
    where: tuple[str | int, ...],
    container: Table,
    *,
    cluster: Cluster,
    plan: Plan,
) -> Iterator[Finding]:
    """What is wrong with the disk of *component*, which *workload* runs in *container*."""
    for store in files_of(component, plan):
        yield from _writers(component, store, workload)
        given = next(
            (
                each
                for each in map(table, items(container.get("env")))
                if each.get("name") == variable(store.name, "URL")
            ),
            {},
        )
        if "value" in given and given["value"] != address(store):
            message = f"the file of {store.name} is at {address(store)}, where the disk is mounted"
            yield workload.wrong("environment", message, *where, "env")
        mount = next(
            (
                each
                for each in map(table, items(container.get("volumeMounts")))
                if posixpath.normpath(text(each.get("mountPath")) or ".") == FOLDER
            ),
            {},
        )
        claim, templated = _claim(workload, text(mount.get("name")))
        if not claim:
            message = lost(component, store, "pod", "a PersistentVolumeClaim")
            yield workload.wrong("volume", message, *where, "volumeMounts")
            continue
        if mount.get("readOnly") is True:
            yield workload.wrong(
                "volume", f"{component.name} cannot write to {FOLDER}, where {store.name} is", *where, "volumeMounts"
            )
        if not (below(workload.pod, "securityContext").get("fsGroup") or items(workload.pod.get("initContainers"))):
            message = (
                f"the disk of {store.name} is root's when it is new: set securityContext.fsGroup of the pod to {USER}"
            )
            yield workload.wrong("volume", message, *workload.template[0], "spec", "securityContext")
        if not templated:
            yield from _lent(claim, store, workload, cluster)


def _writers(component: Component, store: Store, workload: Object) -> Iterator[Finding]:
    """Whether two pods may write at once."""
    if workload.kind == "Deployment" and below(workload.spec, "strategy").get("type") != "Recreate":
        message = many_writers(component, store, "an old pod and a new one") + ": set strategy.type to Recreate"
        yield workload.wrong("strategy", message, "spec", "strategy")
    if workload.kind == "CronJob" and workload.spec.get("concurrencyPolicy") != "Forbid":
        message = many_writers(component, store, "two runs") + ": set concurrencyPolicy to Forbid"
        yield workload.wrong("strategy", message, "spec", "concurrencyPolicy")


def _claim(workload: Object, name: str) -> tuple[str, bool]:
    """The claim that the volume *name* of its pod stands for, and whether the workload makes that itself."""
    templates = {text(below(each, "metadata").get("name")) for each in items(workload.spec.get("volumeClaimTemplates"))}
    if name in templates:
        return name, True
    volumes = {text(table(each).get("name")): each for each in items(workload.pod.get("volumes"))}
    return text(below(volumes.get(name), "persistentVolumeClaim").get("claimName")), False


def _lent(claim: str, store: Store, workload: Object, cluster: Cluster) -> Iterator[Finding]:
    found = cluster.named("PersistentVolumeClaim", claim)
    modes = {str(each) for each in items(found.spec.get("accessModes"))} if found else set[str]()
    if found and not modes <= _WRITABLE:
        message = (
            f"{claim} is lent as {', '.join(sorted(modes))}: what several machines mount is a network's file system, on which "
            "SQLite's locks do not hold; take ReadWriteOnce"
        )
        yield found.wrong("volume", message, "spec", "accessModes")
    for other in cluster.of(*WORKLOADS):
        claims = {
            text(below(each, "persistentVolumeClaim").get("claimName")) for each in items(other.pod.get("volumes"))
        }
        if other.name != workload.name and claim in claims:
            message = (
                f"{other.name} mounts {claim}, which is the disk of {workload.name} alone: ask it for {store.name}"
            )
            yield other.wrong("volume", message, *other.template[0], "spec", "volumes")

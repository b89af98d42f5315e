"""A store that is a file is told wherever it would be lost, be written by two, or be shut to the one that writes."""

from __future__ import annotations

import pytest

from engine.projects.contract import dockerfile_of, faults_of
from engine.projects.deploying.files import deployment_files
from engine.projects.deploying.kubernetes import FOLDER
from engine.projects.shipping import faults
from engine.projects.shipping.compose import PATH as COMPOSE
from tests.projects.plans import smallest, sound
from tests.projects.shipping.projects import changed, project, sources

API, STORE, NOTIFIER = (f"{FOLDER}/{name}.yaml" for name in ("api-component", "database-store", "notifier-component"))
IMAGE = dockerfile_of("api")
MOUNT = '    volumes:\n      - "database-data:/data"\n'
CLAIM = "          persistentVolumeClaim:\n            claimName: database-data"
URL = 'DATABASE_URL: "sqlite:////data/database.db"'
MOUNTED = '            - name: database-data\n              mountPath: "/data"'
VOLUMES = "      volumes:\n        - name: scratch\n          emptyDir: {}"


@pytest.mark.parametrize(
    ("path", "old", "new", "rule", "words"),
    [
        pytest.param(COMPOSE, MOUNT, "", "compose/volume", "in database is lost with its container: mount a named volume at /data", id="no volume"),
        pytest.param(COMPOSE, MOUNT, '    volumes: ["/data"]\n', "compose/volume", "mount a named volume", id="volume without a name"),
        pytest.param(COMPOSE, MOUNT, '    volumes: ["./services:/data"]\n', "compose/volume", "mount a named volume", id="folder of the project"),
        pytest.param(COMPOSE, MOUNT, '    tmpfs: ["/data"]\n', "compose/volume", "mount a named volume", id="memory"),
        pytest.param(COMPOSE, MOUNT, '    volumes: ["database-data:/srv/data"]\n', "compose/volume", "at /data", id="another folder"),
        pytest.param(COMPOSE, MOUNT, '    volumes: ["database-data:/data:ro"]\n', "compose/volume", "cannot write", id="read-only"),
        pytest.param(COMPOSE, MOUNT, "    volumes: [{type: volume, source: database-data, target: /data, read_only: true}]\n", "compose/volume", "cannot write", id="read-only, long"),
        pytest.param(COMPOSE, MOUNT, f"{MOUNT}    scale: 2\n", "compose/replicas", "2 containers of api would write to the one file of database", id="scale"),
        pytest.param(COMPOSE, MOUNT, f"{MOUNT}    deploy: {{replicas: 3}}\n", "compose/replicas", "3 containers", id="replicas"),
        pytest.param(COMPOSE, URL, 'DATABASE_URL: "sqlite:///database.db"', "compose/environment", "is at sqlite:////data/database.db", id="file elsewhere"),
        pytest.param(COMPOSE, URL, 'DATABASE_URL: "${WHERE:-postgresql://database:5432/app}"', "compose/environment", "is at sqlite:////data/database.db", id="another engine"),
        pytest.param(COMPOSE, URL, 'OTHER_URL: "sqlite:////data/database.db"', "compose/environment", "set DATABASE_URL", id="not told"),
        pytest.param(COMPOSE, "  notifier:\n", '  notifier:\n    volumes: ["database-data:/data"]\n', "compose/volume", "notifier mounts database-data, which is the disk of api alone", id="another writer"),
        pytest.param(COMPOSE, "  notifier:\n", '  database:\n    image: "postgres:17"\n  notifier:\n', "compose/service", "database is SQLite, a file of the component", id="a server"),
        pytest.param(IMAGE, "RUN mkdir /data && chown 10001:10001 /data\n", "", "dockerfile/volume", "has no folder /data", id="no folder"),
        pytest.param(IMAGE, "RUN mkdir /data && chown 10001:10001 /data\n", "RUN mkdir /srv/data /database /data.d\n", "dockerfile/volume", "has no folder /data", id="other folders"),
        pytest.param(API, "replicas: 1", "replicas: 2", "kubernetes/replicas", "api has 2 replicas, and the plan says 1", id="two pods"),
        pytest.param(API, "type: Recreate", "type: RollingUpdate", "kubernetes/strategy", "set strategy.type to Recreate", id="rolling"),
        pytest.param(API, "  strategy:\n    type: Recreate\n", "", "kubernetes/strategy", "an old pod and a new one of api would write", id="rolling by default"),
        pytest.param(API, CLAIM, "          emptyDir: {}", "kubernetes/volume", "is lost with its pod: mount a PersistentVolumeClaim at /data", id="empty"),
        pytest.param(API, MOUNTED, "", "kubernetes/volume", "mount a PersistentVolumeClaim at /data", id="not mounted"),
        pytest.param(API, MOUNTED, f"{MOUNTED}\n              readOnly: true", "kubernetes/volume", "cannot write", id="mounted to read"),
        pytest.param(API, "        fsGroup: 10001\n", "", "kubernetes/volume", "set securityContext.fsGroup of the pod to 10001", id="root's disk"),
        pytest.param(API, 'value: "sqlite:////data/database.db"', 'value: "sqlite:////tmp/database.db"', "kubernetes/environment", "is at sqlite:////data/database.db", id="file on no disk"),
        pytest.param(API, '              value: "sqlite:////data/database.db"', "              valueFrom: {secretKeyRef: {name: database, key: url}}", "kubernetes/reference", "which nobody makes", id="a secret"),
        pytest.param(STORE, "ReadWriteOnce", "ReadWriteMany", "kubernetes/volume", "SQLite's locks do not hold", id="network's disk"),
        pytest.param(API, "claimName: database-data", "claimName: other-data", "kubernetes/reference", "no PersistentVolumeClaim other-data", id="no claim"),
        pytest.param(NOTIFIER, VOLUMES, f"{VOLUMES}\n        - name: x\n{CLAIM}", "kubernetes/volume", "the disk of api alone: ask it for database", id="another pod"),
    ],
)  # fmt: skip
def test_each_fault_of_a_disk_is_told_at_its_line(path: str, old: str, new: str, rule: str, words: str) -> None:
    """One thing is wrong in files that are right otherwise."""
    plan, files = project("web-app", scale="small")
    assert faults(plan, files) == ()
    files = changed(files, path, old, new)

    matching = [each for each in faults(plan, files) if each.rule == rule and words in each.message]

    assert matching, faults(plan, files)
    assert matching[0].path == path
    assert matching[0].line is not None


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(COMPOSE, MOUNT, "    volumes: [{type: volume, source: database-data, target: /data/}]\n", id="long"),
        pytest.param(COMPOSE, MOUNT, f"{MOUNT}    deploy: {{replicas: 1}}\n", id="one replica"),
        pytest.param(COMPOSE, URL, 'DATABASE_URL: "${WHERE:-sqlite:////data/database.db}"', id="default"),
        pytest.param(IMAGE, "RUN mkdir /data && chown 10001:10001 /data\n", "RUN install -d -o 10001 -g 10001 /data/\n", id="install"),
        pytest.param(STORE, "ReadWriteOnce", "ReadWriteOncePod", id="one pod"),
    ],
)  # fmt: skip
def test_another_way_to_keep_a_file_is_no_fault(path: str, old: str, new: str) -> None:
    """Long and short forms, what has the right default, another program that makes the folder."""
    plan, files = project("web-app", scale="small")

    assert faults(plan, changed(files, path, old, new)) == ()


def test_a_set_with_claims_of_its_own_keeps_a_file_as_well() -> None:
    """Its one pod is ended before another begins, whatever its strategy is called."""
    plan, files = project("web-app", scale="small")
    files = changed(files, API, "kind: Deployment", "kind: StatefulSet")
    files = changed(files, API, "  strategy:\n    type: Recreate\n", "  serviceName: api\n")
    files = changed(files, API, f"        - name: database-data\n{CLAIM}\n", "")
    template = (
        "  volumeClaimTemplates:\n    - metadata: {name: database-data}\n      spec:\n"
        "        accessModes: [ReadWriteOnce]\n        resources: {requests: {storage: 2Gi}}\n"
    )
    files = changed(files, API, "  template:\n", f"{template}  template:\n")

    assert faults(plan, files) == ()


def test_a_job_with_a_file_has_one_run_at_a_time() -> None:
    """Where the next one would begin beside it, two write."""
    store = next(each for each in sound("web-app", "small").stores if each.name == "database")
    job = smallest()
    failing = job.failures[0].model_copy(update={"part": "database"})
    plan = job.model_copy(
        update={
            "components": (job.components[0].model_copy(update={"stores": ("database",)}),),
            "stores": (store,),
            "failures": (*job.failures, failing),
        }
    )
    files = {**sources(plan), **deployment_files(plan, "aws"), "services/nightly/nightly.py": "pass\n"}
    path = f"{FOLDER}/nightly-component.yaml"
    beside = changed(files, path, "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow")

    assert faults_of(plan) == ()
    assert faults(plan, files) == ()
    assert [each.rule for each in faults(plan, beside)] == ["kubernetes/strategy"]
    assert "two runs of nightly would write to the one file of database" in faults(plan, beside)[0].message


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(COMPOSE, MOUNT, f"{MOUNT}    scale: \"\u00b2\"\n    deploy: [1]\n", id="no number"),
        pytest.param(COMPOSE, MOUNT, "    volumes: [1, [2], {type: volume, source: [3], target: 4}]\n", id="no volumes"),
        pytest.param(NOTIFIER, VOLUMES, f"{VOLUMES}\n        - {{name: x, persistentVolumeClaim: {{claimName: [1]}}}}", id="no claim"),
        pytest.param(STORE, "accessModes:\n    - ReadWriteOnce", "accessModes: [[1], {a: 2}]", id="no modes"),
        pytest.param(API, MOUNTED, "            - [1]\n            - {name: [2], mountPath: {a: 3}}", id="no mounts"),
        pytest.param(IMAGE, "RUN mkdir /data", "RUN [", id="no list"),
    ],
)  # fmt: skip
def test_what_has_another_shape_is_told_and_raises_nothing(path: str, old: str, new: str) -> None:
    """Whoever wrote it."""
    plan, files = project("web-app", scale="small")

    assert faults(plan, changed(files, path, old, new)) != ()

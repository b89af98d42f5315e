"""Every fault of the Kubernetes manifests is told at its line: by the API's own types, and against each other and the plan."""

from __future__ import annotations

import pytest

from engine.projects.deploying.kubernetes import FOLDER
from engine.projects.shipping.kinds import misfits
from engine.projects.shipping.kubernetes import faults_of_kubernetes
from engine.projects.shipping.objects import KUSTOMIZATION
from tests.projects.shipping.projects import changed, project

API = f"{FOLDER}/api-component.yaml"
WEB = f"{FOLDER}/web-component.yaml"
INGRESS = f"{FOLDER}/ingress.yaml"
JOB = f"{FOLDER}/reconciler-component.yaml"


@pytest.mark.parametrize(
    ("path", "old", "new", "rule", "place", "words"),
    [
        pytest.param(API, "apps/v1", "apps/v2", "schema", "apiVersion", "'apps/v2' is unknown", id="api"),
        pytest.param(API, "kind: Deployment", "kind: Deploymend", "schema", "kind", "no kind 'Deploymend'", id="kind"),
        pytest.param(API, "containerPort: 8000", "containerPort: \"8000\"", "schema", "containerPort", "a whole number", id="number as text"),
        pytest.param(API, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: \"true\"", "schema", "readOnlyRoot", "true or false", id="truth as text"),
        pytest.param(API, "      containers:", "      containerz:", "schema", "containerz", "has no containerz", id="unknown field"),
        pytest.param(API, "          image: \"registry.example.com/app/api:0.1.0\"\n", "", "image", "- name: api", "no name of an image", id="no image"),
        pytest.param(API, "app.kubernetes.io/name: api", "app.kubernetes.io/name: yes", "schema", "name: yes", "put it in quotes", id="truth for a label"),
        pytest.param(API, "cpu: \"1000m\"", "cpu: \"half\"", "schema", "cpu", "a quantity", id="no quantity"),
        pytest.param(API, "restartPolicy: Always", "restartPolicy: Sometimes", "schema", "restartPolicy", "may be Always", id="unknown word"),
        pytest.param(API, "name: api\n  namespace", "name: API\n  namespace", "name", "name: API", "lower-case", id="name"),
        pytest.param(API, "namespace: app", "namespace: other", "reference", "namespace: other", "no Namespace other", id="namespace"),
        pytest.param(API, "    matchLabels:\n      app.kubernetes.io/name: api", "    matchLabels:\n      app.kubernetes.io/name: apis", "selector", "selector:", "its pods have", id="own selector"),
        pytest.param(API, "  selector:\n    app.kubernetes.io/name: api", "  selector:\n    app.kubernetes.io/name: web-api", "selector", "selector:", "Service api selects", id="service's selector"),
        pytest.param(API, "targetPort: http", "targetPort: web", "port", "name: http", "sends to port web", id="service's port"),
        pytest.param(API, "containerPort: 8000", "containerPort: 8001", "port", "ports:", "listens on 8000", id="another port"),
        pytest.param(API, "path: \"/health\"", "path: \"/up\"", "probe", "path: ", "health path is /health", id="another path"),
        pytest.param(API, "port: http", "port: 80", "probe", "port: 80", "asks on port 80", id="probe's port"),
        pytest.param(API, "livenessProbe", "startupProbe", "probe", "- name: api", "no livenessProbe", id="no probe"),
        pytest.param(API, "name: api\n  minReplicas", "name: apj\n  minReplicas", "reference", "scaleTargetRef", "scales the Deployment apj", id="scaler's target"),
        pytest.param(API, "minReplicas: ", "minReplicas: 1", "replicas", "minReplicas", "the plan says", id="replicas"),
        pytest.param(API, "runAsNonRoot: true", "runAsNonRoot: false", "privilege", "securityContext", "may run as root", id="root"),
        pytest.param(API, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "privilege", "securityContext", "may gain privileges", id="escalation"),
        pytest.param(API, "allowPrivilegeEscalation: false", "privileged: true", "privilege", "securityContext", "is privileged", id="privileged"),
        pytest.param(API, "drop:", "add:", "privilege", "securityContext", "adds the capabilities ALL", id="capability"),
        pytest.param(API, "automountServiceAccountToken: false", "hostNetwork: true", "privilege", "hostNetwork", "shares network", id="host's network"),
        pytest.param(API, "emptyDir: {}", "hostPath: {path: /}", "privilege", "- name: scratch", "a folder of the machine", id="host's folder"),
        pytest.param(API, "emptyDir: {}", "persistentVolumeClaim: {claimName: x}", "reference", "- name: scratch", "no PersistentVolumeClaim x", id="claim"),
        pytest.param(API, "        - name: scratch\n          emptyDir", "        - name: other\n          emptyDir", "reference", "- name: scratch", "no volume of its pod", id="unmounted"),
        pytest.param(API, "app/api:0.1.0", "app/api:latest", "image", "image:", "not pinned", id="moving image"),
        pytest.param(API, "limits:", "limit:", "resources", "resources:", "no resources.limits.memory", id="no limit"),
        pytest.param(API, "name: database\n", "name: databaze\n", "reference", "- name: DATABASE_URL", "nobody makes", id="secret's name"),
        pytest.param(API, "name: DATABASE_URL", "name: DB_URL", "environment", "env:", "set DATABASE_URL", id="not told"),
        pytest.param(API, "          env:\n", "          env:\n            - name: API_TOKEN\n              value: abc\n", "secret", "- name: API_TOKEN", "has its secret in the file", id="literal secret"),
        pytest.param(API, "          env:\n", "          envFrom:\n            - configMapRef: {name: x}\n          env:\n", "reference", "- configMapRef", "the ConfigMap x", id="map"),
        pytest.param(API, "---\n", "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n---\n", "secret", "stringData", "stands in the project", id="secret object"),
        pytest.param(API, "---\n", "---\n- a\n---\n", "schema", "- a", "no object", id="list"),
        pytest.param(WEB, "name: web\n  namespace", "name: api\n  namespace", "twice", "metadata", "another Deployment api", id="twice"),
        pytest.param(INGRESS, "name: web\n", "name: www\n", "reference", "backend", "the Service www", id="ingress's service"),
        pytest.param(INGRESS, "name: http\n", "name: https\n", "port", "backend", "does not have", id="ingress's port"),
        pytest.param(INGRESS, "pathType: Prefix", "pathType: Start", "schema", "pathType", "may be", id="kind of path"),
        pytest.param(KUSTOMIZATION, "- ingress.yaml", "- ingres.yaml", "reference", "- ingres.yaml", "there is no", id="lists nothing"),
        pytest.param(KUSTOMIZATION, "  - ingress.yaml\n", "", "reference", "resources", "never be applied", id="not listed"),
        pytest.param(KUSTOMIZATION, "resources:", "resource: 1\nresources:", "schema", "resource:", "has no resource", id="kustomize's key"),
        pytest.param(KUSTOMIZATION, "kind: Kustomization", "kind: Kustom", "schema", "kind", "kind is Kustomization", id="kustomize's kind"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_line(path: str, old: str, new: str, rule: str, place: str, words: str) -> None:
    """One thing is wrong in manifests that are right otherwise."""
    plan, files = project()
    files = changed(files, path, old, new)

    findings = [*faults_of_kubernetes(plan, files)]

    matching = [each for each in findings if each.rule == f"kubernetes/{rule}" and words in each.message]
    assert matching, findings
    assert matching[0].path == path
    assert matching[0].line is not None
    assert place in files[path].splitlines()[matching[0].line - 1]


def test_a_job_runs_by_the_plan_s_schedule() -> None:
    """A CronJob has its pods one map deeper."""
    plan, files = project("data-pipeline")
    assert [*faults_of_kubernetes(plan, files)] == []

    late = changed(files, JOB, "15 2 * * *", "15 3 * * *")
    often = changed(files, JOB, "concurrencyPolicy: Forbid", "concurrencyPolicy: Never")
    as_root = changed(files, JOB, "runAsNonRoot: true", "runAsNonRoot: false")

    assert "the plan says '15 2 * * *'" in next(faults_of_kubernetes(plan, late)).message
    assert "may be Allow, Forbid, Replace" in next(faults_of_kubernetes(plan, often)).message
    assert "may run as root" in next(faults_of_kubernetes(plan, as_root)).message


def test_what_is_missing_is_told() -> None:
    """No manifests at all, no list of them, no workload of a component, no service before it."""
    plan, files = project()
    none = {path: text for path, text in files.items() if not path.startswith(FOLDER)}
    unlisted = {path: text for path, text in files.items() if path != KUSTOMIZATION}
    without = {**files, API: files[API].replace("kind: Deployment", "kind: DaemonSet", 1)}
    alone = {**files, API: files[API].replace("kind: Service\n", "kind: Endpoints\n", 1)}

    assert [each.rule for each in faults_of_kubernetes(plan, none)] == ["kubernetes/missing"]
    assert next(each.message for each in faults_of_kubernetes(plan, unlisted)).startswith(
        "there is no deploy/kubernetes/kust"
    )
    assert any("there is no Deployment api" in each.message for each in faults_of_kubernetes(plan, without))
    assert any("nobody reaches api" in each.message for each in faults_of_kubernetes(plan, alone))


def test_replicas_without_a_scaler_are_the_plan_s() -> None:
    """As many as the plan says at rest, and a scaler where it says that they grow."""
    plan, files = project()
    scaled = files[API]
    start = scaled.index("apiVersion: autoscaling/v2")
    end = scaled.index("---\n", start) + len("---\n")
    files[API] = scaled[:start] + scaled[end:]

    assert next(each.message for each in faults_of_kubernetes(plan, files)).endswith("write a HorizontalPodAutoscaler")


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "kind: 1",
        "kind: Deployment\napiVersion: apps/v1\nspec: []",
        "a: [",
        "kind: v1\napiVersion: {}",
        "apiVersion: v1\nkind: dataclass",
        "apiVersion: v1\nkind: List",
        "apiVersion: v1\nkind: Optional",
        "apiVersion: apps/v1\nkind: TYPE_CHECKING",
    ],
)
def test_what_has_another_shape_raises_nothing(text: str) -> None:
    """Whatever stands there is told as a fault."""
    plan, files = project()
    files[API] = text

    assert [each.path for each in faults_of_kubernetes(plan, files)].count(API) >= 1


def test_what_a_field_may_leave_open_may_be_null_and_what_it_needs_may_not() -> None:
    """As the API takes it: an empty value is none."""
    good = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"ports": [{"port": 80, "name": None}]},
    }
    bad = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": None}]}}

    assert [*misfits("v1", "Service", good)] == []
    assert [each.why for each in misfits("v1", "Service", bad)] == [
        "spec.ports.0.port is 'None', and has to be a whole number",
        "spec.ports.0 lacks port",
    ]

"""Deployment files as people write them, in other styles than ours, are left alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.projects.contract import dockerfile_of
from engine.projects.shipping.compose import EXAMPLE, PATH, faults_of_compose
from engine.projects.shipping.dockerfiles import faults_of_dockerfile
from engine.projects.shipping.kubernetes import faults_of_kubernetes
from engine.projects.shipping.objects import KUSTOMIZATION
from engine.projects.shipping.workflows import faults_of_workflows
from tests.projects.shipping.projects import project

REQUIREMENTS = {"requirements.txt": "uvicorn[standard]==0.30\nfastapi\n"}
ENTRY = {"entrypoint.sh": 'exec "$@"'}
NGINX = {"nginx.conf": "server { listen 8080; }"}


@pytest.mark.parametrize(
    ("component", "beside", "text"),
    [
        pytest.param("api", REQUIREMENTS, """\
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1 \\
    PIP_NO_CACHE_DIR=1

WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --upgrade pip && \\
    pip install --no-cache-dir -r requirements.txt

COPY . .

RUN addgroup --system app && adduser --system --ingroup app app && chown -R app:app /app
USER app

EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \\
    CMD python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/health')" || exit 1

CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8000"]
""", id="one stage as its user"),
        pytest.param("api", {}, """\
# syntax=docker/dockerfile:1.7
FROM python:3.13-slim AS builder
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY pyproject.toml ./
COPY api ./api
RUN pip install --upgrade pip setuptools wheel && pip install .

FROM python:3.13-slim AS runtime
RUN useradd -r -u 1001 -g root appuser
COPY --from=builder --chown=appuser:root /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH" PORT=8000
WORKDIR /app
COPY --chown=appuser:root . .
USER appuser
EXPOSE ${PORT}
ENTRYPOINT ["uvicorn"]
CMD ["api.main:app", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
""", id="an environment of its own"),
        pytest.param("api", REQUIREMENTS, """\
FROM python:3.13-alpine
WORKDIR /app
RUN apk add --no-cache curl && addgroup -S app && adduser -S app -G app
COPY requirements.txt pyproject.toml ./
RUN pip install -r requirements.txt
COPY api/ ./api/
USER app:app
EXPOSE 8000
CMD ["fastapi", "run", "api/main.py", "--port", "8000"]
""", id="alpine"),
        pytest.param("api", {}, """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir .
RUN useradd -m app
USER app
EXPOSE 8000
CMD ["sh", "-c", "uvicorn api.main:app --host 0.0.0.0 --port ${PORT:-8000}"]
""", id="a shell that fills in the port"),
        pytest.param("api", ENTRY, """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
COPY entrypoint.sh /entrypoint.sh
RUN chmod +x /entrypoint.sh && pip install --no-cache-dir .
USER nobody
EXPOSE 8000
ENTRYPOINT ["/entrypoint.sh"]
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8000"]
""", id="an entry point"),
        pytest.param("realtime", {}, """\
FROM node:22-alpine AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM deps AS build
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-alpine AS runner
WORKDIR /app
ENV NODE_ENV=production PORT=8000
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
RUN addgroup -g 1001 -S nodejs && adduser -S nodeapp -u 1001
USER nodeapp
EXPOSE 8000
CMD ["node", "dist/main.js"]
""", id="TypeScript in three stages"),
        pytest.param("web", NGINX, """\
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
ARG VITE_API_BASE=/api
ENV VITE_API_BASE=$VITE_API_BASE
RUN npm run build

FROM nginx:1.27-alpine
COPY --from=build /app/dist /usr/share/nginx/html
COPY nginx.conf /etc/nginx/conf.d/default.conf
RUN chown -R nginx:nginx /usr/share/nginx/html /var/cache/nginx
USER nginx
EXPOSE 8080
HEALTHCHECK CMD wget -qO- http://localhost:8080/health || exit 1
CMD ["nginx", "-g", "daemon off;"]
""", id="a page behind nginx"),
    ],
)  # fmt: skip
def test_a_dockerfile_of_another_style_is_left_alone(component: str, beside: Mapping[str, str], text: str) -> None:
    """Each would build, and start what its component is."""
    plan, files = project("chat")
    own = {f"services/{component}/{name}": content for name, content in beside.items()}
    part = next(each for each in plan.components if each.name == component)

    assert [*faults_of_dockerfile(part, {**files, **own, dockerfile_of(component): text})] == []


COMPOSE = """\
name: chat

x-common: &common
  restart: unless-stopped
  networks: [backend]
  logging:
    driver: json-file
    options: {max-size: "10m"}

services:
  web:
    <<: *common
    build:
      context: ./services/web
      dockerfile: Dockerfile
      args:
        VITE_X: "1"
    ports:
      - "8080:8080"
    depends_on:
      - api
      - realtime
    environment:
      - API_HTTP_URL=http://api:8000
      - REALTIME_WS_URL=http://realtime:8000
    healthcheck:
      test: ["CMD-SHELL", "wget -qO- http://localhost:8080/health || exit 1"]
      interval: 30s
  api:
    <<: *common
    build: ./services/api
    env_file: [.env]
    expose: ["8000"]
    depends_on:
      database: {condition: service_healthy}
      cache: {condition: service_healthy}
      objects: {condition: service_healthy}
    deploy:
      resources:
        limits: {cpus: "1.0", memory: 512M}
  realtime:
    <<: *common
    build: ./services/realtime
    environment:
      DATABASE_URL: postgresql://${POSTGRES_USER:-app}:${POSTGRES_PASSWORD:?err}@database:5432/app
      CACHE_URL: redis://cache:6379/0
    depends_on:
      database: {condition: service_healthy}
      cache: {condition: service_healthy}
  database:
    <<: *common
    image: postgres:17-alpine
    environment:
      POSTGRES_USER: ${POSTGRES_USER:-app}
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it}
      POSTGRES_DB: app
    volumes: ["pgdata:/var/lib/postgresql/data"]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U app"]
  cache:
    <<: *common
    image: redis:7.4-alpine
    command: ["redis-server", "--appendonly", "yes"]
    volumes: ["cache:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 5s}
  objects:
    <<: *common
    image: minio/minio:RELEASE.2025-04-22T22-12-26Z
    command: server /data
    volumes: ["objects:/data"]
    healthcheck: {test: ["CMD", "mc", "ready", "local"]}
networks:
  backend: {driver: bridge}
volumes:
  pgdata:
  cache:
  objects:
"""
WORKFLOW = """\
name: CI/CD
on:
  push:
    branches: [main]
  pull_request:
  workflow_dispatch:
    inputs:
      x: {type: string}
env:
  REGISTRY: ghcr.io
permissions:
  contents: read
jobs:
  api:
    name: API tests
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:17
        env: {POSTGRES_PASSWORD: postgres}
        ports: ["5432:5432"]
        options: >-
          --health-cmd pg_isready
    defaults: {run: {working-directory: services/api}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: '3.13', cache: pip}
      - name: Install
        run: |
          python -m pip install --upgrade pip
          pip install -e ".[test]"
          pip install pytest ruff
      - run: ruff check .
      - run: python -m pytest -q --maxfail=1
        env:
          DATABASE_URL: postgresql://postgres:postgres@localhost:5432/postgres
  node:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        service: [web, realtime]
        node: [22, 24]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: ${{ matrix.node }}
          cache: npm
          cache-dependency-path: services/${{ matrix.service }}/package-lock.json
      - run: npm ci
        working-directory: services/${{ matrix.service }}
      - run: npm run lint --if-present
        working-directory: services/${{ matrix.service }}
      - run: npm test
        working-directory: services/${{ matrix.service }}
      - run: cd services/${{ matrix.service }} && npm run build
  docker:
    needs: [api, node]
    if: github.event_name == 'push' && github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    permissions: {contents: read, packages: write}
    strategy:
      matrix:
        include:
          - {service: api, context: services/api}
          - {service: web, context: ./services/web}
    outputs:
      digest: ${{ steps.build.outputs.digest }}
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
      - uses: docker/login-action@v3
        with: {registry: "${{ env.REGISTRY }}", username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"}
      - id: meta
        uses: docker/metadata-action@v5
        with: {images: "ghcr.io/${{ github.repository }}/${{ matrix.service }}"}
      - id: build
        uses: docker/build-push-action@v6
        with:
          context: ${{ matrix.context }}
          file: ${{ matrix.context }}/Dockerfile
          push: true
          tags: ${{ steps.meta.outputs.tags }}
          cache-from: type=gha
  deploy:
    needs: docker
    runs-on: ubuntu-latest
    environment: production
    concurrency: deploy
    steps:
      - uses: actions/checkout@v4
      - uses: azure/setup-kubectl@v4
      - run: echo "${{ secrets.KUBECONFIG }}" > $HOME/.kube/config
      - run: kubectl apply -k deploy/kubernetes
      - run: |
          for s in api web; do
            kubectl rollout status "deployment/$s" --timeout=120s
          done
"""
MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: api-config, namespace: shop}
data:
  LOG_LEVEL: info
  DEBUG: "false"
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
  labels: &labels
    app: api
spec:
  replicas: 2
  revisionHistoryLimit: 3
  selector:
    matchLabels: *labels
  strategy:
    rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}
  template:
    metadata:
      labels: {app: api, version: "1"}
      annotations: {prometheus.io/scrape: "true"}
    spec:
      serviceAccountName: api
      securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: migrate
          image: registry.example.com/api:1.2.3
          command: ["python", "-m", "api.migrate"]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 64Mi}}
      containers:
        - name: api
          image: registry.example.com/api:1.2.3
          imagePullPolicy: IfNotPresent
          ports: [{containerPort: 8000, name: http, protocol: TCP}]
          envFrom: [{configMapRef: {name: api-config}}]
          env:
            - {name: DATABASE_URL, valueFrom: {secretKeyRef: {name: database, key: url}}}
            - name: POD
              valueFrom: {fieldRef: {fieldPath: metadata.name}}
          livenessProbe: {httpGet: {path: /health, port: http}, initialDelaySeconds: 5}
          readinessProbe: {httpGet: {path: /health, port: 8000}}
          startupProbe: {httpGet: {path: /health, port: 8000}, failureThreshold: 30}
          resources: {requests: {cpu: 0.1, memory: 128Mi}, limits: {cpu: "1", memory: 256Mi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: ["ALL"]}}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
          lifecycle: {preStop: {exec: {command: ["sleep", "5"]}}}
      volumes: [{name: tmp, emptyDir: {sizeLimit: 64Mi}}]
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: api}}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  type: ClusterIP
  selector: {app: api}
  ports: [{port: 80, targetPort: 8000, name: web}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 10
  maxReplicas: 30
  behavior: {scaleDown: {stabilizationWindowSeconds: 300}}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api, namespace: shop, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: api, port: {number: 80}}}
  rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {minAvailable: 50%, selector: {matchLabels: {app: api}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: x, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
"""
KUSTOMIZED = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources: [all.yaml]
configMapGenerator: [{name: more, literals: [A=b]}]
images: [{name: registry.example.com/api, newTag: 1.2.4}]
"""


def test_a_compose_file_of_another_style_is_left_alone() -> None:
    """Merged keys, long and short forms, a network, files of variables, images that speak the same."""
    plan, files = project("chat")

    assert [*faults_of_compose(plan, {**files, PATH: COMPOSE, EXAMPLE: "POSTGRES_PASSWORD=\n"})] == []


def test_a_workflow_of_another_style_is_left_alone() -> None:
    """Services, matrices with lists and with additions, outputs of steps, a deployment."""
    plan, files = project("chat")

    assert [*faults_of_workflows(plan, {**files, ".github/workflows/ci.yaml": WORKFLOW})] == []


def test_manifests_of_another_style_are_left_alone() -> None:
    """All in one file with anchors, a step before the start, configuration, rules of access."""
    plan, files = project("api")
    without = {path: text for path, text in files.items() if not path.startswith("deploy/")}
    ours = {KUSTOMIZATION: KUSTOMIZED, "deploy/kubernetes/all.yaml": MANIFESTS}

    assert [*faults_of_kubernetes(plan, {**without, **ours})] == []

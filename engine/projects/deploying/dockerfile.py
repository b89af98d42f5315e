"""The Dockerfile of a component: built in one stage, shipped in another, run by nobody in particular."""

from __future__ import annotations

import json

from agents.plans.plan import Component

PYTHON = "python:3.13-slim"
NODE = "node:22-slim"
WEB = "nginxinc/nginx-unprivileged:1.27-alpine"
WEB_PORT = 8_080
"""Where the image of the web server listens."""
USER = 10_001


def dockerfile(component: Component) -> str:
    """To be built in the component's own folder."""
    running = component.running
    match running.runtime:
        case "python":
            lines = [
                f"FROM {PYTHON} AS build",
                "WORKDIR /build",
                "COPY . .",
                "RUN pip install --no-cache-dir --prefix=/opt/app .",
                "",
                f"FROM {PYTHON}",
                f"RUN useradd --system --uid {USER} --no-create-home app",
                "COPY --from=build /opt/app /usr/local",
                "ENV PYTHONUNBUFFERED=1",
                "WORKDIR /srv",
                f"USER {USER}",
            ]
        case "node":
            lines = [
                f"FROM {NODE}",
                "ENV NODE_ENV=production",
                "WORKDIR /srv",
                "COPY package.json package-lock.json ./",
                "RUN npm ci --omit=dev",
                "COPY . .",
                f"USER {USER}",
            ]
        case "static":
            lines = [
                f"FROM {NODE} AS build",
                "WORKDIR /build",
                "COPY package.json package-lock.json ./",
                "RUN npm ci",
                "COPY . .",
                "RUN npm run build",
                "",
                f"FROM {WEB}",
                "COPY --from=build /build/dist /usr/share/nginx/html",
            ]
    if running.port is not None:
        lines.append(f"EXPOSE {running.port}")
    if running.command:
        lines.append(f"CMD {json.dumps(running.command, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"

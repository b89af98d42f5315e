"""The Dockerfile of a component: built in one stage, shipped in another, run by nobody in particular."""

from __future__ import annotations

import json

from agents.plans.plan import Component
from engine.projects.deploying.disks import FOLDER

PYTHON = "python:3.13-slim"
NODE = "node:22-slim"
WEB = "nginxinc/nginx-unprivileged:1.27-alpine"
WEB_PORT = 8_080
"""Where the image of the web server listens."""
WEB_TEMPLATE = "default.conf.template"
"""File in a page's folder by which its web server passes on what the page calls."""
USER = 10_001
BUILT = "dist"
"""The folder that ``npm run build`` makes; what a component of Node.js starts from there has to be built before."""


def dockerfile(component: Component, *, keeps: bool = False) -> str:
    """To be built in the component's own folder. Whether it *keeps* files on a disk that is mounted for it: a volume that
    is new takes its owner from the folder of the image, and would be root's without one.
    """
    running = component.running
    folder = [f"RUN mkdir {FOLDER} && chown {USER}:{USER} {FOLDER}"] if keeps else []
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
                # a module is found where it was installed, and a file only where it lies
                *(["COPY . ."] if any(word.endswith(".py") for word in running.command) else []),
                *folder,
                f"USER {USER}",
            ]
        case "node" if any(word.startswith((f"{BUILT}/", f"./{BUILT}/")) for word in running.command):
            lines = [
                *_built(),
                "",
                f"FROM {NODE}",
                "ENV NODE_ENV=production",
                "WORKDIR /srv",
                "COPY package.json package-lock.json ./",
                "RUN npm ci --omit=dev",
                f"COPY --from=build /build/{BUILT} ./{BUILT}",
                *folder,
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
                *folder,
                f"USER {USER}",
            ]
        case "static":
            lines = [
                *_built(),
                "",
                f"FROM {WEB}",
                *([f"COPY {WEB_TEMPLATE} /etc/nginx/templates/{WEB_TEMPLATE}"] if component.calls else []),
                f"COPY --from=build /build/{BUILT} /usr/share/nginx/html",
            ]
    if running.port is not None:
        lines.append(f"EXPOSE {running.port}")
    if running.command:
        lines.append(f"CMD {json.dumps(running.command, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _built() -> list[str]:
    """The stage in which `BUILT` is made."""
    return [
        f"FROM {NODE} AS build",
        "WORKDIR /build",
        "COPY package.json package-lock.json ./",
        "RUN npm ci",
        "COPY . .",
        "RUN npm run build",
    ]

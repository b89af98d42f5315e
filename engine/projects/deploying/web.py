"""What the web server of a page is told: its own files, and to pass on to each interface what the page asks of it.

The image's start fills the template from the environment, so that the same image runs by compose and in a cluster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from agents.plans.plan import Component, Plan
from engine.projects.contract import web_template_of
from engine.projects.deploying.dockerfile import WEB_PORT
from engine.projects.deploying.engines import variable

_HEAD = f"""\
server {{
    listen {WEB_PORT};
    root /usr/share/nginx/html;

    location / {{
        try_files $uri $uri/ /index.html;
    }}
"""
_PASSED_ON = """
    location {prefix} {{
        proxy_pass ${{{address}}};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
"""


def web_templates(plan: Plan) -> Iterator[tuple[str, str]]:
    """Path and text for each page that calls an interface; the others need none."""
    for component in plan.components:
        if component.running.runtime == "static" and component.calls:
            yield web_template_of(component.name), _template(plan, component)


def _template(plan: Plan, page: Component) -> str:
    passed_on = sorted(set(_passed_on(plan, page)))
    parts = (_PASSED_ON.format(prefix=prefix, address=address) for prefix, address in passed_on)
    return f"{_HEAD}{''.join(parts)}}}\n"


def _passed_on(plan: Plan, page: Component) -> Iterator[tuple[str, str]]:
    """Beginnings of paths, and the variable with the address that each is passed on to."""
    healths = {component.name: component.running.health for component in plan.components}
    for interface in plan.interfaces:
        if interface.name not in page.calls:
            continue
        for path in json.loads(interface.document).get("paths", {}):
            prefix = path.partition("{")[0]
            # each answers for its own health
            if path not in {healths[interface.owner], page.running.health} and prefix != "/":
                yield prefix, variable(interface.name, "URL")
